#include "EngineKernels.h"
#include "ImageKernels.h"
#include "Vector.h"

typedef struct {
    motet_frame f;
    const float *x;
    float *y;
} frame_job;

static int64_t grain(const motet_frame *f) { return 16384 / (f->width * f->channels + 1) + 1; }

static void pad_rows(void *context, int64_t begin, int64_t end) {
    const frame_job *j = context;
    const motet_frame f = j->f;
    const int64_t height = f.top + f.height + f.bottom;
    const size_t left = (size_t)(f.left * f.channels), middle = (size_t)(f.width * f.channels);
    const size_t right = (size_t)(f.right * f.channels), width = left + middle + right;
    for (int64_t row = begin; row < end; row++) {
        const int64_t b = row / height, h = row % height - f.top;
        float *y = j->y + row * (int64_t)width;
        if (h < 0 || h >= f.height) {
            memset(y, 0, width * sizeof(float));
            continue;
        }
        memset(y, 0, left * sizeof(float));
        memcpy(y + left, j->x + (b * f.height + h) * (int64_t)middle, middle * sizeof(float));
        memset(y + left + middle, 0, right * sizeof(float));
    }
}

void motet_pad(const motet_frame *frame, const float *x, float *y) {
    frame_job j = {*frame, x, y};
    const int64_t height = frame->top + frame->height + frame->bottom;
    motet_parallel_for(frame->batch * height, grain(frame), pad_rows, &j);
}

static void crop_rows(void *context, int64_t begin, int64_t end) {
    const frame_job *j = context;
    const motet_frame f = j->f;
    const int64_t height = f.top + f.height + f.bottom, width = f.left + f.width + f.right;
    for (int64_t row = begin; row < end; row++) {
        const int64_t b = row / f.height, h = row % f.height + f.top;
        memcpy(j->y + row * f.width * f.channels,
            j->x + ((b * height + h) * width + f.left) * f.channels,
            (size_t)(f.width * f.channels) * sizeof(float));
    }
}

void motet_crop(const motet_frame *frame, const float *x, float *y) {
    frame_job j = {*frame, x, y};
    motet_parallel_for(frame->batch * frame->height, grain(frame), crop_rows, &j);
}

typedef struct {
    const float *x;
    float *y;
    float rate;
    uint64_t key;
    int64_t inner, channels;
} dropout_job;

enum { CHUNK = 64 };

MOTET_CLONES static void spatial_dropout(void *context, int64_t begin, int64_t end) {
    const dropout_job *j = context;
    const float scale = 1.0f / (1.0f - j->rate);
    float factor[CHUNK];
    for (int64_t b = begin; b < end; b++)
        for (int64_t first = 0; first < j->channels; first += CHUNK) {
            const int64_t n = j->channels - first < CHUNK ? j->channels - first : CHUNK;
            for (int64_t c = 0; c < n; c++) {
                const uint64_t number = (uint64_t)(b * j->channels + first + c);
                const uint64_t bits = motet_mix(j->key + number * 0x9E3779B97F4A7C15ull);
                const float uniform = (float)(int32_t)(bits >> 40) * 0x1p-24f;
                factor[c] = uniform >= j->rate ? scale : 0.0f;
            }
            for (int64_t i = 0; i < j->inner; i++) {
                const int64_t at = (b * j->inner + i) * j->channels + first;
                for (int64_t c = 0; c < n; c++)
                    j->y[at + c] = factor[c] == 0 ? 0.0f : j->x[at + c] * factor[c];
            }
        }
}

void motet_spatial_dropout(
    const float *x, float rate, uint64_t key, float *y, int64_t batch, int64_t inner,
    int64_t channels) {
    dropout_job j = {x, y, rate, key, inner, channels};
    motet_parallel_for(batch, 8192 / (inner * channels + 1) + 1, spatial_dropout, &j);
}
