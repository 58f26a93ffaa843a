#include "EngineKernels.h"
#include "Vector.h"

typedef struct {
    const float *rows, *dy;
    const int32_t *offsets;
    float *out, *mask;
    int64_t count, width, length, shift;
} pad_job;

// The row that a step reads: `shift` rows further on, around the end.
MOTET_INLINE int64_t source_row(const pad_job *j, int64_t row) {
    return (row + j->shift) % j->count;
}

static void pad(void *context, int64_t begin, int64_t end) {
    const pad_job *j = context;
    const int64_t width = j->width, length = j->length;
    for (int64_t b = begin; b < end; b++) {
        const int64_t last = j->offsets[b + 1], all = last - j->offsets[b];
        const int64_t kept = all < length ? all : length, blank = length - kept;
        float *out = j->out + b * length * width, *mask = j->mask + b * length;
        memset(out, 0, (size_t)(blank * width) * sizeof(float));
        for (int64_t t = 0; t < length; t++) mask[t] = t < blank ? 0.0f : 1.0f;
        out += blank * width;
        if (j->shift == 0) {
            memcpy(out, j->rows + (last - kept) * width, (size_t)(kept * width) * sizeof(float));
            continue;
        }
        for (int64_t k = 0; k < kept; k++)
            memcpy(out + k * width, j->rows + source_row(j, last - kept + k) * width,
                (size_t)width * sizeof(float));
    }
}

void motet_pad_lists(
    const float *rows, const int32_t *offsets, int64_t lists, int64_t count, int64_t width,
    int64_t length, int64_t shift, float *out, float *mask) {
    pad_job j = {.rows = rows, .offsets = offsets, .out = out, .mask = mask, .count = count,
        .width = width, .length = length, .shift = shift};
    motet_parallel_for(lists, 8192 / (length * width + 1) + 1, pad, &j);
}

static void unpad(void *context, int64_t begin, int64_t end) {
    const pad_job *j = context;
    const int64_t width = j->width, length = j->length;
    for (int64_t b = begin; b < end; b++) {
        const int64_t last = j->offsets[b + 1], all = last - j->offsets[b];
        const int64_t kept = all < length ? all : length;
        const float *dy = j->dy + (b * length + length - kept) * width;
        for (int64_t k = 0; k < kept; k++)
            memcpy(j->out + source_row(j, last - kept + k) * width, dy + k * width,
                (size_t)width * sizeof(float));
        // Rows of a list that was cut.
        for (int64_t k = 0; k < all - kept; k++)
            memset(j->out + source_row(j, j->offsets[b] + k) * width, 0,
                (size_t)width * sizeof(float));
    }
}

void motet_pad_lists_gradient(
    const float *dy, const int32_t *offsets, int64_t lists, int64_t count, int64_t width,
    int64_t length, int64_t shift, float *drows) {
    pad_job j = {.dy = dy, .offsets = offsets, .out = drows, .count = count, .width = width,
        .length = length, .shift = shift};
    motet_parallel_for(lists, 8192 / (length * width + 1) + 1, unpad, &j);
}
