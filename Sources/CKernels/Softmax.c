#include "EngineKernels.h"
#include "Vector.h"

typedef struct {
    const float *x, *dy;
    float *y;
    int64_t width;
} job;

MOTET_CLONES static void forward(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const int64_t width = j->width;
    for (int64_t r = begin; r < end; r++) {
        const float *x = j->x + r * width;
        float *y = j->y + r * width;
        float greatest = x[0];
        for (int64_t u = 1; u < width; u++) greatest = x[u] > greatest ? x[u] : greatest;
        float sum = 0;
        for (int64_t u = 0; u < width; u++) {
            y[u] = motet_exp(x[u] - greatest);
            sum += y[u];
        }
        const float factor = 1.0f / sum;
        for (int64_t u = 0; u < width; u++) y[u] *= factor;
    }
}

void motet_softmax(const float *x, float *y, int64_t rows, int64_t width) {
    job j = {x, 0, y, width};
    motet_parallel_for(rows, 8192 / (width + 1) + 1, forward, &j);
}

MOTET_CLONES static void backward(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const int64_t width = j->width;
    for (int64_t r = begin; r < end; r++) {
        const float *y = j->x + r * width, *dy = j->dy + r * width;
        float *dx = j->y + r * width;
        float sum = 0;
        for (int64_t u = 0; u < width; u++) sum += dy[u] * y[u];
        for (int64_t u = 0; u < width; u++) dx[u] = y[u] * (dy[u] - sum);
    }
}

void motet_softmax_gradient(
    const float *dy, const float *y, float *dx, int64_t rows, int64_t width) {
    job j = {y, dy, dx, width};
    motet_parallel_for(rows, 8192 / (width + 1) + 1, backward, &j);
}
