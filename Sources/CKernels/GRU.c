#include "Scan.h"

typedef struct {
    const motet_gru *g;
    int failed;
} forward_job;

// The gates' functions and the new state of one row and step. `y` may be `x`: what belongs to a unit is
// read before it is written, and nothing of another unit is, so the loop may take many units at once.
MOTET_INLINE void forward_row(
    const float *x, const float *s, const float *d, float *h, float *y, float *candidates,
    float *previous, float *sequence, int64_t units) {
#pragma clang loop vectorize(assume_safety)
    for (int64_t u = 0; u < units; u++) {
        const float r = motet_sigmoid(x[u] + (s[u] + d[u]));
        const float z = motet_sigmoid(x[units + u] + (s[units + u] + d[units + u]));
        const float candidate = s[2 * units + u] + d[2 * units + u];
        const float n = scan_tanh(x[2 * units + u] + r * candidate);
        const float state = (1.0f - z) * n + z * h[u];
        previous[u] = h[u];
        y[u] = r;
        y[units + u] = z;
        y[2 * units + u] = n;
        candidates[u] = candidate;
        sequence[u] = h[u] = state;
    }
}

// h' = h + a (h' - h): how far a step moves the state.
MOTET_INLINE void attend_row(
    float a, const float *restrict previous, float *restrict h, float *restrict sequence, int64_t units) {
    for (int64_t u = 0; u < units; u++)
        sequence[u] = h[u] = previous[u] + a * (h[u] - previous[u]);
}

MOTET_CLONES static void forward_step(
    const motet_gru *g, int64_t step, int64_t begin, int64_t end) {
    const int64_t units = g->units, width = 3 * units;
    for (int64_t b = begin; b < end; b++) {
        const int64_t place = b * g->steps + step;
        float *h = g->last_hidden + b * units;
        float *y = g->activated + place * width;
        float *candidates = g->candidates + place * units;
        float *previous = g->previous + place * units;
        float *sequence = g->sequence + place * units;
        if (b + 1 < end) scan_prefetch(g->gates + (place + g->steps) * width, width);
        if (scan_is_valid(g->mask, g->steps, b, step)) {
            forward_row(g->gates + place * width, g->sums + b * width, g->bias, h, y, candidates,
                previous, sequence, units);
            if (g->attention) attend_row(g->attention[place], previous, h, sequence, units);
        } else {
            memset(y, 0, (size_t)width * sizeof(float));
            memset(candidates, 0, (size_t)units * sizeof(float));
            memcpy(previous, h, (size_t)units * sizeof(float));
            memcpy(sequence, h, (size_t)units * sizeof(float));
        }
    }
}

static void forward_rows(void *context, int64_t begin, int64_t end) {
    forward_job *j = context;
    const motet_gru *g = j->g;
    const int64_t units = g->units, width = 3 * units;
    scan_start(g->last_hidden, g->first_hidden, begin * units, end * units);
    for (int64_t t = 0; t < g->steps; t++) {
        const int64_t step = g->is_reversed ? g->steps - 1 - t : t;
        if (t == 0 && !g->first_hidden) {
            memset(g->sums + begin * width, 0, (size_t)((end - begin) * width) * sizeof(float));
        } else if (scan_any_valid(g->mask, g->steps, begin, end, step)) {
            const int status = g->multiply(end - begin, width, units,
                g->last_hidden + begin * units, g->recurrent, g->sums + begin * width);
            if (status) __atomic_store_n(&j->failed, status, __ATOMIC_RELAXED);
        }
        forward_step(g, step, begin, end);
    }
}

int motet_gru_forward(const motet_gru *gru) {
    forward_job j = {gru, 0};
    motet_parallel_for(gru->rows, SCAN_GRAIN, forward_rows, &j);
    return j.failed;
}

typedef struct {
    const motet_gru_back *g;
    int failed;
} backward_job;

// The gates' gradients of one row and step. `dx` may be `y`, as in `forward_row`.
MOTET_INLINE void backward_row(
    const float *y, const float *candidates, const float *h, const float *dh, float *dx, float *dp,
    float *ds, float *carried, int64_t units) {
#pragma clang loop vectorize(assume_safety)
    for (int64_t u = 0; u < units; u++) {
        const float r = y[u], z = y[units + u], n = y[2 * units + u];
        const float dn = dh[u] * (1.0f - z) * (1.0f - n * n);
        const float dr = dn * candidates[u] * r * (1.0f - r);
        const float dz = dh[u] * (h[u] - n) * z * (1.0f - z);
        carried[u] = dh[u] * z;
        dx[u] = dp[u] = ds[u] = dr;
        dx[units + u] = dp[units + u] = ds[units + u] = dz;
        dx[2 * units + u] = dn;
        dp[2 * units + u] = ds[2 * units + u] = dn * r;
    }
}

// The same where a step moves the state by a share `a` only; gives the gradient of `a`.
MOTET_INLINE float backward_row_attended(
    float a, const float *y, const float *candidates, const float *h, const float *dh, float *dx,
    float *dp, float *ds, float *carried, int64_t units) {
    float da = 0;
    for (int64_t u = 0; u < units; u++) {
        const float r = y[u], z = y[units + u], n = y[2 * units + u], d = a * dh[u];
        const float dn = d * (1.0f - z) * (1.0f - n * n);
        const float dr = dn * candidates[u] * r * (1.0f - r);
        const float dz = d * (h[u] - n) * z * (1.0f - z);
        da += dh[u] * (1.0f - z) * (n - h[u]);
        carried[u] = d * z + (1.0f - a) * dh[u];
        dx[u] = dp[u] = ds[u] = dr;
        dx[units + u] = dp[units + u] = ds[units + u] = dz;
        dx[2 * units + u] = dn;
        dp[2 * units + u] = ds[2 * units + u] = dn * r;
    }
    return da;
}

// One step back for rows begin ..< end; `carried` is the part of the next dh that does not come from the
// product.
MOTET_CLONES static void backward_step(
    const motet_gru_back *g, int64_t step, int64_t begin, int64_t end) {
    const int64_t units = g->units, width = 3 * units;
    for (int64_t b = begin; b < end; b++) {
        const int64_t place = b * g->steps + step;
        float *dh = g->dfirst_hidden + b * units;
        float *dx = g->dgates + place * width;
        float *dp = g->dproducts + place * width;
        float *ds = g->sums + b * width;
        float *carried = g->carried + b * units;
        if (b + 1 < end) {
            const int64_t next = place + g->steps;
            scan_prefetch(g->activated + next * width, width);
            scan_prefetch(g->candidates + next * units, units);
            scan_prefetch(g->previous + next * units, units);
        }
        if (g->dsequence) scan_add(g->dsequence + place * units, dh, units);
        if (!scan_is_valid(g->mask, g->steps, b, step)) {
            memset(dx, 0, (size_t)width * sizeof(float));
            memset(dp, 0, (size_t)width * sizeof(float));
            memset(ds, 0, (size_t)width * sizeof(float));
            memcpy(carried, dh, (size_t)units * sizeof(float));
            if (g->attention) g->dattention[place] = 0;
            continue;
        }
        if (g->attention) {
            g->dattention[place] = backward_row_attended(g->attention[place],
                g->activated + place * width, g->candidates + place * units,
                g->previous + place * units, dh, dx, dp, ds, carried, units);
            continue;
        }
        backward_row(g->activated + place * width, g->candidates + place * units,
            g->previous + place * units, dh, dx, dp, ds, carried, units);
    }
}

MOTET_CLONES static void add_carried(const float *x, float *y, int64_t count) {
    scan_add(x, y, count);
}

static void backward_rows(void *context, int64_t begin, int64_t end) {
    backward_job *j = context;
    const motet_gru_back *g = j->g;
    const int64_t units = g->units, width = 3 * units, count = (end - begin) * units;
    scan_start(g->dfirst_hidden, g->dlast_hidden, begin * units, end * units);
    for (int64_t t = g->steps - 1; t >= 0; t--) {
        const int64_t step = g->is_reversed ? g->steps - 1 - t : t;
        backward_step(g, step, begin, end);
        float *dh = g->dfirst_hidden + begin * units;
        // Where no step counts, dh holds what is carried already.
        if (!scan_any_valid(g->mask, g->steps, begin, end, step)) continue;
        const int status = g->multiply(
            end - begin, units, width, g->sums + begin * width, g->transposed, dh);
        if (status) __atomic_store_n(&j->failed, status, __ATOMIC_RELAXED);
        add_carried(g->carried + begin * units, dh, count);
    }
}

int motet_gru_backward(const motet_gru_back *gru) {
    backward_job j = {gru, 0};
    motet_scan_transpose(gru->recurrent, gru->transposed, gru->units, 3 * gru->units);
    motet_parallel_for(gru->rows, SCAN_GRAIN, backward_rows, &j);
    return j.failed;
}
