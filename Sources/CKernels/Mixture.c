#include "EngineKernels.h"
#include "Vector.h"

typedef struct {
    const float *gates, *experts, *dout;
    float *out, *dgates;
    const int32_t *selection;
    int64_t tasks, selected, expert_count, rows, width;
} job;

MOTET_CLONES static void forward(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const int64_t width = j->width;
    for (int64_t b = begin; b < end; b++)
        for (int64_t k = 0; k < j->tasks; k++) {
            float *restrict out = j->out + (k * j->rows + b) * width;
            const float *gate = j->gates + (k * j->rows + b) * j->selected;
            const int32_t *selection = j->selection + k * j->selected;
            for (int64_t s = 0; s < j->selected; s++) {
                const float *restrict expert = j->experts + (selection[s] * j->rows + b) * width;
                const float g = gate[s];
                if (s == 0) {
                    for (int64_t u = 0; u < width; u++) out[u] = g * expert[u];
                } else {
                    for (int64_t u = 0; u < width; u++) out[u] += g * expert[u];
                }
            }
        }
}

void motet_mixture(
    const float *gates, const float *experts, float *out, const int32_t *selection, int64_t tasks,
    int64_t selected, int64_t rows, int64_t width) {
    job j = {.gates = gates, .experts = experts, .out = out, .selection = selection,
        .tasks = tasks, .selected = selected, .rows = rows, .width = width};
    motet_parallel_for(rows, 16384 / (width * tasks * selected + 1) + 1, forward, &j);
}

MOTET_INLINE float dot(const float *a, const float *b, int64_t n) {
    // The order of a dot product over one row is free; reassociation lets it vectorise.
#pragma clang fp reassociate(on)
    float sum = 0;
    for (int64_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

MOTET_CLONES static void backward(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const int64_t width = j->width, rows = j->rows;
    for (int64_t b = begin; b < end; b++) {
        for (int64_t e = 0; e < j->expert_count; e++)
            memset(j->out + (e * rows + b) * width, 0, (size_t)width * sizeof(float));
        for (int64_t k = 0; k < j->tasks; k++) {
            const float *restrict dout = j->dout + (k * rows + b) * width;
            const float *gate = j->gates + (k * rows + b) * j->selected;
            float *dgate = j->dgates + (k * rows + b) * j->selected;
            const int32_t *selection = j->selection + k * j->selected;
            for (int64_t s = 0; s < j->selected; s++) {
                const int64_t row = (selection[s] * rows + b) * width;
                dgate[s] = dot(dout, j->experts + row, width);
                float *restrict dexpert = j->out + row;
                const float g = gate[s];
                for (int64_t u = 0; u < width; u++) dexpert[u] += g * dout[u];
            }
        }
    }
}

void motet_mixture_gradient(
    const float *dout, const float *gates, const float *experts, float *dgates, float *dexperts,
    const int32_t *selection, int64_t tasks, int64_t selected, int64_t expert_count, int64_t rows,
    int64_t width) {
    job j = {.gates = gates, .experts = experts, .dout = dout, .out = dexperts, .dgates = dgates,
        .selection = selection, .tasks = tasks, .selected = selected,
        .expert_count = expert_count, .rows = rows, .width = width};
    motet_parallel_for(rows, 8192 / (width * tasks * selected + 1) + 1, backward, &j);
}
