#include "Scan.h"

typedef struct {
    const motet_lstm *l;
    int failed;
} forward_job;

// The gates' functions and the new states of one row and step. `y` may be `x`: what belongs to a unit is
// read before it is written, and nothing of another unit is, so the loop may take many units at once.
MOTET_INLINE void forward_row(
    const float *x, const float *s, float *h, float *c, float *y, float *cells, float *previous,
    float *sequence, int64_t units) {
#pragma clang loop vectorize(assume_safety)
    for (int64_t u = 0; u < units; u++) {
        const float i = motet_sigmoid(x[u] + s[u]);
        const float f = motet_sigmoid(x[units + u] + s[units + u]);
        const float g = scan_tanh(x[2 * units + u] + s[2 * units + u]);
        const float o = motet_sigmoid(x[3 * units + u] + s[3 * units + u]);
        const float cell = f * c[u] + i * g;
        const float state = o * scan_tanh(cell);
        previous[u] = h[u];
        y[u] = i;
        y[units + u] = f;
        y[2 * units + u] = g;
        y[3 * units + u] = o;
        cells[u] = c[u] = cell;
        sequence[u] = h[u] = state;
    }
}

MOTET_CLONES static void forward_step(
    const motet_lstm *l, int64_t step, int64_t begin, int64_t end) {
    const int64_t units = l->units, width = 4 * units;
    for (int64_t b = begin; b < end; b++) {
        const int64_t place = b * l->steps + step;
        float *h = l->last_hidden + b * units;
        float *c = l->last_cell + b * units;
        float *y = l->activated + place * width;
        float *cells = l->cells + place * units;
        float *previous = l->previous + place * units;
        float *sequence = l->sequence + place * units;
        if (b + 1 < end) scan_prefetch(l->gates + (place + l->steps) * width, width);
        if (scan_is_valid(l->mask, l->steps, b, step)) {
            forward_row(l->gates + place * width, l->sums + b * width, h, c, y, cells, previous,
                sequence, units);
        } else {
            memset(y, 0, (size_t)width * sizeof(float));
            memcpy(cells, c, (size_t)units * sizeof(float));
            memcpy(previous, h, (size_t)units * sizeof(float));
            memcpy(sequence, h, (size_t)units * sizeof(float));
        }
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

// The gates' gradients of one row and step, twice, and dc of the state before it. `dx` may be `y`, as in
// `forward_row`. `c` is null where the state before it was zero.
MOTET_INLINE void backward_row(
    const float *y, const float *cells, const float *c, const float *dh, float *dc, float *dx,
    float *ds, int64_t units) {
#pragma clang loop vectorize(assume_safety)
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

// One step back for rows begin ..< end: reads dh and dc of the state after it, writes the gates' gradients
// twice (in the sequence, and side by side for the product) and dc of the state before it. `carried` is
// the part of the next dh that does not come from the product; only masks leave one.
MOTET_CLONES static void backward_step(
    const motet_lstm_back *l, int64_t t, int64_t begin, int64_t end) {
    const int64_t units = l->units, width = 4 * units;
    const int64_t step = l->is_reversed ? l->steps - 1 - t : t;
    const int64_t before = l->is_reversed ? step + 1 : step - 1;
    for (int64_t b = begin; b < end; b++) {
        const int64_t place = b * l->steps + step;
        const float *c = t > 0 ? l->cells + (b * l->steps + before) * units
            : l->first_cell    ? l->first_cell + b * units
                               : 0;
        float *dh = l->dfirst_hidden + b * units;
        float *dc = l->dfirst_cell + b * units;
        float *dx = l->dgates + place * width;
        float *ds = l->sums + b * width;
        float *carried = l->carried + b * units;
        if (b + 1 < end) {
            const int64_t next = place + l->steps;
            scan_prefetch(l->activated + next * width, width);
            scan_prefetch(l->cells + next * units, units);
            if (l->dsequence) scan_prefetch(l->dsequence + next * units, units);
        }
        if (l->dsequence) scan_add(l->dsequence + place * units, dh, units);
        if (!scan_is_valid(l->mask, l->steps, b, step)) {
            memset(dx, 0, (size_t)width * sizeof(float));
            memset(ds, 0, (size_t)width * sizeof(float));
            memcpy(carried, dh, (size_t)units * sizeof(float));
            continue;
        }
        if (l->mask) memset(carried, 0, (size_t)units * sizeof(float));
        const float *y = l->activated + place * width, *cells = l->cells + place * units;
        if (c) {
            backward_row(y, cells, c, dh, dc, dx, ds, units);
        } else {
            backward_row(y, cells, 0, dh, dc, dx, ds, units);
        }
    }
}

MOTET_CLONES static void add_carried(const float *x, float *y, int64_t count) {
    scan_add(x, y, count);
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
