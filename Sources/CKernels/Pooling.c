#include "EngineKernels.h"
#include "ImageKernels.h"
#include "Vector.h"

// Channels are handled in pieces that fit a register; calls with this constant are compiled for it.
enum { LANES = 16 };

typedef struct {
    const motet_window *w;
    const float *x;
    float *y;
    const int32_t *place;
    int32_t *place_out;
} job;

typedef struct {
    int64_t first, last;
} span;

// The part of a window that starts at `start` which lies inside `size`, counted from its start.
MOTET_INLINE span inside(int64_t start, int64_t window, int64_t size) {
    span s = {start < 0 ? -start : 0, start + window > size ? size - start : window};
    return s;
}

// The windows that cover a place: those that start in (place - window, place].
MOTET_INLINE span covering(
    int64_t place, int64_t before, int64_t window, int64_t stride, int64_t count) {
    const int64_t low = place + before - window + 1;
    span s = {low <= 0 ? 0 : (low + stride - 1) / stride, (place + before) / stride + 1};
    if (s.last > count) s.last = count;
    return s;
}

// The greatest of some channels of a window whose corner may lie outside the image.
MOTET_INLINE void window_max(const motet_window *w, const float *corner, span rows, span columns,
    int64_t n, float *y, int32_t *place) {
    float best[LANES];
    int32_t which[LANES];
    const int32_t first = (int32_t)(rows.first * w->window_width + columns.first);
    const float *start = corner + (rows.first * w->width + columns.first) * w->channels;
    for (int64_t c = 0; c < n; c++) {
        best[c] = start[c];
        which[c] = first;
    }
    for (int64_t r = rows.first; r < rows.last; r++)
        for (int64_t s = columns.first; s < columns.last; s++) {
            const float *x = corner + (r * w->width + s) * w->channels;
            const int32_t number = (int32_t)(r * w->window_width + s);
            for (int64_t c = 0; c < n; c++) {
                const float value = x[c], old = best[c];
                // Greater than all before; or the first that is not a number.
                const int take = (value > old) | ((value != value) & (old == old));
                best[c] = take ? value : old;
                which[c] = take ? number : which[c];
            }
        }
    for (int64_t c = 0; c < n; c++) y[c] = best[c];
    if (place)
        for (int64_t c = 0; c < n; c++) place[c] = which[c];
}

// One row of results at a time.
MOTET_CLONES static void max_rows(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const motet_window w = *j->w;
    for (int64_t row = begin; row < end; row++) {
        const int64_t b = row / w.out_height, i = row % w.out_height;
        const int64_t top = i * w.stride_height - w.top;
        const span rows = inside(top, w.window_height, w.height);
        for (int64_t column = 0; column < w.out_width; column++) {
            const int64_t left = column * w.stride_width - w.left;
            const span columns = inside(left, w.window_width, w.width);
            const float *corner = j->x + ((b * w.height + top) * w.width + left) * w.channels;
            float *y = j->y + (row * w.out_width + column) * w.channels;
            int32_t *place = j->place_out
                ? j->place_out + (row * w.out_width + column) * w.channels
                : 0;
            int64_t c = 0;
            for (; c + LANES <= w.channels; c += LANES)
                window_max(&w, corner + c, rows, columns, LANES, y + c, place ? place + c : 0);
            if (c < w.channels)
                window_max(
                    &w, corner + c, rows, columns, w.channels - c, y + c, place ? place + c : 0);
        }
    }
}

static int64_t grain(const motet_window *w, int64_t width) {
    return 16384 / (width * w->channels + 1) + 1;
}

void motet_max_pooling(const motet_window *w, const float *x, float *y, int32_t *place) {
    job j = {.w = w, .x = x, .y = y, .place_out = place};
    motet_parallel_for(w->batch * w->out_height, grain(w, w->width), max_rows, &j);
}

// One row of the images at a time: each pixel gathers from the windows that cover it, so that it is
// written once, by one thread.
MOTET_CLONES static void max_gradient_rows(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const motet_window w = *j->w;
    for (int64_t row = begin; row < end; row++) {
        const int64_t b = row / w.height, h = row % w.height;
        const span rows = covering(h, w.top, w.window_height, w.stride_height, w.out_height);
        for (int64_t v = 0; v < w.width; v++) {
            const span columns = covering(v, w.left, w.window_width, w.stride_width, w.out_width);
            float *dx = j->y + (row * w.width + v) * w.channels;
            int is_first = 1;
            for (int64_t i = rows.first; i < rows.last; i++)
                for (int64_t k = columns.first; k < columns.last; k++) {
                    const int64_t source =
                        ((b * w.out_height + i) * w.out_width + k) * w.channels;
                    const float *dy = j->x + source;
                    const int32_t *place = j->place + source;
                    const int32_t here =
                        (int32_t)((h - i * w.stride_height + w.top) * w.window_width + v
                            - k * w.stride_width + w.left);
                    if (is_first)
                        for (int64_t c = 0; c < w.channels; c++)
                            dx[c] = place[c] == here ? dy[c] : 0.0f;
                    else
                        for (int64_t c = 0; c < w.channels; c++)
                            dx[c] += place[c] == here ? dy[c] : 0.0f;
                    is_first = 0;
                }
            if (is_first) memset(dx, 0, (size_t)w.channels * sizeof(float));
        }
    }
}

void motet_max_pooling_gradient(
    const motet_window *w, const float *dy, const int32_t *place, float *dx) {
    job j = {.w = w, .x = dy, .place = place, .y = dx};
    motet_parallel_for(w->batch * w->height, grain(w, w->width), max_gradient_rows, &j);
}

MOTET_INLINE float share(span rows, span columns) {
    return 1.0f / (float)((rows.last - rows.first) * (columns.last - columns.first));
}

MOTET_CLONES static void average_rows(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const motet_window w = *j->w;
    for (int64_t row = begin; row < end; row++) {
        const int64_t b = row / w.out_height, i = row % w.out_height;
        const int64_t top = i * w.stride_height - w.top;
        const span rows = inside(top, w.window_height, w.height);
        for (int64_t column = 0; column < w.out_width; column++) {
            const int64_t left = column * w.stride_width - w.left;
            const span columns = inside(left, w.window_width, w.width);
            const float *corner = j->x + ((b * w.height + top) * w.width + left) * w.channels;
            float *y = j->y + (row * w.out_width + column) * w.channels;
            memset(y, 0, (size_t)w.channels * sizeof(float));
            for (int64_t r = rows.first; r < rows.last; r++)
                for (int64_t s = columns.first; s < columns.last; s++) {
                    const float *x = corner + (r * w.width + s) * w.channels;
                    for (int64_t c = 0; c < w.channels; c++) y[c] += x[c];
                }
            const float factor = share(rows, columns);
            for (int64_t c = 0; c < w.channels; c++) y[c] *= factor;
        }
    }
}

void motet_average_pooling(const motet_window *w, const float *x, float *y) {
    job j = {.w = w, .x = x, .y = y};
    motet_parallel_for(w->batch * w->out_height, grain(w, w->width), average_rows, &j);
}

MOTET_CLONES static void average_gradient_rows(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const motet_window w = *j->w;
    for (int64_t row = begin; row < end; row++) {
        const int64_t b = row / w.height, h = row % w.height;
        const span rows = covering(h, w.top, w.window_height, w.stride_height, w.out_height);
        for (int64_t v = 0; v < w.width; v++) {
            const span columns = covering(v, w.left, w.window_width, w.stride_width, w.out_width);
            float *dx = j->y + (row * w.width + v) * w.channels;
            memset(dx, 0, (size_t)w.channels * sizeof(float));
            for (int64_t i = rows.first; i < rows.last; i++)
                for (int64_t k = columns.first; k < columns.last; k++) {
                    const float *dy =
                        j->x + ((b * w.out_height + i) * w.out_width + k) * w.channels;
                    const float factor =
                        share(inside(i * w.stride_height - w.top, w.window_height, w.height),
                            inside(k * w.stride_width - w.left, w.window_width, w.width));
                    for (int64_t c = 0; c < w.channels; c++) dx[c] += dy[c] * factor;
                }
        }
    }
}

void motet_average_pooling_gradient(const motet_window *w, const float *dy, float *dx) {
    job j = {.w = w, .x = dy, .y = dx};
    motet_parallel_for(w->batch * w->height, grain(w, w->width), average_gradient_rows, &j);
}
