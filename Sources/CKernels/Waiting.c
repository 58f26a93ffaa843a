#include "EngineKernels.h"

#include <stdlib.h>
#include <unistd.h>

void motet_wait_briefly(char *const *arguments) {
#if defined(__linux__)
    if (getenv("GOMP_SPINCOUNT") || getenv("OMP_WAIT_POLICY")) return;
    // About 10 to 40 microseconds: longer than the gap between two loops of a step.
    if (setenv("GOMP_SPINCOUNT", "1000", 1) != 0) return;
    // libgomp read its environment when it was loaded, before `main`. Should this fail, the program
    // goes on as it is.
    execv("/proc/self/exe", arguments);
#else
    (void)arguments;
#endif
}
