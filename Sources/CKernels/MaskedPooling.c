#include "EngineKernels.h"
#include "ImageKernels.h"
#include "Vector.h"

typedef struct {
    const float *x, *mask;
    float *y;
    const int32_t *place;
    int32_t *place_out;
    int64_t steps, channels;
} job;

static int64_t grain(int64_t steps, int64_t channels) { return 8192 / (steps * channels + 1) + 1; }

static float mask_sum(const float *mask, int64_t steps) {
    double sum = 0;
    for (int64_t t = 0; t < steps; t++) sum += mask[t];
    return (float)sum;
}

MOTET_CLONES static void mean_rows(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    for (int64_t b = begin; b < end; b++) {
        const float *mask = j->mask + b * j->steps;
        float *y = j->y + b * j->channels;
        memset(y, 0, (size_t)j->channels * sizeof(float));
        const float sum = mask_sum(mask, j->steps);
        if (!(sum > 0)) continue;
        for (int64_t t = 0; t < j->steps; t++) {
            if (mask[t] == 0) continue;
            const float *x = j->x + (b * j->steps + t) * j->channels;
            for (int64_t c = 0; c < j->channels; c++) y[c] += mask[t] * x[c];
        }
        for (int64_t c = 0; c < j->channels; c++) y[c] /= sum;
    }
}

void motet_masked_mean(
    const float *x, const float *mask, float *y, int64_t batch, int64_t steps, int64_t channels) {
    job j = {.x = x, .mask = mask, .y = y, .steps = steps, .channels = channels};
    motet_parallel_for(batch, grain(steps, channels), mean_rows, &j);
}

MOTET_CLONES static void mean_gradient_rows(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    for (int64_t b = begin; b < end; b++) {
        const float *mask = j->mask + b * j->steps, *dy = j->x + b * j->channels;
        const float sum = mask_sum(mask, j->steps);
        for (int64_t t = 0; t < j->steps; t++) {
            float *dx = j->y + (b * j->steps + t) * j->channels;
            if (mask[t] == 0 || !(sum > 0)) {
                memset(dx, 0, (size_t)j->channels * sizeof(float));
                continue;
            }
            const float factor = mask[t] / sum;
            for (int64_t c = 0; c < j->channels; c++) dx[c] = factor * dy[c];
        }
    }
}

void motet_masked_mean_gradient(
    const float *dy, const float *mask, float *dx, int64_t batch, int64_t steps, int64_t channels) {
    job j = {.x = dy, .mask = mask, .y = dx, .steps = steps, .channels = channels};
    motet_parallel_for(batch, grain(steps, channels), mean_gradient_rows, &j);
}

MOTET_CLONES static void max_rows(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    for (int64_t b = begin; b < end; b++) {
        float *y = j->y + b * j->channels;
        int32_t *place = j->place_out + b * j->channels;
        for (int64_t c = 0; c < j->channels; c++) {
            y[c] = 0;
            place[c] = -1;
        }
        for (int64_t t = 0; t < j->steps; t++) {
            if (!(j->mask[b * j->steps + t] > 0)) continue;
            const float *x = j->x + (b * j->steps + t) * j->channels;
            for (int64_t c = 0; c < j->channels; c++) {
                const float value = x[c], old = y[c];
                const int take =
                    place[c] < 0 || value > old || (value != value && old == old);
                y[c] = take ? value : old;
                place[c] = take ? (int32_t)t : place[c];
            }
        }
    }
}

void motet_masked_max(
    const float *x, const float *mask, float *y, int32_t *place, int64_t batch, int64_t steps,
    int64_t channels) {
    job j = {.x = x, .mask = mask, .y = y, .place_out = place, .steps = steps,
        .channels = channels};
    motet_parallel_for(batch, grain(steps, channels), max_rows, &j);
}

MOTET_CLONES static void max_gradient_rows(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    for (int64_t b = begin; b < end; b++) {
        const float *dy = j->x + b * j->channels;
        const int32_t *place = j->place + b * j->channels;
        for (int64_t t = 0; t < j->steps; t++) {
            float *dx = j->y + (b * j->steps + t) * j->channels;
            for (int64_t c = 0; c < j->channels; c++)
                dx[c] = place[c] == (int32_t)t ? dy[c] : 0.0f;
        }
    }
}

void motet_masked_max_gradient(
    const float *dy, const int32_t *place, float *dx, int64_t batch, int64_t steps,
    int64_t channels) {
    job j = {.x = dy, .place = place, .y = dx, .steps = steps, .channels = channels};
    motet_parallel_for(batch, grain(steps, channels), max_gradient_rows, &j);
}
