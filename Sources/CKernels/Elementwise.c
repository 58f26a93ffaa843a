#include "EngineKernels.h"
#include "Vector.h"

typedef struct {
    int operation;
    const float *a, *b;
    float *y;
    const int64_t *sizes, *a_strides, *b_strides;
} arithmetic_job;

MOTET_INLINE float combine(int operation, float a, float b) {
    switch (operation) {
        case 0: return a + b;
        case 1: return a - b;
        case 2: return a * b;
        default: return a / b;
    }
}

MOTET_INLINE void inner_loop(
    int operation, const float *a, int64_t as, const float *b, int64_t bs, float *y, int64_t n) {
    if (as == 1 && bs == 1) {
        for (int64_t i = 0; i < n; i++) y[i] = combine(operation, a[i], b[i]);
    } else if (as == 1 && bs == 0) {
        const float value = b[0];
        for (int64_t i = 0; i < n; i++) y[i] = combine(operation, a[i], value);
    } else {
        for (int64_t i = 0; i < n; i++) y[i] = combine(operation, a[i * as], b[i * bs]);
    }
}

// One index runs over the three outer axes, so that any of them may be cut between threads.
MOTET_CLONES static void arithmetic(void *context, int64_t begin, int64_t end) {
    const arithmetic_job *j = context;
    const int64_t *s = j->sizes, *as = j->a_strides, *bs = j->b_strides;
    for (int64_t outer = begin; outer < end; outer++) {
        const int64_t k = outer % s[2], rest = outer / s[2];
        const int64_t p = rest % s[1], q = rest / s[1];
        const float *a = j->a + q * as[0] + p * as[1] + k * as[2];
        const float *b = j->b + q * bs[0] + p * bs[1] + k * bs[2];
        float *y = j->y + outer * s[3];
        switch (j->operation) {
            case 0: inner_loop(0, a, as[3], b, bs[3], y, s[3]); break;
            case 1: inner_loop(1, a, as[3], b, bs[3], y, s[3]); break;
            case 2: inner_loop(2, a, as[3], b, bs[3], y, s[3]); break;
            default: inner_loop(3, a, as[3], b, bs[3], y, s[3]); break;
        }
    }
}

void motet_arithmetic(
    int operation, const float *a, const float *b, float *y, const int64_t sizes[4],
    const int64_t a_strides[4], const int64_t b_strides[4]) {
    arithmetic_job j = {operation, a, b, y, sizes, a_strides, b_strides};
    const int64_t outer = sizes[0] * sizes[1] * sizes[2];
    const int64_t grain = sizes[3] > 0 ? 16384 / sizes[3] + 1 : 16384;
    motet_parallel_for(outer, grain, arithmetic, &j);
}

typedef struct {
    const float *x, *z;
    const float *const *terms;
    int count;
    float a, b;
    float *y;
} simple_job;

MOTET_CLONES static void scale(void *context, int64_t begin, int64_t end) {
    const simple_job *j = context;
    for (int64_t i = begin; i < end; i++) j->y[i] = j->x[i] * j->a;
}

void motet_scale(const float *x, float factor, float *y, int64_t count) {
    simple_job j = {.x = x, .a = factor, .y = y};
    motet_parallel_for(count, 16384, scale, &j);
}

MOTET_CLONES static void exponential(void *context, int64_t begin, int64_t end) {
    const simple_job *j = context;
    for (int64_t i = begin; i < end; i++) j->y[i] = expf(j->x[i]);
}

void motet_exponential(const float *x, float *y, int64_t count) {
    simple_job j = {.x = x, .y = y};
    motet_parallel_for(count, 4096, exponential, &j);
}

MOTET_CLONES static void logarithm(void *context, int64_t begin, int64_t end) {
    const simple_job *j = context;
    for (int64_t i = begin; i < end; i++) j->y[i] = logf(j->x[i]);
}

void motet_logarithm(const float *x, float *y, int64_t count) {
    simple_job j = {.x = x, .y = y};
    motet_parallel_for(count, 4096, logarithm, &j);
}

MOTET_CLONES static void clip(void *context, int64_t begin, int64_t end) {
    const simple_job *j = context;
    const float low = j->a, high = j->b;
    for (int64_t i = begin; i < end; i++) {
        // Written so that NaN stays NaN.
        const float value = j->x[i];
        j->y[i] = value < low ? low : value > high ? high : value;
    }
}

void motet_clip(const float *x, float minimum, float maximum, float *y, int64_t count) {
    simple_job j = {.x = x, .a = minimum, .b = maximum, .y = y};
    motet_parallel_for(count, 16384, clip, &j);
}

MOTET_CLONES static void add_n(void *context, int64_t begin, int64_t end) {
    const simple_job *j = context;
    float *y = j->y;
    // Blocks that stay in the first-level cache while all terms are added.
    for (int64_t block = begin; block < end; block += 2048) {
        const int64_t stop = block + 2048 < end ? block + 2048 : end;
        const float *first = j->terms[0], *second = j->terms[1];
        for (int64_t i = block; i < stop; i++) y[i] = first[i] + second[i];
        for (int t = 2; t < j->count; t++) {
            const float *term = j->terms[t];
            for (int64_t i = block; i < stop; i++) y[i] += term[i];
        }
    }
}

void motet_add_n(const float *const *x, int terms, float *y, int64_t count) {
    if (terms == 1) {
        motet_copy_rows(x[0], count, y, count, 1, count);
        return;
    }
    simple_job j = {.terms = x, .count = terms, .y = y};
    motet_parallel_for(count, 16384, add_n, &j);
}

void motet_exponential_average(
    const float *old, const float *value, float momentum, float *state, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        state[i] = momentum * old[i] + (1.0f - momentum) * value[i];
}

void motet_sum_to_shape(
    const float *x, float *y, int64_t y_count, const int64_t s[4], const int64_t ys[4]) {
    memset(y, 0, (size_t)y_count * sizeof(float));
    // A sum to few elements runs over many terms: it is kept in double until a row is done.
    for (int64_t i = 0; i < s[0]; i++)
        for (int64_t j = 0; j < s[1]; j++)
            for (int64_t k = 0; k < s[2]; k++) {
                float *out = y + i * ys[0] + j * ys[1] + k * ys[2];
                const float *in = x + ((i * s[1] + j) * s[2] + k) * s[3];
                if (ys[3] == 0) {
                    double sum = 0;
                    for (int64_t l = 0; l < s[3]; l++) sum += in[l];
                    out[0] += (float)sum;
                } else {
                    for (int64_t l = 0; l < s[3]; l++) out[l] += in[l];
                }
            }
}

typedef struct {
    const char *x;
    char *y;
    int64_t x_stride, y_stride, width;
} copy_job;

static void copy_rows(void *context, int64_t begin, int64_t end) {
    const copy_job *j = context;
    for (int64_t r = begin; r < end; r++)
        memcpy(j->y + r * j->y_stride, j->x + r * j->x_stride, (size_t)j->width);
}

void motet_copy_rows(
    const void *x, int64_t x_stride, void *y, int64_t y_stride, int64_t rows, int64_t width) {
    copy_job j = {x, y, 4 * x_stride, 4 * y_stride, 4 * width};
    motet_parallel_for(rows, 65536 / (width + 1) + 1, copy_rows, &j);
}

void motet_gather_strided(
    const void *source, void *target, const int64_t s[4], const int64_t xs[4]) {
    const uint32_t *x = source;
    uint32_t *y = target;
    for (int64_t i = 0; i < s[0]; i++)
        for (int64_t j = 0; j < s[1]; j++)
            for (int64_t k = 0; k < s[2]; k++) {
                const uint32_t *in = x + i * xs[0] + j * xs[1] + k * xs[2];
                for (int64_t l = 0; l < s[3]; l++) *y++ = in[l * xs[3]];
            }
}

typedef struct {
    const float *x;
    float *y;
    int64_t size, inner, pieces;
} mean_job;

// Columns summed side by side: enough to fill the registers of AVX-512.
enum { MEAN_COLUMNS = 64 };

MOTET_CLONES static void mean_pieces(void *context, int64_t begin, int64_t end) {
    const mean_job *j = context;
    const float factor = 1.0f / (float)j->size;
    for (int64_t piece = begin; piece < end; piece++) {
        const int64_t outer = piece / j->pieces, first = piece % j->pieces * MEAN_COLUMNS;
        const int64_t left = j->inner - first;
        const float *x = j->x + outer * j->size * j->inner + first;
        float *y = j->y + outer * j->inner + first;
        double sums[MEAN_COLUMNS] = {0};
        if (left >= MEAN_COLUMNS) {
            for (int64_t s = 0; s < j->size; s++)
                for (int64_t i = 0; i < MEAN_COLUMNS; i++) sums[i] += x[s * j->inner + i];
            for (int64_t i = 0; i < MEAN_COLUMNS; i++) y[i] = (float)sums[i] * factor;
        } else {
            for (int64_t s = 0; s < j->size; s++)
                for (int64_t i = 0; i < left; i++) sums[i] += x[s * j->inner + i];
            for (int64_t i = 0; i < left; i++) y[i] = (float)sums[i] * factor;
        }
    }
}

void motet_mean_axis(const float *x, float *y, int64_t outer, int64_t size, int64_t inner) {
    const int64_t pieces = (inner + MEAN_COLUMNS - 1) / MEAN_COLUMNS;
    mean_job j = {x, y, size, inner, pieces};
    motet_parallel_for(outer * pieces, 65536 / (size * MEAN_COLUMNS + 1) + 1, mean_pieces, &j);
}
