// Matrix products with weights that never change.
#ifndef MOTET_PACKED_KERNELS_H
#define MOTET_PACKED_KERNELS_H

#include <stdint.h>

#include "EngineKernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Whether this processor multiplies bfloat16 with sums in float32.
int motet_has_bfloat16_products(void);

/// The bytes of a laid-out matrix `[inner, columns]`.
int64_t motet_packed_bytes(int64_t inner, int64_t columns, int32_t bfloat16);

/// Lays out a row-major matrix `[inner, columns]`, rows `stride` elements apart, rounded to bfloat16 or not.
/// `packed` is aligned to 64 bytes.
void motet_pack_columns(
    const float *b, int64_t stride, int64_t inner, int64_t columns, int32_t bfloat16,
    void *packed);

/// `c = f(a b + bias)`: `a` is `[rows, inner]`, `b` was laid out, `bias` may be null.
typedef struct {
    int64_t rows, columns, inner;
    const float *a;
    int64_t a_stride;      // elements from one row to the next
    const void *packed;
    const float *bias;     // null for none
    float *c;
    int64_t c_stride;
    int32_t bfloat16;      // not 0: `packed` is bfloat16, and `a` is rounded to it; sums are float32. 1: on the processor's
                           // tiles (AMX) where it has them, else by its vectors; 2: by vectors in any case
    int32_t activation;    // COneDNN's number of the function
    float slope;           // of the leaky ReLU
} motet_packed_product;

/// Computes products that do not depend on each other. A row of a result has the same bits whatever the other
/// rows and the number of threads.
void motet_packed_products(const motet_packed_product *products, int64_t count);

#ifdef __cplusplus
}
#endif
#endif
