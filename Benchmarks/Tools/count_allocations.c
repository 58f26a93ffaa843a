// Counts heap allocations of a program it is loaded before, while counting is switched on:
// own (a frame of the program is on the stack and none of oneDNN or OpenMP above it), library
// (made inside libdnnl or libgomp), other. scripts/allocations.sh builds and uses it.
//
// MOTET_ALLOCATIONS_TRACE=N prints the stacks of the first N allocations that are not the library's, and
// MOTET_ALLOCATIONS_LIBRARY_TRACE=N those of the first N that are.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <link.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OWN, LIBRARY, OTHER, KINDS };
enum { MAXIMUM_FRAMES = 48, MAXIMUM_RANGES = 64 };

typedef struct {
    uintptr_t start, end;
    int kind;
} code_range;

static code_range ranges[MAXIMUM_RANGES];
static int range_count;
static atomic_long counts[KINDS];
static atomic_int is_on;
static atomic_int traces_left, library_traces_left;
static __thread int is_inside;

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static int note_object(struct dl_phdr_info *object, size_t size, void *context) {
    (void)size;
    (void)context;
    int kind;
    if (object->dlpi_name[0] == 0) {
        kind = OWN;
    } else if (strstr(object->dlpi_name, "libdnnl") || strstr(object->dlpi_name, "libgomp")) {
        kind = LIBRARY;
    } else {
        return 0;
    }
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &object->dlpi_phdr[i];
        if (header->p_type != PT_LOAD || !(header->p_flags & PF_X)) continue;
        if (range_count == MAXIMUM_RANGES) break;
        uintptr_t start = object->dlpi_addr + header->p_vaddr;
        ranges[range_count++] = (code_range){start, start + header->p_memsz, kind};
    }
    return 0;
}

static int kind_of(void *address) {
    for (int i = 0; i < range_count; i++) {
        if ((uintptr_t)address >= ranges[i].start && (uintptr_t)address < ranges[i].end) {
            return ranges[i].kind;
        }
    }
    return OTHER;
}

static void count(void) {
    if (!atomic_load_explicit(&is_on, memory_order_relaxed) || is_inside) return;
    is_inside = 1;
    void *frames[MAXIMUM_FRAMES];
    int depth = backtrace(frames, MAXIMUM_FRAMES);
    int kind = OTHER;
    // Frames go outwards: what stands nearest to the allocation decides.
    for (int i = 0; i < depth && kind == OTHER; i++) kind = kind_of(frames[i]);
    atomic_fetch_add(&counts[kind], 1);
    atomic_int *left = kind == LIBRARY ? &library_traces_left : &traces_left;
    if (atomic_fetch_sub(left, 1) > 0) {
        backtrace_symbols_fd(frames, depth, STDERR_FILENO);
        (void)!write(STDERR_FILENO, "\n", 1);
    }
    is_inside = 0;
}

// What the program looks up by name.
void motet_allocations_set(int on) {
    if (on && range_count == 0) {
        const char *traces = getenv("MOTET_ALLOCATIONS_TRACE");
        atomic_store(&traces_left, traces ? atoi(traces) : 0);
        traces = getenv("MOTET_ALLOCATIONS_LIBRARY_TRACE");
        atomic_store(&library_traces_left, traces ? atoi(traces) : 0);
        is_inside = 1;
        dl_iterate_phdr(note_object, NULL);
        void *frames[4];
        backtrace(frames, 4);  // loads the unwinder, which allocates
        is_inside = 0;
    }
    atomic_store(&is_on, on);
}

void motet_allocations_read(long *values) {
    for (int kind = 0; kind < KINDS; kind++) values[kind] = atomic_load(&counts[kind]);
}

void *malloc(size_t size) {
    count();
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count();
    return __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size) {
    count();
    return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    count();
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}
