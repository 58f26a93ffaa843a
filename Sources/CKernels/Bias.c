#include "ActivationFunctions.h"
#include "EngineKernels.h"

typedef struct {
    int kind;
    float slope;
    const float *x, *bias;
    float *y;
    int64_t x_stride, y_stride, width;
} job;

#define ROWS(KIND) \
    for (int64_t r = begin; r < end; r++) { \
        const float *x = j->x + r * j->x_stride; \
        float *y = j->y + r * j->y_stride; \
        if (bias) { \
            for (int64_t u = 0; u < j->width; u++) y[u] = activate(KIND, slope, x[u] + bias[u]); \
        } else { \
            for (int64_t u = 0; u < j->width; u++) y[u] = activate(KIND, slope, x[u]); \
        } \
    } \
    break;

MOTET_CLONES static void run(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const float *bias = j->bias;
    const float slope = j->slope;
    switch (j->kind) {
        case KIND_RELU: ROWS(KIND_RELU)
        case KIND_LEAKY_RELU: ROWS(KIND_LEAKY_RELU)
        case KIND_SIGMOID: ROWS(KIND_SIGMOID)
        case KIND_TANH: ROWS(KIND_TANH)
        case KIND_SOFTPLUS: ROWS(KIND_SOFTPLUS)
        case KIND_GELU: ROWS(KIND_GELU)
        case KIND_SWISH: ROWS(KIND_SWISH)
        default: ROWS(KIND_NONE)
    }
}

void motet_bias_activation(
    int kind, float slope, const float *x, int64_t x_stride, const float *bias, float *y,
    int64_t y_stride, int64_t rows, int64_t width) {
    job j = {kind, slope, x, bias, y, x_stride, y_stride, width};
    motet_parallel_for(rows, 16384 / (width + 1) + 1, run, &j);
}

typedef struct {
    const float *x;
    float *y;
    int64_t stride, rows;
} sum_job;

// Threads own columns, so each sum is taken in the order of the rows whatever the number of threads.
// Partial sums of 64 rows keep the rounding error of long columns small.
MOTET_CLONES static void sum_columns(void *context, int64_t begin, int64_t end) {
    const sum_job *j = context;
    for (int64_t first = begin; first < end; first += 64) {
        const int64_t width = end - first < 64 ? end - first : 64;
        float total[64] = {0};
        for (int64_t block = 0; block < j->rows; block += 64) {
            const int64_t stop = block + 64 < j->rows ? block + 64 : j->rows;
            float partial[64] = {0};
            if (width == 64) {
                for (int64_t r = block; r < stop; r++) {
                    const float *x = j->x + r * j->stride + first;
                    for (int64_t u = 0; u < 64; u++) partial[u] += x[u];
                }
            } else {
                for (int64_t r = block; r < stop; r++) {
                    const float *x = j->x + r * j->stride + first;
                    for (int64_t u = 0; u < width; u++) partial[u] += x[u];
                }
            }
            for (int64_t u = 0; u < width; u++) total[u] += partial[u];
        }
        for (int64_t u = 0; u < width; u++) j->y[first + u] = total[u];
    }
}

void motet_sum_rows(const float *x, int64_t x_stride, float *y, int64_t rows, int64_t width) {
    sum_job j = {x, y, x_stride, rows};
    motet_parallel_for(width, 32768 / (rows + 1) + 16, sum_columns, &j);
}
