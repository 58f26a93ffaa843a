#include "ActivationFunctions.h"
#include "EngineKernels.h"

typedef struct {
    int kind;
    float slope;
    const float *x, *dy;
    float *y;
} job;

#define FORWARD(KIND) \
    for (int64_t i = begin; i < end; i++) y[i] = activate(KIND, slope, x[i]); \
    break;

MOTET_CLONES static void forward(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const float *x = j->x;
    float *y = j->y;
    const float slope = j->slope;
    switch (j->kind) {
        case KIND_RELU: FORWARD(KIND_RELU)
        case KIND_LEAKY_RELU: FORWARD(KIND_LEAKY_RELU)
        case KIND_SIGMOID: FORWARD(KIND_SIGMOID)
        case KIND_TANH: FORWARD(KIND_TANH)
        case KIND_SOFTPLUS: FORWARD(KIND_SOFTPLUS)
        case KIND_GELU: FORWARD(KIND_GELU)
        case KIND_SWISH: FORWARD(KIND_SWISH)
        default: FORWARD(KIND_NONE)
    }
}

#define BACKWARD(KIND) \
    for (int64_t i = begin; i < end; i++) y[i] = dy[i] * derivative(KIND, slope, x[i]); \
    break;

MOTET_CLONES static void backward(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const float *x = j->x, *dy = j->dy;
    float *y = j->y;
    const float slope = j->slope;
    switch (j->kind) {
        case KIND_RELU: BACKWARD(KIND_RELU)
        case KIND_LEAKY_RELU: BACKWARD(KIND_LEAKY_RELU)
        case KIND_SIGMOID: BACKWARD(KIND_SIGMOID)
        case KIND_TANH: BACKWARD(KIND_TANH)
        case KIND_SOFTPLUS: BACKWARD(KIND_SOFTPLUS)
        case KIND_GELU: BACKWARD(KIND_GELU)
        case KIND_SWISH: BACKWARD(KIND_SWISH)
        default: BACKWARD(KIND_NONE)
    }
}

void motet_activation(int kind, float slope, const float *x, float *y, int64_t count) {
    job j = {kind, slope, x, 0, y};
    motet_parallel_for(count, 16384, forward, &j);
}

void motet_activation_gradient(
    int kind, float slope, const float *dy, const float *saved, float *dx, int64_t count) {
    job j = {kind, slope, saved, dy, dx};
    motet_parallel_for(count, 16384, backward, &j);
}

void motet_prelu(const float *x, const float *slope, float *y, int64_t rows, int64_t width) {
    for (int64_t r = 0; r < rows; r++)
        for (int64_t u = 0; u < width; u++) {
            const float value = x[r * width + u];
            y[r * width + u] = value > 0 ? value : slope[u] * value;
        }
}

void motet_prelu_gradient(
    const float *dy, const float *x, const float *slope, float *dx, float *dslope, int64_t rows,
    int64_t width) {
    for (int64_t u = 0; u < width; u++) dslope[u] = 0;
    for (int64_t r = 0; r < rows; r++)
        for (int64_t u = 0; u < width; u++) {
            const int64_t i = r * width + u;
            const float upstream = dy[i], value = x[i];
            dslope[u] += value > 0 ? 0 : upstream * value;
            dx[i] = value > 0 ? upstream : slope[u] * upstream;
        }
}
