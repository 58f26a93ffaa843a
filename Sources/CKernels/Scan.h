// Shared by the recurrences.
#ifndef MOTET_SCAN_H
#define MOTET_SCAN_H

#include "EngineKernels.h"
#include "RecurrentKernels.h"
#include "Vector.h"

// Rows a thread takes at least: fewer would not fill the tiles of a product.
enum { SCAN_GRAIN = 8 };

// tanh(x) with an absolute error below 2e-7, branch-free.
MOTET_INLINE float scan_tanh(float x) { return 2.0f * motet_sigmoid(2.0f * x) - 1.0f; }

MOTET_INLINE int scan_is_valid(const float *mask, int64_t steps, int64_t row, int64_t step) {
    return !mask || mask[row * steps + step] > 0;
}

MOTET_INLINE int scan_any_valid(
    const float *mask, int64_t steps, int64_t begin, int64_t end, int64_t step) {
    if (!mask) return 1;
    for (int64_t b = begin; b < end; b++)
        if (mask[b * steps + step] > 0) return 1;
    return 0;
}

MOTET_INLINE void scan_start(float *state, const float *first, int64_t begin, int64_t end) {
    const size_t bytes = (size_t)(end - begin) * sizeof(float);
    if (first) {
        memcpy(state + begin, first + begin, bytes);
    } else {
        memset(state + begin, 0, bytes);
    }
}

// Asks for a row that is used soon. Rows of one step lie far apart, so the processor does not foresee them.
MOTET_INLINE void scan_prefetch(const float *row, int64_t count) {
    for (int64_t u = 0; u < count; u += 16) __builtin_prefetch(row + u);
}

MOTET_INLINE void scan_add(const float *restrict x, float *restrict y, int64_t count) {
    for (int64_t u = 0; u < count; u++) y[u] += x[u];
}

/// y = transpose of x [rows, columns].
void motet_scan_transpose(const float *x, float *y, int64_t rows, int64_t columns);

#endif
