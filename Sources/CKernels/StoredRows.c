#include "ActivationFunctions.h"
#include "EngineKernels.h"

typedef struct {
    const motet_stored_rows *rows;
    int kind;
    float slope;
} job;

// A row of the table is read from one end to the other, and the next one is asked for meanwhile.
#define ROWS(KIND) \
    for (int64_t r = begin; r < end; r++) { \
        const uint32_t id = (uint32_t)s->ids[r]; \
        const float *row = s->table + (int64_t)(id < vocabulary ? id : 0) * width; \
        if (r + 1 < end) { \
            const uint32_t next = (uint32_t)s->ids[r + 1]; \
            const float *ahead = s->table + (int64_t)(next < vocabulary ? next : 0) * width; \
            for (int64_t u = 0; u < width && u < 512; u += 16) __builtin_prefetch(ahead + u); \
        } \
        for (int64_t e = 0; e < s->slices; e++) { \
            const float *x = row + e * units; \
            float *restrict y = s->out + (e * s->rows + r) * units; \
            if (s->bias) { \
                const float *bias = s->bias + e * units; \
                for (int64_t u = 0; u < units; u++) y[u] = activate(KIND, slope, x[u] + bias[u]); \
            } else { \
                for (int64_t u = 0; u < units; u++) y[u] = activate(KIND, slope, x[u]); \
            } \
        } \
    } \
    break;

MOTET_CLONES static void run(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const motet_stored_rows *s = j->rows;
    const uint32_t vocabulary = (uint32_t)s->vocabulary;
    const int64_t units = s->units, width = s->units * s->slices;
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

void motet_stored_rows_run(const motet_stored_rows *rows, int kind, float slope) {
    job j = {rows, kind, slope};
    motet_parallel_for(rows->rows, 8192 / (rows->units * rows->slices + 1) + 1, run, &j);
}
