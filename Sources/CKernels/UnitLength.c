#include "AttentionKernels.h"
#include "EngineKernels.h"
#include "Vector.h"

typedef struct {
    const float *x, *dy, *factor;
    float *y, *factor_out;
    int64_t width;
} job;

MOTET_CLONES static void forward(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    for (int64_t r = begin; r < end; r++) {
        const float *x = j->x + r * j->width;
        double sum = 0;
        for (int64_t u = 0; u < j->width; u++) sum += (double)x[u] * x[u];
        const double length = sqrt(sum);
        const float factor = (float)(1.0 / (length > 1e-12 ? length : 1e-12));
        j->factor_out[r] = factor;
        for (int64_t u = 0; u < j->width; u++) j->y[r * j->width + u] = x[u] * factor;
    }
}

void motet_unit_length(const float *x, float *y, float *factor, int64_t rows, int64_t width) {
    job j = {.x = x, .y = y, .factor_out = factor, .width = width};
    motet_parallel_for(rows, 4096 / (width + 1) + 1, forward, &j);
}

MOTET_CLONES static void backward(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    for (int64_t r = begin; r < end; r++) {
        const float *y = j->x + r * j->width, *dy = j->dy + r * j->width;
        double dot = 0;
        for (int64_t u = 0; u < j->width; u++) dot += (double)dy[u] * y[u];
        const float part = (float)dot;
        for (int64_t u = 0; u < j->width; u++)
            j->y[r * j->width + u] = j->factor[r] * (dy[u] - y[u] * part);
    }
}

void motet_unit_length_gradient(
    const float *dy, const float *y, const float *factor, float *dx, int64_t rows, int64_t width) {
    job j = {.x = y, .dy = dy, .factor = factor, .y = dx, .width = width};
    motet_parallel_for(rows, 4096 / (width + 1) + 1, backward, &j);
}
