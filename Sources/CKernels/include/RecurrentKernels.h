// Kernels of recurrences and of sequences of tags, one source file for each block.
//
// Arrays are row-major float32; `rows` is the batch, `steps` the time, `units` the width of a state. A
// mask is [rows, steps], above 0 where a step counts, or null. Each thread takes a slice of the rows for
// all steps, so no thread waits for another at a step.
#ifndef MOTET_RECURRENT_KERNELS_H
#define MOTET_RECURRENT_KERNELS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// c = a b for matrices whose rows are adjacent; called from parallel regions, and then runs on the
/// calling thread alone. Returns 0 on success.
typedef int (*motet_product)(
    int64_t rows, int64_t columns, int64_t inner, const float *a, const float *b, float *c);

// LSTM.c ---------------------------------------------------------------------------------------

/// One pass of an LSTM forwards; gates are in the order input, forget, cell, output. Outputs may be null
/// except the last states.
typedef struct {
    int64_t rows, steps, units;
    int32_t is_reversed;
    motet_product multiply;
    const float *gates;          // [B, T, 4U]
    const float *recurrent;      // [U, 4U]
    const float *mask;           // [B, T] or null
    const float *first_hidden;   // [B, U] or null
    const float *first_cell;     // [B, U] or null
    float *sequence;             // [B, T, U]
    float *last_hidden;          // [B, U]
    float *last_cell;            // [B, U]
    float *cells;                // [B, T, U]
    float *activated;            // [B, T, 4U]; may be gates
    float *previous;             // [B, T, U]
    float *sums;                 // scratch [B, 4U]
} motet_lstm;
/// Returns 0 when every product ran.
int motet_lstm_forward(const motet_lstm *lstm);

/// The way back; gradients that did not arrive are null.
typedef struct {
    int64_t rows, steps, units;
    int32_t is_reversed;
    motet_product multiply;
    const float *recurrent;      // [U, 4U]
    const float *activated;      // [B, T, 4U]
    const float *cells;          // [B, T, U]
    const float *mask;           // [B, T] or null
    const float *first_cell;     // [B, U] or null
    const float *dsequence;      // [B, T, U] or null
    const float *dlast_hidden;   // [B, U] or null
    const float *dlast_cell;     // [B, U] or null
    float *dgates;               // [B, T, 4U]; may be activated
    float *dfirst_hidden;        // [B, U]
    float *dfirst_cell;          // [B, U]
    float *transposed;           // scratch [4U, U]
    float *sums;                 // scratch [B, 4U]
    float *carried;              // scratch [B, U]
} motet_lstm_back;
int motet_lstm_backward(const motet_lstm_back *lstm);

// GRU.c ----------------------------------------------------------------------------------------

/// One pass of a GRU forwards; gates are in the order reset, update, new.
typedef struct {
    int64_t rows, steps, units;
    int32_t is_reversed;
    motet_product multiply;
    const float *gates;          // [B, T, 3U]
    const float *recurrent;      // [U, 3U]
    const float *bias;           // [3U]
    const float *mask;           // [B, T] or null
    const float *first_hidden;   // [B, U] or null
    float *sequence;             // [B, T, U]
    float *last_hidden;          // [B, U]
    float *activated;            // [B, T, 3U]; may be gates
    float *candidates;           // [B, T, U]
    float *previous;             // [B, T, U]
    float *sums;                 // scratch [B, 3U]
    const float *attention;      // [B, T] or null: how far each step moves the state
} motet_gru;
int motet_gru_forward(const motet_gru *gru);

typedef struct {
    int64_t rows, steps, units;
    int32_t is_reversed;
    motet_product multiply;
    const float *recurrent;      // [U, 3U]
    const float *activated;      // [B, T, 3U]
    const float *candidates;     // [B, T, U]
    const float *previous;       // [B, T, U]
    const float *mask;           // [B, T] or null
    const float *dsequence;      // [B, T, U] or null
    const float *dlast_hidden;   // [B, U] or null
    float *dgates;               // [B, T, 3U]; may be activated
    float *dproducts;            // [B, T, 3U]
    float *dfirst_hidden;        // [B, U]
    float *transposed;           // scratch [3U, U]
    float *sums;                 // scratch [B, 3U]
    float *carried;              // scratch [B, U]
    const float *attention;      // [B, T] or null
    float *dattention;           // [B, T], where there is attention
} motet_gru_back;
int motet_gru_backward(const motet_gru_back *gru);

// CRF.c ----------------------------------------------------------------------------------------

/// A linear chain over the steps of weight above 0. `scratch` and `places` have the sizes that
/// motet_crf_scratch and motet_crf_places give.
typedef struct {
    int64_t rows, steps, tags;
    const float *emissions;      // [B, T, K]
    const float *transitions;    // [K, K], from row to column
    const float *start, *end;    // [K]
    const float *labels;         // [B, T]
    const float *weights;        // [B, T]
    double *scratch;
    int64_t *places;
} motet_crf;
int64_t motet_crf_scratch(int64_t steps, int64_t tags);
int64_t motet_crf_places(int64_t steps);
/// The weighted mean of the negative log-likelihoods of rows, and the sum of their weights.
void motet_crf_loss(const motet_crf *crf, float *loss, float *weight_sum);
void motet_crf_loss_gradient(
    const motet_crf *crf, const float *weight_sum, const float *upstream, float *demissions,
    float *dtransitions, float *dstart, float *dend);

// Viterbi.c ------------------------------------------------------------------------------------

/// Scratch of motet_viterbi: doubles, and 32-bit integers.
int64_t motet_viterbi_scores(int64_t tags);
int64_t motet_viterbi_origins(int64_t steps, int64_t tags);
/// The tags of the greatest score, -1 where the mask is 0, and the same as ones and zeros.
void motet_viterbi(
    const float *emissions, const float *transitions, const float *start, const float *end,
    const float *mask, int64_t rows, int64_t steps, int64_t tags, int32_t *chosen, float *path,
    double *scores, int32_t *origins);

#ifdef __cplusplus
}
#endif
#endif
