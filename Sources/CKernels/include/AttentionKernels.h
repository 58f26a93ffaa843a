// Scaled dot-product attention. Matrix products inside are the caller's: oneDNN's, on one thread.
#ifndef MOTET_ATTENTION_KERNELS_H
#define MOTET_ATTENTION_KERNELS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// C = alpha * A B + beta * C, row-major, with either side transposed; COneDNN's motet_strided_product.
typedef void (*motet_strided_product_body)(
    int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float *a,
    int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc);

/// The most keys a query may have: scores of one query fit the stack of a thread.
enum { MOTET_ATTENTION_KEYS = 8192 };

typedef struct {
    motet_strided_product_body product;
    int64_t rows, heads, width;  // width of one head
    int64_t query_count, key_count;
    int64_t query_stride, key_stride, value_stride, out_stride;  // from one position to the next
    int32_t is_causal;           // query t sees keys 0 ... t
} motet_attention_shape;

/// out[b, t, h] = softmax(q k^T / sqrt(width)) v over the keys whose mask is not 0; zeros where there
/// is none. `mask` [rows, key_count] and `probabilities` [rows, heads, query_count, key_count] may be
/// null.
void motet_attention(
    const motet_attention_shape *shape, const float *queries, const float *keys,
    const float *values, const float *mask, float *out, float *probabilities);

/// Gradients of motet_attention from the probabilities it kept; the results are dense rows.
void motet_attention_gradient(
    const motet_attention_shape *shape, int64_t upstream_stride, const float *upstream,
    const float *queries, const float *keys, const float *values, const float *probabilities,
    float *dqueries, float *dkeys, float *dvalues);

/// Attention inside lists: positions offsets[r] ..< offsets[r + 1] attend to each other only.
/// `query_count` and `key_count` are not read.
void motet_list_attention(
    const motet_attention_shape *shape, const int32_t *offsets, const float *queries,
    const float *keys, const float *values, float *out);

// UnitLength.c ---------------------------------------------------------------------------------

/// y = factor x with factor = 1 / max(|x|, 1e-12), for each row.
void motet_unit_length(const float *x, float *y, float *factor, int64_t rows, int64_t width);
/// dx = factor (dy - y sum(dy y)).
void motet_unit_length_gradient(
    const float *dy, const float *y, const float *factor, float *dx, int64_t rows, int64_t width);

#ifdef __cplusplus
}
#endif
#endif
