// A small C interface over oneDNN, the same for its versions 2 and 3.
//
// Every function that can fail returns 0 on success and otherwise writes one sentence to `error`.
#ifndef MOTET_CONEDNN_H
#define MOTET_CONEDNN_H

#include <stddef.h>
#include <stdint.h>

#include "COneDNNConvolution.h"

#ifdef __cplusplus
extern "C" {
#endif

/// The function applied to a product as it is written.
enum motet_activation {
    MOTET_ACTIVATION_NONE = 0,
    MOTET_ACTIVATION_RELU = 1,
    MOTET_ACTIVATION_LEAKY_RELU = 2,
    MOTET_ACTIVATION_SIGMOID = 3,
    MOTET_ACTIVATION_TANH = 4,
    MOTET_ACTIVATION_SOFTPLUS = 5,
    MOTET_ACTIVATION_GELU = 6,
    MOTET_ACTIVATION_SWISH = 7,
};

/// `C = f(A B + bias)` or `C += A B`, all row-major float32.
typedef struct {
    int64_t m, n, k;
    int64_t lda, ldb, ldc;   // elements from one stored row to the next
    int32_t transpose_a;     // A is stored [k, m]
    int32_t transpose_b;     // B is stored [n, k]
    int32_t has_bias;        // a bias of n elements is added to each row
    int32_t accumulates;     // C is added to, not overwritten
    int32_t activation;      // enum motet_activation
    float slope;             // of the leaky ReLU
    int32_t packs_b;         // B is reordered into oneDNN's own layout at each run
} motet_matmul_shape;

typedef struct motet_matmul motet_matmul;

/// Creates a primitive for one shape.
int motet_matmul_create(
    const motet_matmul_shape *shape, motet_matmul **result, char *error, size_t error_size);

/// Runs a primitive. `bias` is read only when the shape has one.
int motet_matmul_run(
    motet_matmul *matmul, const float *a, const float *b, const float *bias, float *c);

void motet_matmul_destroy(motet_matmul *matmul);

/// `C = A B` or `C += A B` for any sizes, without a primitive; bias and activation are not applied.
int motet_sgemm(const motet_matmul_shape *shape, const float *a, const float *b, float *c);

/// `C = A B` for matrices whose rows are adjacent. Inside a parallel region of OpenMP it runs on the
/// calling thread alone.
int motet_product_of_rows(
    int64_t m, int64_t n, int64_t k, const float *a, const float *b, float *c);

/// `C = alpha A B + beta C` for any sizes, row-major; on one thread inside a parallel loop.
void motet_strided_product(
    int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float *a,
    int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc);

/// The version of the library that is loaded, as `2.6.3`.
void motet_onednn_version(char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
