#include "Scan.h"

typedef struct {
    const motet_lstm *l;
    int failed;
} forward_job;

// The gates' functions and the new states of one step for rows begin ..< end.
MOTET_CLONES static void forward_step(
    const motet_lstm *l, int64_t step, int64_t begin, int64_t end) {
    const int64_t units = l->units, width = 4 * units;
    for (int64_t b = begin; b < end; b++) {
        const int64_t place = b * l->steps + step;
        const float *restrict x = l->gates + place * width;
        const float *restrict s = l->sums + b * width;
        float *restrict h = l->last_hidden + b * units;
        float *restrict c = l->last_cell + b * units;
        float *restrict y = l->activated + place * width;
        float *restrict cells = l->cells + place * units;
        memcpy(l->previous + place * units, h, (size_t)units * sizeof(float));
        if (scan_is_valid(l->mask, l->steps, b, step)) {
            for (int64_t u = 0; u < units; u++) {
                const float i = motet_sigmoid(x[u] + s[u]);
                const float f = motet_sigmoid(x[units + u] + s[units + u]);
                const float g = scan_tanh(x[2 * units + u] + s[2 * units + u]);
                const float o = motet_sigmoid(x[3 * units + u] + s[3 * units + u]);
                const float cell = f * c[u] + i * g;
                y[u] = i;
                y[units + u] = f;
                y[2 * units + u] = g;
                y[3 * units + u] = o;
                cells[u] = cell;
                c[u] = cell;
                h[u] = o * scan_tanh(cell);
            }
        } else {
            memset(y, 0, (size_t)width * sizeof(float));
            memcpy(cells, c, (size_t)units * sizeof(float));
        }
        memcpy(l->sequence + place * units, h, (size_t)units * sizeof(float));
    }
}

static void forward_rows(void *context, int64_t begin, int64_t end) {
    forward_job *j = context;
    const motet_lstm *l = j->l;
    const int64_t units = l->units, width = 4 * units;
    scan_start(l->last_hidden, l->first_hidden, begin * units, end * units);
    scan_start(l->last_cell, l->first_cell, begin * units, end * units);
    for (int64_t t = 0; t < l->steps; t++) {
        const int64_t step = l->is_reversed ? l->steps - 1 - t : t;
        if (t == 0 && !l->first_hidden) {
            memset(l->sums + begin * width, 0, (size_t)((end - begin) * width) * sizeof(float));
        } else if (scan_any_valid(l->mask, l->steps, begin, end, step)) {
            const int status = l->multiply(end - begin, width, units,
                l->last_hidden + begin * units, l->recurrent, l->sums + begin * width);
            if (status) __atomic_store_n(&j->failed, status, __ATOMIC_RELAXED);
        }
        forward_step(l, step, begin, end);
    }
}

int motet_lstm_forward(const motet_lstm *lstm) {
    forward_job j = {lstm, 0};
    motet_parallel_for(lstm->rows, SCAN_GRAIN, forward_rows, &j);
    return j.failed;
}

typedef struct {
    const motet_lstm_back *l;
    int failed;
} backward_job;

// One step back for rows begin ..< end: reads dh and dc of the state after it, writes the gates' gradients
// twice (in the sequence, and side by side for the product) and dc of the state before it. `carried` is
// the part of the next dh that does not come from the product.
MOTET_CLONES static void backward_step(
    const motet_lstm_back *l, int64_t t, int64_t begin, int64_t end) {
    const int64_t units = l->units, width = 4 * units;
    const int64_t step = l->is_reversed ? l->steps - 1 - t : t;
    const int64_t before = l->is_reversed ? step + 1 : step - 1;
    for (int64_t b = begin; b < end; b++) {
        const int64_t place = b * l->steps + step;
        const float *restrict y = l->activated + place * width;
        const float *restrict cells = l->cells + place * units;
        const float *restrict c = t > 0 ? l->cells + (b * l->steps + before) * units
            : l->first_cell             ? l->first_cell + b * units
                                        : 0;
        float *restrict dh = l->dfirst_hidden + b * units;
        float *restrict dc = l->dfirst_cell + b * units;
        float *restrict dx = l->dgates + place * width;
        float *restrict ds = l->sums + b * width;
        float *restrict carried = l->carried + b * units;
        if (l->dsequence) {
            const float *restrict arriving = l->dsequence + place * units;
            for (int64_t u = 0; u < units; u++) dh[u] += arriving[u];
        }
        if (!scan_is_valid(l->mask, l->steps, b, step)) {
            memset(dx, 0, (size_t)width * sizeof(float));
            memset(ds, 0, (size_t)width * sizeof(float));
            memcpy(carried, dh, (size_t)units * sizeof(float));
            continue;
        }
        memset(carried, 0, (size_t)units * sizeof(float));
        for (int64_t u = 0; u < units; u++) {
            const float i = y[u], f = y[units + u], g = y[2 * units + u], o = y[3 * units + u];
            const float bent = scan_tanh(cells[u]);
            const float cell = dc[u] + dh[u] * o * (1.0f - bent * bent);
            const float di = cell * g * i * (1.0f - i);
            const float df = c ? cell * c[u] * f * (1.0f - f) : 0.0f;
            const float dg = cell * i * (1.0f - g * g);
            const float output = dh[u] * bent * o * (1.0f - o);
            dc[u] = cell * f;
            dx[u] = ds[u] = di;
            dx[units + u] = ds[units + u] = df;
            dx[2 * units + u] = ds[2 * units + u] = dg;
            dx[3 * units + u] = ds[3 * units + u] = output;
        }
    }
}

MOTET_CLONES static void add_carried(const float *restrict x, float *restrict y, int64_t count) {
    for (int64_t i = 0; i < count; i++) y[i] += x[i];
}

static void backward_rows(void *context, int64_t begin, int64_t end) {
    backward_job *j = context;
    const motet_lstm_back *l = j->l;
    const int64_t units = l->units, width = 4 * units, count = (end - begin) * units;
    scan_start(l->dfirst_hidden, l->dlast_hidden, begin * units, end * units);
    scan_start(l->dfirst_cell, l->dlast_cell, begin * units, end * units);
    for (int64_t t = l->steps - 1; t >= 0; t--) {
        const int64_t step = l->is_reversed ? l->steps - 1 - t : t;
        backward_step(l, t, begin, end);
        float *dh = l->dfirst_hidden + begin * units;
        // Where no step counts, dh holds what is carried already.
        if (!scan_any_valid(l->mask, l->steps, begin, end, step)) continue;
        const int status = l->multiply(
            end - begin, units, width, l->sums + begin * width, l->transposed, dh);
        if (status) __atomic_store_n(&j->failed, status, __ATOMIC_RELAXED);
        if (l->mask) add_carried(l->carried + begin * units, dh, count);
    }
}

int motet_lstm_backward(const motet_lstm_back *lstm) {
    backward_job j = {lstm, 0};
    motet_scan_transpose(lstm->recurrent, lstm->transposed, lstm->units, 4 * lstm->units);
    motet_parallel_for(lstm->rows, SCAN_GRAIN, backward_rows, &j);
    return j.failed;
}
