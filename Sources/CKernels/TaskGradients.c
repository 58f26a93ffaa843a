#include "EngineKernels.h"
#include "Vector.h"

// Sums are cut into at most MOTET_PRODUCT_PIECES pieces, by sizes alone, which are added in order: the result
// does not depend on the number of threads.
enum { BLOCK = 512 };

static int64_t piece_size(int64_t count, int64_t least) {
    const int64_t blocks = (count + least * MOTET_PRODUCT_PIECES - 1) / (least * MOTET_PRODUCT_PIECES);
    return least * (blocks > 0 ? blocks : 1);
}

typedef struct {
    const float *const *x;
    int64_t values, count, slice, piece;
    const uint8_t *included;
    double *sums;
} products_job;

MOTET_INLINE double block_product(const float *a, const float *b, int64_t n) {
    // Within a block of 512 the order is free: lanes add up, which is closer than one running sum.
#pragma clang fp reassociate(on)
    float sum = 0;
    for (int64_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

MOTET_CLONES static void products(void *context, int64_t begin, int64_t end) {
    const products_job *j = context;
    const int64_t pairs = j->values * j->values;
    for (int64_t p = begin; p < end; p++) {
        double *sums = j->sums + p * pairs;
        for (int64_t i = 0; i < pairs; i++) sums[i] = 0;
        const int64_t stop = (p + 1) * j->piece < j->count ? (p + 1) * j->piece : j->count;
        int64_t first = p * j->piece;
        while (first < stop) {
            int64_t last = first + BLOCK < stop ? first + BLOCK : stop;
            if (j->included) {
                const int64_t s = first / j->slice, border = (s + 1) * j->slice;
                if (border < last) last = border;
                if (!j->included[s]) {
                    first = border < stop ? border : stop;
                    continue;
                }
            }
            for (int64_t a = 0; a < j->values; a++)
                for (int64_t b = 0; b <= a; b++)
                    sums[a * j->values + b] +=
                        block_product(j->x[a] + first, j->x[b] + first, last - first);
            first = last;
        }
    }
}

static void finish(const double *sums, int64_t pieces, int64_t n, float *result) {
    for (int64_t a = 0; a < n; a++)
        for (int64_t b = 0; b <= a; b++) {
            double sum = 0;
            for (int64_t p = 0; p < pieces; p++) sum += sums[(p * n + a) * n + b];
            result[a * n + b] = result[b * n + a] = (float)sum;
        }
}

void motet_inner_products(
    const float *const *x, int64_t values, int64_t count, int64_t slices, const uint8_t *included,
    double *sums, float *result) {
    products_job j = {.x = x, .values = values, .count = count, .included = included, .sums = sums};
    j.slice = slices > 0 ? count / slices : count;
    j.piece = piece_size(count, 8 * BLOCK);
    const int64_t pieces = (count + j.piece - 1) / j.piece;
    if (j.slice == 0) j.slice = 1;
    motet_parallel_for(pieces, 4 / values + 1, products, &j);
    finish(sums, pieces, values, result);
}

typedef struct {
    const float *dout, *gates;
    // For each pair of gates k >= l, pairs of places in them that are the same expert.
    const int32_t *starts, *places;
    int64_t gate_count, choices, rows, width, piece;
    double *sums;
} mixture_job;

MOTET_CLONES static void mixture_products(void *context, int64_t begin, int64_t end) {
    const mixture_job *j = context;
    const int64_t n = j->gate_count;
    for (int64_t p = begin; p < end; p++) {
        double *sums = j->sums + p * n * n;
        for (int64_t i = 0; i < n * n; i++) sums[i] = 0;
        const int64_t stop = (p + 1) * j->piece < j->rows ? (p + 1) * j->piece : j->rows;
        for (int64_t row = p * j->piece; row < stop; row++)
            for (int64_t k = 0; k < n; k++)
                for (int64_t l = 0; l <= k; l++) {
                    const int32_t *place = j->places + 2 * j->starts[k * n + l];
                    const int32_t *last = j->places + 2 * j->starts[k * n + l + 1];
                    if (place == last) continue;
                    const int64_t own = k * j->rows + row, other = l * j->rows + row;
                    float shared = 0;
                    for (; place < last; place += 2)
                        shared += j->gates[own * j->choices + place[0]]
                            * j->gates[other * j->choices + place[1]];
                    sums[k * n + l] += (double)shared
                        * block_product(
                            j->dout + own * j->width, j->dout + other * j->width, j->width);
                }
    }
}

void motet_mixture_products(
    const float *dout, const float *gates, const int32_t *starts, const int32_t *places,
    int64_t gate_count, int64_t choices, int64_t rows, int64_t width, double *sums, float *result) {
    mixture_job j = {.dout = dout, .gates = gates, .starts = starts, .places = places,
        .gate_count = gate_count, .choices = choices, .rows = rows, .width = width, .sums = sums};
    j.piece = piece_size(rows, 32);
    const int64_t pieces = (rows + j.piece - 1) / j.piece;
    motet_parallel_for(pieces, 1024 / (width * gate_count + 1) + 1, mixture_products, &j);
    finish(sums, pieces, gate_count, result);
}

typedef struct {
    const float *const *x;
    const float *factors;
    const int32_t *places;
    int64_t values, slices, slice;
    float *y;
} sum_job;

MOTET_CLONES static void weighted_sum(void *context, int64_t begin, int64_t end) {
    const sum_job *j = context;
    int64_t first = begin;
    while (first < end) {
        const int64_t s = first / j->slice, border = (s + 1) * j->slice;
        int64_t last = first + 2048 < end ? first + 2048 : end;
        if (border < last) last = border;
        float *y = j->y;
        int written = 0;
        for (int64_t v = 0; v < j->values; v++) {
            const int32_t place = j->places[v * j->slices + s];
            const float f = place < 0 ? 1 : j->factors[place];
            if (f == 0) continue;
            const float *x = j->x[v];
            if (written) {
                for (int64_t i = first; i < last; i++) y[i] += f * x[i];
            } else {
                for (int64_t i = first; i < last; i++) y[i] = f * x[i];
            }
            written = 1;
        }
        if (!written) memset(y + first, 0, (size_t)(last - first) * sizeof(float));
        first = last;
    }
}

void motet_weighted_sum(
    const float *const *x, int64_t values, const float *factors, const int32_t *places,
    int64_t slices, int64_t count, float *y) {
    sum_job j = {x, factors, places, values, slices, count / slices, y};
    motet_parallel_for(count, 16384, weighted_sum, &j);
}

typedef struct {
    sum_job sum;
    float leak;
    uint64_t key;
} sign_job;

MOTET_CLONES static void sign_dropout(void *context, int64_t begin, int64_t end) {
    enum { WIDTH = 256 };
    const sign_job *j = context;
    const sum_job *s = &j->sum;
    float above[WIDTH], below[WIDTH];
    int64_t first = begin;
    while (first < end) {
        const int64_t slice = first / s->slice, border = (slice + 1) * s->slice;
        int64_t last = first + WIDTH < end ? first + WIDTH : end;
        if (border < last) last = border;
        const int64_t n = last - first;
        for (int64_t i = 0; i < n; i++) above[i] = below[i] = 0;
        for (int64_t v = 0; v < s->values; v++) {
            const int32_t place = s->places[v * s->slices + slice];
            const float f = place < 0 ? 1 : s->factors[place];
            if (f == 0) continue;
            const float *x = s->x[v] + first;
            for (int64_t i = 0; i < n; i++) {
                const float value = f * x[i];
                // What is no number joins both sums, and so the result.
                above[i] += value < 0 ? 0 : value;
                below[i] += value > 0 ? 0 : value;
            }
        }
        for (int64_t i = 0; i < n; i++) {
            const float length = above[i] - below[i];
            const uint64_t bits = motet_mix(j->key + (uint64_t)(first + i) * 0x9E3779B97F4A7C15ull);
            const float uniform = (float)(int32_t)(bits >> 40) * 0x1p-24f;
            // p = (1 + (above + below) / length) / 2 = above / length
            s->y[first + i] = uniform * length < above[i] ? above[i] + j->leak * below[i]
                                                          : below[i] + j->leak * above[i];
        }
        first = last;
    }
}

void motet_sign_dropout(
    const float *const *x, int64_t values, const float *factors, const int32_t *places,
    int64_t slices, int64_t count, float leak, uint64_t key, float *y) {
    sign_job j = {{x, factors, places, values, slices, count / slices, y}, leak, key};
    motet_parallel_for(count, 8192, sign_dropout, &j);
}
