#include "EngineKernels.h"
#include "Vector.h"

typedef struct {
    const float *x, *dy, *gamma, *beta, *mean, *second;
    float *y, *mean_out, *second_out, *dgamma, *dbeta;
    float epsilon;
    int64_t rows, width;
} job;

// Threads own columns. Two passes: the mean first, then squares of differences from it, which stay
// exact where the variance is small against the mean.
MOTET_CLONES static void batch_forward(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const int64_t rows = j->rows, width = j->width;
    for (int64_t first = begin; first < end; first += 16) {
        const int64_t n = end - first < 16 ? end - first : 16;
        double sum[16] = {0}, squares[16] = {0};
        float mean[16], factor[16];
        for (int64_t r = 0; r < rows; r++)
            for (int64_t u = 0; u < n; u++) sum[u] += j->x[r * width + first + u];
        for (int64_t u = 0; u < n; u++) mean[u] = (float)(sum[u] / (double)rows);
        for (int64_t r = 0; r < rows; r++)
            for (int64_t u = 0; u < n; u++) {
                const double d = j->x[r * width + first + u] - mean[u];
                squares[u] += d * d;
            }
        for (int64_t u = 0; u < n; u++) {
            const float variance = (float)(squares[u] / (double)rows);
            j->mean_out[first + u] = mean[u];
            j->second_out[first + u] = variance;
            factor[u] = j->gamma[first + u] / motet_sqrt(variance + j->epsilon);
        }
        for (int64_t r = 0; r < rows; r++)
            for (int64_t u = 0; u < n; u++) {
                const int64_t i = r * width + first + u;
                j->y[i] = (j->x[i] - mean[u]) * factor[u] + j->beta[first + u];
            }
    }
}

void motet_batch_normalization(
    const float *x, const float *gamma, const float *beta, float epsilon, float *y, float *mean,
    float *variance, int64_t rows, int64_t width) {
    job j = {.x = x, .gamma = gamma, .beta = beta, .y = y, .mean_out = mean,
        .second_out = variance, .epsilon = epsilon, .rows = rows, .width = width};
    motet_parallel_for(width, 16, batch_forward, &j);
}

MOTET_CLONES static void batch_backward(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const int64_t rows = j->rows, width = j->width;
    for (int64_t first = begin; first < end; first += 16) {
        const int64_t n = end - first < 16 ? end - first : 16;
        double sum[16] = {0}, product[16] = {0};
        float inverse[16];
        for (int64_t u = 0; u < n; u++)
            inverse[u] = 1.0f / motet_sqrt(j->second[first + u] + j->epsilon);
        for (int64_t r = 0; r < rows; r++)
            for (int64_t u = 0; u < n; u++) {
                const int64_t i = r * width + first + u;
                sum[u] += j->dy[i];
                product[u] += j->dy[i] * (j->x[i] - j->mean[first + u]) * inverse[u];
            }
        for (int64_t u = 0; u < n; u++) {
            j->dbeta[first + u] = (float)sum[u];
            j->dgamma[first + u] = (float)product[u];
        }
        for (int64_t r = 0; r < rows; r++)
            for (int64_t u = 0; u < n; u++) {
                const int64_t i = r * width + first + u;
                const float normal = (j->x[i] - j->mean[first + u]) * inverse[u];
                const float mean_sum = (float)(sum[u] / (double)rows);
                const float mean_product = (float)(product[u] / (double)rows);
                j->y[i] = j->gamma[first + u] * inverse[u]
                    * (j->dy[i] - mean_sum - normal * mean_product);
            }
    }
}

void motet_batch_normalization_gradient(
    const float *dy, const float *x, const float *gamma, const float *mean, const float *variance,
    float epsilon, float *dx, float *dgamma, float *dbeta, int64_t rows, int64_t width) {
    job j = {.x = x, .dy = dy, .gamma = gamma, .mean = mean, .second = variance, .y = dx,
        .dgamma = dgamma, .dbeta = dbeta, .epsilon = epsilon, .rows = rows, .width = width};
    motet_parallel_for(width, 16, batch_backward, &j);
}

MOTET_CLONES static void batch_inference(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    for (int64_t r = begin; r < end; r++)
        for (int64_t u = 0; u < j->width; u++) {
            const float factor = j->gamma[u] / motet_sqrt(j->second[u] + j->epsilon);
            const int64_t i = r * j->width + u;
            j->y[i] = (j->x[i] - j->mean[u]) * factor + j->beta[u];
        }
}

void motet_batch_normalization_inference(
    const float *x, const float *gamma, const float *beta, const float *mean,
    const float *variance, float epsilon, float *y, int64_t rows, int64_t width) {
    job j = {.x = x, .gamma = gamma, .beta = beta, .mean = mean, .second = variance, .y = y,
        .epsilon = epsilon, .width = width};
    motet_parallel_for(rows, 4096 / (width + 1) + 1, batch_inference, &j);
}

// Sums of a row in double precision. Eight of them run side by side, or the additions would wait for one
// another; they are added up in a fixed order.
enum { SUMS = 8 };

MOTET_INLINE double total(const double *sums) {
    double sum = 0;
    for (int64_t l = 0; l < SUMS; l++) sum += sums[l];
    return sum;
}

MOTET_CLONES static void layer_forward(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const int64_t width = j->width, whole = width / SUMS * SUMS;
    for (int64_t r = begin; r < end; r++) {
        const float *x = j->x + r * width;
        double sum[SUMS] = {0}, squares[SUMS] = {0};
        for (int64_t u = 0; u < whole; u += SUMS)
            for (int64_t l = 0; l < SUMS; l++) sum[l] += x[u + l];
        for (int64_t u = whole; u < width; u++) sum[u - whole] += x[u];
        const float mean = (float)(total(sum) / (double)width);
        for (int64_t u = 0; u < whole; u += SUMS)
            for (int64_t l = 0; l < SUMS; l++) {
                const double d = x[u + l] - mean;
                squares[l] += d * d;
            }
        for (int64_t u = whole; u < width; u++) {
            const double d = x[u] - mean;
            squares[u - whole] += d * d;
        }
        const float variance = (float)(total(squares) / (double)width);
        const float inverse = 1.0f / motet_sqrt(variance + j->epsilon);
        j->mean_out[r] = mean;
        j->second_out[r] = inverse;
        for (int64_t u = 0; u < width; u++)
            j->y[r * width + u] = (x[u] - mean) * inverse * j->gamma[u] + j->beta[u];
    }
}

void motet_layer_normalization(
    const float *x, const float *gamma, const float *beta, float epsilon, float *y, float *mean,
    float *inverse, int64_t rows, int64_t width) {
    job j = {.x = x, .gamma = gamma, .beta = beta, .y = y, .mean_out = mean,
        .second_out = inverse, .epsilon = epsilon, .width = width};
    motet_parallel_for(rows, 4096 / (width + 1) + 1, layer_forward, &j);
}

MOTET_CLONES static void layer_backward(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const int64_t width = j->width, whole = width / SUMS * SUMS;
    for (int64_t r = begin; r < end; r++) {
        const float *x = j->x + r * width, *dy = j->dy + r * width;
        const float mean = j->mean[r], inverse = j->second[r];
        double sums[SUMS] = {0}, products[SUMS] = {0};
        for (int64_t u = 0; u < whole; u += SUMS)
            for (int64_t l = 0; l < SUMS; l++) {
                const float g = dy[u + l] * j->gamma[u + l];
                sums[l] += g;
                products[l] += g * (x[u + l] - mean) * inverse;
            }
        for (int64_t u = whole; u < width; u++) {
            const float g = dy[u] * j->gamma[u];
            sums[u - whole] += g;
            products[u - whole] += g * (x[u] - mean) * inverse;
        }
        const float mean_sum = (float)(total(sums) / (double)width);
        const float mean_product = (float)(total(products) / (double)width);
        for (int64_t u = 0; u < width; u++) {
            const float normal = (x[u] - mean) * inverse;
            j->y[r * width + u] =
                inverse * (dy[u] * j->gamma[u] - mean_sum - normal * mean_product);
        }
    }
}

// Threads own columns; a column's rows are added in their order.
MOTET_CLONES static void layer_parameters(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    for (int64_t first = begin; first < end; first += 16) {
        const int64_t n = end - first < 16 ? end - first : 16;
        double products[16] = {0}, sums[16] = {0};
        for (int64_t r = 0; r < j->rows; r++) {
            const float *x = j->x + r * j->width + first, *dy = j->dy + r * j->width + first;
            const float mean = j->mean[r], inverse = j->second[r];
            for (int64_t u = 0; u < n; u++) {
                sums[u] += dy[u];
                products[u] += (double)dy[u] * (x[u] - mean) * inverse;
            }
        }
        for (int64_t u = 0; u < n; u++) {
            j->dgamma[first + u] = (float)products[u];
            j->dbeta[first + u] = (float)sums[u];
        }
    }
}

void motet_layer_normalization_gradient(
    const float *dy, const float *x, const float *gamma, const float *mean, const float *inverse,
    float *dx, float *dgamma, float *dbeta, int64_t rows, int64_t width) {
    job j = {.x = x, .dy = dy, .gamma = gamma, .mean = mean, .second = inverse, .y = dx,
        .dgamma = dgamma, .dbeta = dbeta, .rows = rows, .width = width};
    motet_parallel_for(width, 32768 / (rows + 1) + 16, layer_parameters, &j);
    motet_parallel_for(rows, 4096 / (width + 1) + 1, layer_backward, &j);
}

typedef struct {
    const float *x;
    float *y;
    float rate;
    uint64_t key;
} dropout_job;

// Element i is kept when the top 24 bits of RandomKey(key).bits(i), read as a fraction, reach the rate.
MOTET_CLONES static void dropout(void *context, int64_t begin, int64_t end) {
    const dropout_job *j = context;
    const float factor = 1.0f / (1.0f - j->rate);
    for (int64_t i = begin; i < end; i++) {
        const uint64_t bits = motet_mix(j->key + (uint64_t)i * 0x9E3779B97F4A7C15ull);
        const float uniform = (float)(int32_t)(bits >> 40) * 0x1p-24f;
        j->y[i] = uniform >= j->rate ? j->x[i] * factor : 0.0f;
    }
}

void motet_dropout(const float *x, float rate, uint64_t key, float *y, int64_t count) {
    dropout_job j = {x, y, rate, key};
    motet_parallel_for(count, 8192, dropout, &j);
}
