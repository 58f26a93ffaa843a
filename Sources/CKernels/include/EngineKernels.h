// Kernels of the engine: what the graph's operations are lowered to besides oneDNN primitives.
//
// Arrays are row-major float32 or int32. `rows`, `width` and the like count elements, strides count
// elements from one row to the next. Large loops run on the threads of libgomp, which oneDNN uses
// too; how work is cut depends only on sizes and the number of threads, so results are reproducible.
#ifndef MOTET_ENGINE_KERNELS_H
#define MOTET_ENGINE_KERNELS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Parallel.c -----------------------------------------------------------------------------------

typedef void (*motet_range_body)(void *context, int64_t begin, int64_t end);

/// Runs `body` over `0 ..< count`, cut into one range a thread when there are at least two grains.
void motet_parallel_for(int64_t count, int64_t grain, motet_range_body body, void *context);

/// Runs `body` over items one at a time; idle threads take the next item.
void motet_parallel_items(int64_t count, motet_range_body body, void *context);

/// The number of threads parallel loops use.
int motet_thread_count(void);

/// Sets the number of threads of parallel loops and of oneDNN, for the calling thread's loops.
void motet_set_thread_count(int count);

/// Starts the program anew so that idle threads of libgomp sleep after a short spin, unless the
/// environment already says how they wait. Returns only when there is nothing to change.
void motet_wait_briefly(char *const *arguments);

// Activations.c --------------------------------------------------------------------------------

/// y = f(x); `kind` is COneDNN's enum motet_activation.
void motet_activation(int kind, float slope, const float *x, float *y, int64_t count);
/// dx = dy * f'; `saved` is y for ReLU, leaky ReLU, sigmoid, tanh and softplus, x for GELU and swish.
void motet_activation_gradient(
    int kind, float slope, const float *dy, const float *saved, float *dx, int64_t count);
void motet_prelu(const float *x, const float *slope, float *y, int64_t rows, int64_t width);
void motet_prelu_gradient(
    const float *dy, const float *x, const float *slope, float *dx, float *dslope, int64_t rows,
    int64_t width);

// Elementwise.c --------------------------------------------------------------------------------

/// y = a (op) b over up to four axes; a stride of 0 repeats. op: 0 add, 1 subtract, 2 multiply, 3 divide.
void motet_arithmetic(
    int operation, const float *a, const float *b, float *y, const int64_t sizes[4],
    const int64_t a_strides[4], const int64_t b_strides[4]);
void motet_exponential(const float *x, float *y, int64_t count);
void motet_logarithm(const float *x, float *y, int64_t count);
void motet_scale(const float *x, float factor, float *y, int64_t count);
void motet_clip(const float *x, float minimum, float maximum, float *y, int64_t count);
/// y = sum of `terms` arrays.
void motet_add_n(const float *const *x, int terms, float *y, int64_t count);
/// state = momentum * old + (1 - momentum) * value.
void motet_exponential_average(
    const float *old, const float *value, float momentum, float *state, int64_t count);
/// Adds x to the elements of y that it was broadcast from; y is zeroed first.
void motet_sum_to_shape(
    const float *x, float *y, int64_t y_count, const int64_t sizes[4], const int64_t y_strides[4]);
void motet_copy_rows(
    const void *x, int64_t x_stride, void *y, int64_t y_stride, int64_t rows, int64_t width);
/// y[i, j, k, l] = x at the given strides.
void motet_gather_strided(
    const void *x, void *y, const int64_t sizes[4], const int64_t x_strides[4]);
/// The mean over the middle axis of [outer, size, inner].
void motet_mean_axis(const float *x, float *y, int64_t outer, int64_t size, int64_t inner);

// Bias.c ---------------------------------------------------------------------------------------

/// y = f(x + bias), rows at strides; f as in motet_activation, 0 for none. bias may be null.
void motet_bias_activation(
    int kind, float slope, const float *x, int64_t x_stride, const float *bias, float *y,
    int64_t y_stride, int64_t rows, int64_t width);
/// y[u] = sum of the rows of x.
void motet_sum_rows(const float *x, int64_t x_stride, float *y, int64_t rows, int64_t width);

// Softmax.c ------------------------------------------------------------------------------------

void motet_softmax(const float *x, float *y, int64_t rows, int64_t width);
void motet_softmax_gradient(
    const float *dy, const float *y, float *dx, int64_t rows, int64_t width);

// Mixture.c ------------------------------------------------------------------------------------

/// out[k, b, :] = sum_j gates[k, b, j] * experts[selection[k * selected + j], b, :].
void motet_mixture(
    const float *gates, const float *experts, float *out, const int32_t *selection, int64_t tasks,
    int64_t selected, int64_t rows, int64_t width);
/// For each expert the gates that select it: pairs starts[e] ..< starts[e + 1] of a gate and a place in it.
typedef struct {
    const int32_t *starts, *pairs;
    int64_t experts;
} motet_mixture_users;
/// Gradients of motet_mixture, those of the experts times the derivative of their own activation, which
/// follows from their values; `kind` is enum motet_activation. `dexperts` may be `experts`.
void motet_mixture_gradient(
    int kind, float slope, const float *dout, const float *gates, const float *experts,
    float *dgates, float *dexperts, const motet_mixture_users *users, int64_t selected,
    int64_t rows, int64_t width);

// TaskGradients.c ------------------------------------------------------------------------------

/// At most so many partial sums of products are kept.
enum { MOTET_PRODUCT_PIECES = 256 };
/// result[i, j] = sum x_i * x_j over `count` elements in `slices` slices, of which some may be left out; `included`
/// may be null. `sums` has MOTET_PRODUCT_PIECES * values^2 elements.
void motet_inner_products(
    const float *const *x, int64_t values, int64_t count, int64_t slices, const uint8_t *included,
    double *sums, float *result);
/// Products of gates' gradients at the experts; for gates k >= l the places of the same experts are pairs
/// starts[k * gate_count + l] ..< starts[k * gate_count + l + 1]. `sums` as above.
void motet_mixture_products(
    const float *dout, const float *gates, const int32_t *starts, const int32_t *places,
    int64_t gate_count, int64_t choices, int64_t rows, int64_t width, double *sums, float *result);
/// y = sum_v factor * x_v, with places[v * slices + s] of the factor, -1 for 1; a factor of 0 takes nothing.
void motet_weighted_sum(
    const float *const *x, int64_t values, const float *factors, const int32_t *places,
    int64_t slices, int64_t count, float *y);
/// In each element of the values so multiplied the sum of those of one sign, drawn by the bits of the element, plus
/// `leak` times the others.
void motet_sign_dropout(
    const float *const *x, int64_t values, const float *factors, const int32_t *places,
    int64_t slices, int64_t count, float leak, uint64_t key, float *y);

// Embedding.c ----------------------------------------------------------------------------------

typedef struct {
    const float *table;
    const int32_t *ids;
    float *out;
    int64_t vocabulary, width, rows, out_stride;
} motet_lookup;
/// Several lookups in one parallel loop over rows.
void motet_embedding_lookup(const motet_lookup *lookups, int64_t count);

// StoredRows.c ---------------------------------------------------------------------------------

/// Rows of a table, `[vocabulary, slices * units]`, as a stack `[slices, rows, units]`; `bias` may be NULL.
typedef struct {
    const float *table, *bias;
    const int32_t *ids;
    float *out;
    int64_t vocabulary, slices, units, rows;
} motet_stored_rows;
void motet_stored_rows_run(const motet_stored_rows *rows, int kind, float slope);

/// 1 for every id but 0.
void motet_padding_mask(const int32_t *ids, float *mask, int64_t count);

void motet_pooled_embedding(
    const float *table, int64_t vocabulary, int64_t width, const int32_t *values,
    const int32_t *offsets, int64_t lists, int mean, float *out, int64_t out_stride);
void motet_pooled_embedding_gradient(
    const float *dy, int64_t dy_stride, const int32_t *offsets, int64_t lists, int64_t width,
    int mean, float *rows);

// PadLists.c -----------------------------------------------------------------------------------

/// Lists of `count` rows as sequences [lists, length, width] that end together, and their masks [lists, length];
/// step by step the row `shift` further on, around the end.
void motet_pad_lists(
    const float *rows, const int32_t *offsets, int64_t lists, int64_t count, int64_t width,
    int64_t length, int64_t shift, float *out, float *mask);
/// The gradient at every row of a list.
void motet_pad_lists_gradient(
    const float *dy, const int32_t *offsets, int64_t lists, int64_t count, int64_t width,
    int64_t length, int64_t shift, float *drows);

typedef struct {
    const int32_t *ids;
    const float *rows;
    int64_t count, stride;
} motet_row_source;

typedef struct {
    const motet_row_source *sources;
    int64_t source_count;
    int64_t vocabulary, width;
    int32_t *slots;        // [vocabulary], all -1 before and after
    int32_t *unique_ids;   // [N]
    float *sums;           // [N, width]
    int32_t *unique_count; // [1]
} motet_combination;
/// Adds up rows of equal ids, several tables in one parallel loop.
void motet_combine_rows(const motet_combination *combinations, int64_t count);

void motet_dense_rows(
    const int32_t *ids, const float *rows, const int32_t *count, float *dense, int64_t vocabulary,
    int64_t width);

// Normalization.c ------------------------------------------------------------------------------

void motet_batch_normalization(
    const float *x, const float *gamma, const float *beta, float epsilon, float *y, float *mean,
    float *variance, int64_t rows, int64_t width);
void motet_batch_normalization_gradient(
    const float *dy, const float *x, const float *gamma, const float *mean, const float *variance,
    float epsilon, float *dx, float *dgamma, float *dbeta, int64_t rows, int64_t width);
void motet_batch_normalization_inference(
    const float *x, const float *gamma, const float *beta, const float *mean,
    const float *variance, float epsilon, float *y, int64_t rows, int64_t width);
void motet_layer_normalization(
    const float *x, const float *gamma, const float *beta, float epsilon, float *y, float *mean,
    float *inverse, int64_t rows, int64_t width);
void motet_layer_normalization_gradient(
    const float *dy, const float *x, const float *gamma, const float *mean, const float *inverse,
    float *dx, float *dgamma, float *dbeta, int64_t rows, int64_t width);
void motet_dropout(
    const float *x, float rate, uint64_t key, float *y, int64_t count);

// Losses.c -------------------------------------------------------------------------------------

enum motet_loss {
    MOTET_LOSS_BINARY_CROSS_ENTROPY = 0,
    MOTET_LOSS_FOCAL = 1,
    MOTET_LOSS_SQUARED_ERROR = 2,
    MOTET_LOSS_ABSOLUTE_ERROR = 3,
    MOTET_LOSS_HUBER = 4,
    MOTET_LOSS_POISSON = 5,
    MOTET_LOSS_QUANTILE = 6,
    MOTET_LOSS_FAKE_NEGATIVE_WEIGHTED = 7,
};
// Labels [rows, width]; `given` and `mask` may be null. Writes [rows, width] or [rows] weights.
void motet_sample_weights(
    const float *labels, const float *given, const float *mask, const float *const *parents,
    int64_t parent_count, float *weights, int64_t rows, int64_t width, int is_per_element);
void motet_pointwise_loss(
    int kind, float a, float b, const float *x, const float *labels, const float *weights,
    float *loss, float *weight_sum, int64_t rows);
void motet_pointwise_loss_gradient(
    int kind, float a, float b, const float *x, const float *labels, const float *weights,
    const float *weight_sum, const float *upstream, float *dx, int64_t rows);
// `class_weights` may be null: then every class weighs 1.
void motet_categorical_loss(
    const float *logits, const float *labels, const float *weights, float *loss,
    float *weight_sum, int64_t rows, int64_t classes, float smoothing,
    const float *class_weights);
void motet_categorical_loss_gradient(
    const float *logits, const float *labels, const float *weights, const float *weight_sum,
    const float *upstream, float *dlogits, int64_t rows, int64_t classes, float smoothing,
    const float *class_weights);

// Optimizers.c ---------------------------------------------------------------------------------

enum motet_rule {
    MOTET_RULE_SGD = 0,
    MOTET_RULE_MOMENTUM = 1,
    MOTET_RULE_NESTEROV = 2,
    MOTET_RULE_ADAGRAD = 3,
    MOTET_RULE_ROW_WISE_ADAGRAD = 4,
    MOTET_RULE_ADAM = 5,
};
typedef struct {
    int32_t rule;
    float momentum, beta1, beta2, epsilon, decay, l2;
} motet_update_rule;
typedef struct {
    motet_update_rule rule;
    float *parameter, *first, *second;  // second is Adam's second moment
    const float *gradient;
    const int32_t *ids;    // null: dense
    const int32_t *count;  // touched rows
    int64_t rows, width;   // dense: rows x width elements
    const float *learning_rate;
    const int32_t *step;
    const float *scale;
} motet_update;
/// Several updates in one parallel loop.
void motet_optimizer_updates(const motet_update *updates, int64_t count);
/// The sum of squares of `count` rows (or of `*counted` rows when given).
void motet_sum_of_squares(
    const float *x, int64_t rows, const int32_t *counted, int64_t width, float *result);
void motet_clipping_factor(const float *sum_of_squares, float limit, float *factor);

// Check.c --------------------------------------------------------------------------------------

/// Whether every element is finite.
int motet_all_finite(const float *x, int64_t count);

#ifdef __cplusplus
}
#endif
#endif
