#include "AttentionKernels.h"
#include "EngineKernels.h"
#include "Vector.h"

// Scores of some queries at a time lie on the stack: 64 KiB stay in the second-level cache, and nothing
// is allocated. Rows are padded to full vectors, so that short ones need no scalar remainder.
enum { LANES = 16, SCORES = 2 * MOTET_ATTENTION_KEYS };

typedef struct {
    const motet_attention_shape *shape;
    const int32_t *offsets;
    const float *queries, *keys, *values, *mask, *upstream, *kept;
    float *out, *probabilities, *dqueries, *dkeys, *dvalues;
    int64_t upstream_stride;
} job;

static int64_t padded(int64_t count) { return (count + LANES - 1) / LANES * LANES; }

// Turns scores into probabilities. `shift` is 0 where a key may be seen and -inf elsewhere.
MOTET_INLINE void softmax_row(float *s, const float *shift, int64_t width, int64_t valid) {
    float greatest[LANES], sums[LANES] = {0};
    for (int64_t l = 0; l < LANES; l++) greatest[l] = -INFINITY;
    for (int64_t u = valid; u < width; u++) s[u] = -INFINITY;
    for (int64_t u = 0; u < width; u += LANES)
        for (int64_t l = 0; l < LANES; l++) {
            const float x = s[u + l] + shift[u + l];
            s[u + l] = x;
            greatest[l] = x > greatest[l] ? x : greatest[l];
        }
    float top = greatest[0], sum = 0;
    for (int64_t l = 1; l < LANES; l++) top = greatest[l] > top ? greatest[l] : top;
    for (int64_t u = 0; u < width; u += LANES)
        for (int64_t l = 0; l < LANES; l++) {
            const float x = s[u + l];
            const float power = motet_exp(x - top);
            const float e = x == -INFINITY ? 0.0f : power;
            s[u + l] = e;
            sums[l] += e;
        }
    for (int64_t l = 0; l < LANES; l++) sum += sums[l];
    const float factor = 1.0f / sum;
    for (int64_t u = 0; u < width; u++) s[u] *= factor;
}

// One head of one row. `q`, `k`, `v` and `out` point at its first elements; `kept` may be null.
MOTET_CLONES static void attend(
    const motet_attention_shape *shape, int64_t query_count, int64_t key_count, const float *q,
    const float *k, const float *v, const float *mask, float *out, float *kept) {
    float scores[SCORES], shift[MOTET_ATTENTION_KEYS];
    const int64_t width = padded(key_count);
    const int64_t block = SCORES / width;
    const float scale = 1.0f / sqrtf((float)shape->width);
    int64_t first = 0;
    while (mask && first < key_count && mask[first] == 0) first++;
    for (int64_t u = 0; u < width; u++)
        shift[u] = u < key_count && (!mask || mask[u] != 0) ? 0.0f : -INFINITY;
    for (int64_t start = 0; start < query_count; start += block) {
        const int64_t n = query_count - start < block ? query_count - start : block;
        shape->product(0, 1, n, key_count, shape->width, scale, q + start * shape->query_stride,
            shape->query_stride, k, shape->key_stride, 0.0f, scores, width);
        for (int64_t r = 0; r < n; r++) {
            float *row = scores + r * width;
            const int64_t seen = start + r + 1;
            const int64_t valid = shape->is_causal && seen < key_count ? seen : key_count;
            if (first < valid) {
                softmax_row(row, shift, width, valid);
            } else {
                for (int64_t u = 0; u < width; u++) row[u] = 0;
            }
            if (kept)
                memcpy(kept + (start + r) * key_count, row, sizeof(float) * (size_t)key_count);
        }
        shape->product(0, 0, n, shape->width, key_count, 1.0f, scores, width, v,
            shape->value_stride, 0.0f, out + start * shape->out_stride, shape->out_stride);
    }
}

static void attend_rows(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const motet_attention_shape *s = j->shape;
    for (int64_t item = begin; item < end; item++) {
        const int64_t row = item / s->heads, first = item % s->heads * s->width;
        attend(s, s->query_count, s->key_count,
            j->queries + row * s->query_count * s->query_stride + first,
            j->keys + row * s->key_count * s->key_stride + first,
            j->values + row * s->key_count * s->value_stride + first,
            j->mask ? j->mask + row * s->key_count : 0,
            j->out + row * s->query_count * s->out_stride + first,
            j->probabilities ? j->probabilities + item * s->query_count * s->key_count : 0);
    }
}

void motet_attention(
    const motet_attention_shape *shape, const float *queries, const float *keys,
    const float *values, const float *mask, float *out, float *probabilities) {
    job j = {.shape = shape, .queries = queries, .keys = keys, .values = values, .mask = mask,
        .out = out, .probabilities = probabilities};
    const int64_t work = shape->query_count * shape->key_count * shape->width;
    motet_parallel_for(shape->rows * shape->heads, 65536 / (work + 1) + 1, attend_rows, &j);
}

static void attend_list(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const motet_attention_shape *s = j->shape;
    for (int64_t list = begin; list < end; list++) {
        const int64_t start = j->offsets[list], count = j->offsets[list + 1] - start;
        if (count <= 0) continue;
        for (int64_t head = 0; head < s->heads; head++) {
            const int64_t first = head * s->width;
            attend(s, count, count, j->queries + start * s->query_stride + first,
                j->keys + start * s->key_stride + first,
                j->values + start * s->value_stride + first, 0,
                j->out + start * s->out_stride + first, 0);
        }
    }
}

void motet_list_attention(
    const motet_attention_shape *shape, const int32_t *offsets, const float *queries,
    const float *keys, const float *values, float *out) {
    job j = {.shape = shape, .offsets = offsets, .queries = queries, .keys = keys,
        .values = values, .out = out};
    motet_parallel_items(shape->rows, attend_list, &j);
}

// dS = P (dP - sum(dP P)) in place of dP.
MOTET_INLINE void softmax_gradient_row(float *ds, const float *p, int64_t count) {
    float sums[LANES] = {0}, sum = 0;
    int64_t u = 0;
    for (; u + LANES <= count; u += LANES)
        for (int64_t l = 0; l < LANES; l++) sums[l] += ds[u + l] * p[u + l];
    for (; u < count; u++) sum += ds[u] * p[u];
    for (int64_t l = 0; l < LANES; l++) sum += sums[l];
    for (u = 0; u < count; u++) ds[u] = p[u] * (ds[u] - sum);
}

MOTET_CLONES static void attend_back(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const motet_attention_shape *s = j->shape;
    const int64_t queries = s->query_count, keys = s->key_count, units = s->heads * s->width;
    const int64_t width = padded(keys), block = SCORES / width;
    const float scale = 1.0f / sqrtf((float)s->width);
    float scores[SCORES];
    for (int64_t item = begin; item < end; item++) {
        const int64_t row = item / s->heads, first = item % s->heads * s->width;
        const float *q = j->queries + row * queries * s->query_stride + first;
        const float *k = j->keys + row * keys * s->key_stride + first;
        const float *v = j->values + row * keys * s->value_stride + first;
        const float *dy = j->upstream + row * queries * j->upstream_stride + first;
        const float *p = j->kept + item * queries * keys;
        float *dq = j->dqueries + row * queries * units + first;
        float *dk = j->dkeys + row * keys * units + first;
        float *dv = j->dvalues + row * keys * units + first;
        for (int64_t start = 0; start < queries; start += block) {
            const int64_t n = queries - start < block ? queries - start : block;
            const float *dy_block = dy + start * j->upstream_stride, *p_block = p + start * keys;
            const float beta = start > 0 ? 1.0f : 0.0f;
            s->product(0, 1, n, keys, s->width, 1.0f, dy_block, j->upstream_stride, v,
                s->value_stride, 0.0f, scores, width);
            for (int64_t r = 0; r < n; r++)
                softmax_gradient_row(scores + r * width, p_block + r * keys, keys);
            s->product(0, 0, n, s->width, keys, scale, scores, width, k, s->key_stride, 0.0f,
                dq + start * units, units);
            s->product(1, 0, keys, s->width, n, scale, scores, width,
                q + start * s->query_stride, s->query_stride, beta, dk, units);
            s->product(1, 0, keys, s->width, n, 1.0f, p_block, keys, dy_block, j->upstream_stride,
                beta, dv, units);
        }
    }
}

void motet_attention_gradient(
    const motet_attention_shape *shape, int64_t upstream_stride, const float *upstream,
    const float *queries, const float *keys, const float *values, const float *probabilities,
    float *dqueries, float *dkeys, float *dvalues) {
    job j = {.shape = shape, .upstream_stride = upstream_stride, .upstream = upstream,
        .queries = queries, .keys = keys, .values = values, .kept = probabilities,
        .dqueries = dqueries, .dkeys = dkeys, .dvalues = dvalues};
    const int64_t work = shape->query_count * shape->key_count * shape->width;
    motet_parallel_for(shape->rows * shape->heads, 32768 / (work + 1) + 1, attend_back, &j);
}
