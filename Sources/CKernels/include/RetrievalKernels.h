// The softmax of each user's item among the items of a batch. Matrix products inside are the caller's:
// oneDNN's, on one thread.
#ifndef MOTET_RETRIEVAL_KERNELS_H
#define MOTET_RETRIEVAL_KERNELS_H

#include <stdint.h>

#include "AttentionKernels.h"

#ifdef __cplusplus
extern "C" {
#endif

// InBatchSoftmax.c -----------------------------------------------------------------------------

/// s_ij = scale u_i . v_j - log_probabilities[j]; for j != i of the same id -inf where `masks_repeats`.
typedef struct {
    motet_strided_product_body product;
    int64_t rows, width;
    float scale;
    int32_t masks_repeats;
    const float *users, *items;  // [rows, width]
    const int32_t *ids;
    const float *log_probabilities, *weights;
} motet_in_batch_softmax_job;

/// loss = sum_i w_i (normaliser_i - s_ii) / sum_i w_i with normaliser_i = log sum_j exp(s_ij), which is 0
/// where the weight is.
void motet_in_batch_softmax(
    const motet_in_batch_softmax_job *job, float *loss, float *weight_sum, float *normalisers);

/// The gradients of users and items from the normalisers. Every sum has one order, whatever the number of
/// threads.
void motet_in_batch_softmax_gradient(
    const motet_in_batch_softmax_job *job, const float *weight_sum, const float *normalisers,
    const float *upstream, float *dusers, float *ditems);

#ifdef __cplusplus
}
#endif
#endif
