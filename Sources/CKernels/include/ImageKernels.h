// Kernels for images [B, H, W, C], sequences [B, T, C] and boxes [B, 4], besides oneDNN's convolutions.
//
// The conventions are those of EngineKernels.h.
#ifndef MOTET_IMAGE_KERNELS_H
#define MOTET_IMAGE_KERNELS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Pooling.c ------------------------------------------------------------------------------------

/// How a window moves over images.
typedef struct {
    int64_t batch, height, width, channels;
    int64_t out_height, out_width;
    int64_t window_height, window_width, stride_height, stride_width, top, left;
} motet_window;

/// The greatest of each window, and its place in the window; the first of equals, a NaN before all.
/// `place` may be null.
void motet_max_pooling(const motet_window *window, const float *x, float *y, int32_t *place);
void motet_max_pooling_gradient(
    const motet_window *window, const float *dy, const int32_t *place, float *dx);
/// The mean of each window over what lies inside the image.
void motet_average_pooling(const motet_window *window, const float *x, float *y);
void motet_average_pooling_gradient(const motet_window *window, const float *dy, float *dx);

// MaskedPooling.c ------------------------------------------------------------------------------

/// y[b] = sum of mask[b, t] x[b, t] / sum of mask[b, t]; zeros where the mask is. What stands at a
/// step of mask 0 is not read.
void motet_masked_mean(
    const float *x, const float *mask, float *y, int64_t batch, int64_t steps, int64_t channels);
void motet_masked_mean_gradient(
    const float *dy, const float *mask, float *dx, int64_t batch, int64_t steps, int64_t channels);
/// The greatest of the steps of mask above 0, and which it was; 0 and -1 where there is none.
void motet_masked_max(
    const float *x, const float *mask, float *y, int32_t *place, int64_t batch, int64_t steps,
    int64_t channels);
void motet_masked_max_gradient(
    const float *dy, const int32_t *place, float *dx, int64_t batch, int64_t steps,
    int64_t channels);

// Frames.c -------------------------------------------------------------------------------------

/// Sizes of an image, and what lies around it in a larger one.
typedef struct {
    int64_t batch, height, width, channels;
    int64_t top, left, bottom, right;
} motet_frame;

/// Copies images into the middle of larger ones, zeros around them.
void motet_pad(const motet_frame *frame, const float *x, float *y);
/// Copies the middle of larger images.
void motet_crop(const motet_frame *frame, const float *x, float *y);
/// Zeros whole channels: that of element [b, i, c] by the bits of b * channels + c, as motet_dropout.
void motet_spatial_dropout(
    const float *x, float rate, uint64_t key, float *y, int64_t batch, int64_t inner,
    int64_t channels);

// Boxes.c --------------------------------------------------------------------------------------

enum motet_box_loss_kind {
    MOTET_BOX_HUBER = 0,
    MOTET_BOX_IOU = 1,
    MOTET_BOX_GIOU = 2,
};

/// The weighted mean over rows of weight above 0 of a loss of boxes [rows, 4], and the sum of weights.
void motet_box_loss(
    int kind, float delta, const float *x, const float *labels, const float *weights, float *loss,
    float *weight_sum, int64_t rows);
void motet_box_loss_gradient(
    int kind, float delta, const float *x, const float *labels, const float *weights,
    const float *weight_sum, const float *upstream, float *dx, int64_t rows);

#ifdef __cplusplus
}
#endif
#endif
