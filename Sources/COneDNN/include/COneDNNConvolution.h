// Convolutions over images in channels-last order, and their gradients, as oneDNN primitives.
#ifndef MOTET_CONEDNN_CONVOLUTION_H
#define MOTET_CONEDNN_CONVOLUTION_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What is computed from what.
enum motet_convolution_kind {
    MOTET_CONVOLUTION_FORWARD = 0,          // y from x, w and perhaps a bias
    MOTET_CONVOLUTION_INPUT_GRADIENT = 1,   // dx from dy and w
    MOTET_CONVOLUTION_WEIGHT_GRADIENT = 2,  // dw from x and dy, and perhaps the bias's gradient
};

/// How it is computed.
enum motet_convolution_way {
    MOTET_CONVOLUTION_PLAIN = 0,     // directly on channels-last images
    MOTET_CONVOLUTION_BLOCKED = 1,   // directly, images reordered into oneDNN's own layout
    MOTET_CONVOLUTION_WINOGRAD = 2,  // by Winograd's algorithm F(4x4, 3x3), images reordered
};

/// `y[b, i, j, o] = f(sum over r, s, c of x[b, i * stride + r * dilation - top, ..., c] w[r, s, c, o]
/// + bias[o])`.
typedef struct {
    int64_t batch;
    int64_t input_height, input_width, input_channels;
    int64_t output_height, output_width, output_channels;
    int64_t kernel_height, kernel_width, groups;
    int64_t stride_height, stride_width, dilation_height, dilation_width;
    int64_t top, left, bottom, right;
    int32_t kind;        // enum motet_convolution_kind
    int32_t way;         // enum motet_convolution_way
    int32_t has_bias;    // forward: a bias is added; weight gradient: its gradient is computed too
    int32_t activation;  // enum motet_activation, forward only
    float slope;         // of the leaky ReLU
} motet_convolution_shape;

typedef struct motet_convolution motet_convolution;

/// Creates the primitives for one shape. Fails where oneDNN has no such way of computing it.
int motet_convolution_create(
    const motet_convolution_shape *shape, motet_convolution **result, char *error,
    size_t error_size);

/// How many bytes of scratch a run needs.
size_t motet_convolution_scratch_bytes(const motet_convolution *convolution);

/// Runs it.
///
/// `first` and `second` are (x, w), (dy, w) or (x, dy) as the kind says; `bias` is read by a forward
/// convolution that has one and written by a weight gradient that has one. `scratch` is aligned to
/// 64 bytes; nothing in it is kept.
int motet_convolution_run(
    motet_convolution *convolution, const float *first, const float *second, float *bias,
    float *result, void *scratch);

void motet_convolution_destroy(motet_convolution *convolution);

#ifdef __cplusplus
}
#endif
#endif
