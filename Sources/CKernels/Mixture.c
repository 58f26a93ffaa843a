#include "ActivationFunctions.h"
#include "EngineKernels.h"

typedef struct {
    const float *gates, *experts, *dout;
    float *out, *dgates;
    const int32_t *selection;
    const motet_mixture_users *users;
    int64_t tasks, selected, rows, width;
    int kind;
    float slope;
} job;

// Units that are summed in registers: a row of them is read once, and its sum is written once.
enum { UNITS = 128 };

MOTET_INLINE void forward_units(
    const job *j, int64_t b, int64_t k, int64_t first, int64_t count) {
    const float *gate = j->gates + (k * j->rows + b) * j->selected;
    const int32_t *selection = j->selection + k * j->selected;
    float sum[UNITS];
    for (int64_t s = 0; s < j->selected; s++) {
        const float *expert = j->experts + (selection[s] * j->rows + b) * j->width + first;
        const float g = gate[s];
        if (s == 0) {
            for (int64_t u = 0; u < count; u++) sum[u] = g * expert[u];
        } else {
            for (int64_t u = 0; u < count; u++) sum[u] += g * expert[u];
        }
    }
    float *out = j->out + (k * j->rows + b) * j->width + first;
    for (int64_t u = 0; u < count; u++) out[u] = sum[u];
}

MOTET_CLONES static void forward(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const int64_t whole = j->width / UNITS * UNITS;
    for (int64_t b = begin; b < end; b++)
        for (int64_t k = 0; k < j->tasks; k++) {
            for (int64_t first = 0; first < whole; first += UNITS)
                forward_units(j, b, k, first, UNITS);
            if (whole < j->width) forward_units(j, b, k, whole, j->width - whole);
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

// Some units of one expert's gradient in one row: the weighted sum over the gates that select it, then the
// derivative of the expert's own activation. The result may stand where the expert did, which is why it is
// read into registers first.
MOTET_INLINE void backward_units(
    const job *j, int kind, int64_t b, int64_t e, int64_t first, int64_t count) {
    const int64_t row = (e * j->rows + b) * j->width + first;
    const int32_t *user = j->users->pairs + 2 * j->users->starts[e];
    const int32_t *last = j->users->pairs + 2 * j->users->starts[e + 1];
    float expert[UNITS], sum[UNITS] = {0};
    for (int64_t u = 0; u < count; u++) expert[u] = j->experts[row + u];
    for (; user < last; user += 2) {
        const int64_t place = user[0] * j->rows + b;
        const float *dout = j->dout + place * j->width + first;
        const float g = j->gates[place * j->selected + user[1]];
        float *dgate = j->dgates + place * j->selected + user[1];
        const float part = dot(dout, expert, count);
        *dgate = first == 0 ? part : *dgate + part;
        // A gate of 0 takes nothing, not even what is not finite.
        if (g == 0) continue;
        for (int64_t u = 0; u < count; u++) sum[u] += g * dout[u];
    }
    float *dexpert = j->out + row;
    for (int64_t u = 0; u < count; u++)
        dexpert[u] = sum[u] * derivative(kind, j->slope, expert[u]);
}

MOTET_INLINE void backward_rows(const job *j, int kind, int64_t begin, int64_t end) {
    const int64_t whole = j->width / UNITS * UNITS, experts = j->users->experts;
    for (int64_t b = begin; b < end; b++)
        for (int64_t e = 0; e < experts; e++) {
            for (int64_t first = 0; first < whole; first += UNITS)
                backward_units(j, kind, b, e, first, UNITS);
            if (whole < j->width) backward_units(j, kind, b, e, whole, j->width - whole);
        }
}

MOTET_CLONES static void backward(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    switch (j->kind) {
        case KIND_RELU: backward_rows(j, KIND_RELU, begin, end); break;
        case KIND_LEAKY_RELU: backward_rows(j, KIND_LEAKY_RELU, begin, end); break;
        case KIND_SIGMOID: backward_rows(j, KIND_SIGMOID, begin, end); break;
        case KIND_TANH: backward_rows(j, KIND_TANH, begin, end); break;
        case KIND_SOFTPLUS: backward_rows(j, KIND_SOFTPLUS, begin, end); break;
        default: backward_rows(j, KIND_NONE, begin, end); break;
    }
}

void motet_mixture_gradient(
    int kind, float slope, const float *dout, const float *gates, const float *experts,
    float *dgates, float *dexperts, const motet_mixture_users *users, int64_t selected,
    int64_t rows, int64_t width) {
    job j = {.gates = gates, .experts = experts, .dout = dout, .out = dexperts, .dgates = dgates,
        .users = users, .selected = selected, .rows = rows, .width = width, .kind = kind,
        .slope = slope};
    motet_parallel_for(rows, 8192 / (width * users->experts + 1) + 1, backward, &j);
}
