#include "EngineKernels.h"
#include "Vector.h"

typedef struct {
    const motet_lookup *lookups;
    int64_t count;
} lookup_job;

MOTET_INLINE void lookup_rows(const motet_lookup *l, int64_t width, int64_t begin, int64_t end) {
    const float *table = l->table;
    const int32_t *ids = l->ids;
    const uint32_t vocabulary = (uint32_t)l->vocabulary;
    for (int64_t r = begin; r < end; r++) {
        uint32_t id = (uint32_t)ids[r];
        id = id < vocabulary ? id : 0;
        float *out = l->out + r * l->out_stride;
        const float *row = table + (int64_t)id * width;
        for (int64_t u = 0; u < width; u++) out[u] = row[u];
    }
}

// Rows outermost in blocks: the fields of one block of rows are written next to each other.
MOTET_CLONES static void lookup(void *context, int64_t begin, int64_t end) {
    const lookup_job *j = context;
    for (int64_t block = begin; block < end; block += 32) {
        const int64_t stop = block + 32 < end ? block + 32 : end;
        for (int64_t f = 0; f < j->count; f++) {
            const motet_lookup *l = j->lookups + f;
            const int64_t last = stop < l->rows ? stop : l->rows;
            if (f + 1 < j->count && block < j->lookups[f + 1].rows) {
                const motet_lookup *next = j->lookups + f + 1;
                for (int64_t r = block; r < stop && r < next->rows; r++) {
                    const uint32_t id = (uint32_t)next->ids[r];
                    if (id < (uint32_t)next->vocabulary)
                        __builtin_prefetch(next->table + (int64_t)id * next->width);
                }
            }
            switch (l->width) {
                case 4: lookup_rows(l, 4, block, last); break;
                case 8: lookup_rows(l, 8, block, last); break;
                case 16: lookup_rows(l, 16, block, last); break;
                case 32: lookup_rows(l, 32, block, last); break;
                default: lookup_rows(l, l->width, block, last); break;
            }
        }
    }
}

void motet_embedding_lookup(const motet_lookup *lookups, int64_t count) {
    lookup_job j = {lookups, count};
    int64_t rows = 0, width = 0;
    for (int64_t f = 0; f < count; f++) {
        rows = lookups[f].rows > rows ? lookups[f].rows : rows;
        width += lookups[f].width;
    }
    motet_parallel_for(rows, 8192 / (width + 1) + 32, lookup, &j);
}

typedef struct {
    const float *table, *dy;
    const int32_t *values, *offsets;
    float *out;
    int64_t vocabulary, width, stride;
    int mean;
} pool_job;

MOTET_CLONES static void pool(void *context, int64_t begin, int64_t end) {
    const pool_job *j = context;
    const int64_t width = j->width;
    for (int64_t b = begin; b < end; b++) {
        float *restrict out = j->out + b * j->stride;
        for (int64_t u = 0; u < width; u++) out[u] = 0;
        const int32_t first = j->offsets[b], last = j->offsets[b + 1];
        for (int32_t i = first; i < last; i++) {
            uint32_t id = (uint32_t)j->values[i];
            id = id < (uint32_t)j->vocabulary ? id : 0;
            const float *restrict row = j->table + (int64_t)id * width;
            for (int64_t u = 0; u < width; u++) out[u] += row[u];
        }
        if (j->mean && last > first) {
            const float factor = 1.0f / (float)(last - first);
            for (int64_t u = 0; u < width; u++) out[u] *= factor;
        }
    }
}

void motet_pooled_embedding(
    const float *table, int64_t vocabulary, int64_t width, const int32_t *values,
    const int32_t *offsets, int64_t lists, int mean, float *out, int64_t out_stride) {
    pool_job j = {.table = table, .values = values, .offsets = offsets, .out = out,
        .vocabulary = vocabulary, .width = width, .stride = out_stride, .mean = mean};
    motet_parallel_for(lists, 64, pool, &j);
}

MOTET_CLONES static void spread(void *context, int64_t begin, int64_t end) {
    const pool_job *j = context;
    const int64_t width = j->width;
    for (int64_t b = begin; b < end; b++) {
        const float *restrict dy = j->dy + b * j->stride;
        const int32_t first = j->offsets[b], last = j->offsets[b + 1];
        const float factor = j->mean && last > first ? 1.0f / (float)(last - first) : 1.0f;
        for (int32_t i = first; i < last; i++) {
            float *restrict row = j->out + (int64_t)i * width;
            for (int64_t u = 0; u < width; u++) row[u] = factor * dy[u];
        }
    }
}

void motet_pooled_embedding_gradient(
    const float *dy, int64_t dy_stride, const int32_t *offsets, int64_t lists, int64_t width,
    int mean, float *rows) {
    pool_job j = {.dy = dy, .offsets = offsets, .out = rows, .width = width, .stride = dy_stride,
        .mean = mean};
    motet_parallel_for(lists, 64, spread, &j);
}

MOTET_INLINE int32_t combine_source(
    const motet_combination *c, const motet_row_source *source, int64_t width, int32_t unique) {
    int32_t *slots = c->slots;
    for (int64_t i = 0; i < source->count; i++) {
        uint32_t id = (uint32_t)source->ids[i];
        id = id < (uint32_t)c->vocabulary ? id : 0;
        const float *restrict row = source->rows + i * source->stride;
        const int32_t slot = slots[id];
        if (slot < 0) {
            float *restrict sum = c->sums + (int64_t)unique * width;
            slots[id] = unique;
            c->unique_ids[unique++] = (int32_t)id;
            for (int64_t u = 0; u < width; u++) sum[u] = row[u];
        } else {
            float *restrict sum = c->sums + (int64_t)slot * width;
            for (int64_t u = 0; u < width; u++) sum[u] += row[u];
        }
    }
    return unique;
}

// A table belongs to one thread, which adds its rows in their order: no atomics, and reproducible.
MOTET_CLONES static void combine(void *context, int64_t begin, int64_t end) {
    const motet_combination *combinations = context;
    for (int64_t t = begin; t < end; t++) {
        const motet_combination *c = combinations + t;
        int32_t unique = 0;
        for (int64_t s = 0; s < c->source_count; s++) {
            switch (c->width) {
                case 4: unique = combine_source(c, c->sources + s, 4, unique); break;
                case 8: unique = combine_source(c, c->sources + s, 8, unique); break;
                case 16: unique = combine_source(c, c->sources + s, 16, unique); break;
                case 32: unique = combine_source(c, c->sources + s, 32, unique); break;
                default: unique = combine_source(c, c->sources + s, c->width, unique); break;
            }
        }
        *c->unique_count = unique;
        for (int32_t u = 0; u < unique; u++) c->slots[c->unique_ids[u]] = -1;
    }
}

void motet_combine_rows(const motet_combination *combinations, int64_t count) {
    motet_parallel_items(count, combine, (void *)combinations);
}

void motet_dense_rows(
    const int32_t *ids, const float *rows, const int32_t *count, float *dense, int64_t vocabulary,
    int64_t width) {
    memset(dense, 0, (size_t)(vocabulary * width) * sizeof(float));
    for (int32_t i = 0; i < *count; i++)
        memcpy(dense + (int64_t)ids[i] * width, rows + (int64_t)i * width,
            (size_t)width * sizeof(float));
}

void motet_padding_mask(const int32_t *ids, float *mask, int64_t count) {
    for (int64_t i = 0; i < count; i++) mask[i] = ids[i] != 0;
}
