#include "EngineKernels.h"
#include "Vector.h"

void motet_sample_weights(
    const float *labels, const float *given, const float *mask, const float *const *parents,
    int64_t parent_count, float *weights, int64_t rows, int64_t width, int is_per_element) {
    for (int64_t r = 0; r < rows; r++) {
        float weight = given ? given[r] : 1.0f;
        for (int64_t p = 0; p < parent_count; p++)
            if (parents[p][r] != 1.0f) weight = 0;
        const float *own = labels + r * width;
        const float *steps = mask ? mask + r * width : NULL;
        for (int64_t n = 0; n < width; n++) {
            // NaN, and only NaN, differs from itself.
            const int takes_part = own[n] == own[n] && (!steps || steps[n] != 0);
            if (is_per_element) weights[r * width + n] = takes_part ? weight : 0;
            else if (!takes_part) weight = 0;
        }
        if (!is_per_element) weights[r] = weight;
    }
}

static double row_loss(int kind, double a, double b, double x, double y) {
    switch (kind) {
        case MOTET_LOSS_BINARY_CROSS_ENTROPY:
            return (x > 0 ? x : 0) - x * y + log1p(exp(-fabs(x)));
        case MOTET_LOSS_FOCAL: {
            // With z = x for a positive and -x for a negative, p_t = sigmoid(z).
            const double sign = y > 0.5 ? 1 : -1, z = sign * x;
            const double entropy = (z > 0 ? 0 : -z) + log1p(exp(-fabs(z)));
            const double q = 1 / (1 + exp(z));  // 1 - p_t
            const double alpha = b < 0 ? 1 : y > 0.5 ? b : 1 - b;
            return alpha * pow(q, a) * entropy;
        }
        case MOTET_LOSS_SQUARED_ERROR: return (x - y) * (x - y);
        case MOTET_LOSS_ABSOLUTE_ERROR: return fabs(x - y);
        case MOTET_LOSS_HUBER: {
            const double d = fabs(x - y);
            return d <= a ? d * d / 2 : a * (d - a / 2);
        }
        case MOTET_LOSS_POISSON: return exp(x) - y * x;
        case MOTET_LOSS_FAKE_NEGATIVE_WEIGHTED: {
            const double p = 1 / (1 + exp(-x)), q = 1 / (1 + exp(x)), far = log1p(exp(-fabs(x)));
            return y * (1 + p) * ((x > 0 ? 0 : -x) + far)
                + (1 - y) * q * (1 + p) * ((x > 0 ? x : 0) + far);
        }
        default: {
            const double d = y - x;
            return d >= 0 ? a * d : (a - 1) * d;
        }
    }
}

static double row_gradient(int kind, double a, double b, double x, double y) {
    switch (kind) {
        case MOTET_LOSS_BINARY_CROSS_ENTROPY: return 1 / (1 + exp(-x)) - y;
        case MOTET_LOSS_FOCAL: {
            const double sign = y > 0.5 ? 1 : -1, z = sign * x;
            const double entropy = (z > 0 ? 0 : -z) + log1p(exp(-fabs(z)));
            const double q = 1 / (1 + exp(z)), p = 1 - q;
            const double alpha = b < 0 ? 1 : y > 0.5 ? b : 1 - b;
            // d/dz of q^a * entropy: dq/dz = -p q, d entropy/dz = -q.
            return sign * alpha * pow(q, a) * (-a * p * entropy - q);
        }
        case MOTET_LOSS_SQUARED_ERROR: return 2 * (x - y);
        case MOTET_LOSS_ABSOLUTE_ERROR: return x > y ? 1 : x < y ? -1 : 0;
        case MOTET_LOSS_HUBER: {
            const double d = x - y;
            return d > a ? a : d < -a ? -a : d;
        }
        case MOTET_LOSS_POISSON: return exp(x) - y;
        case MOTET_LOSS_FAKE_NEGATIVE_WEIGHTED: {
            const double p = 1 / (1 + exp(-x)), q = 1 / (1 + exp(x));
            return q * (1 + p) * (p * (1 - y) - y);
        }
        default: return y > x ? -a : y < x ? 1 - a : 0;
    }
}

// Rows are cut into blocks of fixed size whose sums are added in order: the result does not depend on
// the number of threads.
enum { BLOCK = 512, MAXIMUM_BLOCKS = 4096 };

typedef struct {
    int kind;
    float a, b;
    const float *x, *labels, *weights;
    float *dx;
    double factor;
    double *losses, *sums;
    int64_t rows, block, classes;
    double smoothing;
    const float *class_weights;
} job;

static void loss_blocks(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    for (int64_t block = begin; block < end; block++) {
        const int64_t first = block * j->block;
        const int64_t last = first + j->block < j->rows ? first + j->block : j->rows;
        double loss = 0, sum = 0;
        for (int64_t r = first; r < last; r++) {
            const double weight = j->weights[r];
            if (weight == 0) continue;
            sum += weight;
            loss += weight * row_loss(j->kind, j->a, j->b, j->x[r], j->labels[r]);
        }
        j->losses[block] = loss;
        j->sums[block] = sum;
    }
}

static void finish(job *j, motet_range_body body, float *loss, float *weight_sum) {
    double losses[MAXIMUM_BLOCKS], sums[MAXIMUM_BLOCKS];
    j->losses = losses;
    j->sums = sums;
    j->block = BLOCK;
    while ((j->rows + j->block - 1) / j->block > MAXIMUM_BLOCKS) j->block *= 2;
    const int64_t blocks = (j->rows + j->block - 1) / j->block;
    motet_parallel_for(blocks, 2, body, j);
    double total = 0, sum = 0;
    for (int64_t block = 0; block < blocks; block++) {
        total += losses[block];
        sum += sums[block];
    }
    *loss = sum > 0 ? (float)(total / sum) : 0.0f;
    *weight_sum = (float)sum;
}

void motet_pointwise_loss(
    int kind, float a, float b, const float *x, const float *labels, const float *weights,
    float *loss, float *weight_sum, int64_t rows) {
    job j = {.kind = kind, .a = a, .b = b, .x = x, .labels = labels, .weights = weights,
        .rows = rows};
    finish(&j, loss_blocks, loss, weight_sum);
}

static void gradient_rows(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    for (int64_t r = begin; r < end; r++) {
        const double weight = j->weights[r];
        j->dx[r] = weight == 0
            ? 0.0f
            : (float)(j->factor * weight
                * row_gradient(j->kind, j->a, j->b, j->x[r], j->labels[r]));
    }
}

void motet_pointwise_loss_gradient(
    int kind, float a, float b, const float *x, const float *labels, const float *weights,
    const float *weight_sum, const float *upstream, float *dx, int64_t rows) {
    const double factor = *weight_sum > 0 ? (double)*upstream / *weight_sum : 0;
    job j = {.kind = kind, .a = a, .b = b, .x = x, .labels = labels, .weights = weights,
        .dx = dx, .factor = factor};
    motet_parallel_for(rows, 512, gradient_rows, &j);
}

static double log_sum_exp(const float *x, int64_t classes, double *greatest) {
    double most = x[0], sum = 0;
    for (int64_t c = 1; c < classes; c++) most = x[c] > most ? x[c] : most;
    for (int64_t c = 0; c < classes; c++) sum += exp(x[c] - most);
    *greatest = most;
    return log(sum);
}

static void categorical_blocks(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    for (int64_t block = begin; block < end; block++) {
        const int64_t first = block * j->block;
        const int64_t last = first + j->block < j->rows ? first + j->block : j->rows;
        double loss = 0, sum = 0;
        for (int64_t r = first; r < last; r++) {
            const double weight = j->weights[r];
            if (weight == 0) continue;
            const float *x = j->x + r * j->classes;
            const int64_t label = (int64_t)j->labels[r];
            double greatest;
            const double normaliser = log_sum_exp(x, j->classes, &greatest);
            // A label outside the classes has no defined loss; NaN makes the trainer stop and say so.
            if (label < 0 || label >= j->classes) {
                loss = (double)NAN;
                continue;
            }
            const double class_weight = j->class_weights ? j->class_weights[label] : 1;
            sum += weight * class_weight;
            loss += weight * (1 - j->smoothing) * class_weight * (normaliser + greatest - x[label]);
            if (j->smoothing == 0) continue;
            for (int64_t c = 0; c < j->classes; c++) {
                const double share = j->class_weights ? j->class_weights[c] : 1;
                loss += weight * j->smoothing / (double)j->classes * share
                    * (normaliser + greatest - x[c]);
            }
        }
        j->losses[block] = loss;
        j->sums[block] = sum;
    }
}

void motet_categorical_loss(
    const float *logits, const float *labels, const float *weights, float *loss,
    float *weight_sum, int64_t rows, int64_t classes, float smoothing,
    const float *class_weights) {
    job j = {.x = logits, .labels = labels, .weights = weights, .rows = rows, .classes = classes,
        .smoothing = smoothing, .class_weights = class_weights};
    finish(&j, categorical_blocks, loss, weight_sum);
}

static void categorical_gradient_rows(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    for (int64_t r = begin; r < end; r++) {
        const float *x = j->x + r * j->classes;
        float *dx = j->dx + r * j->classes;
        const double weight = j->weights[r];
        if (weight == 0) {
            memset(dx, 0, (size_t)j->classes * sizeof(float));
            continue;
        }
        double greatest;
        const double normaliser = log_sum_exp(x, j->classes, &greatest);
        const int64_t label = (int64_t)j->labels[r];
        // The loss is sum_c t_c (log sum exp(x) - x_c) with targets t, so dx_c = p_c sum(t) - t_c.
        const double spread = j->smoothing / (double)j->classes;
        const double own = (1 - j->smoothing) * (j->class_weights ? j->class_weights[label] : 1);
        double total = own;
        for (int64_t c = 0; c < j->classes && spread > 0; c++)
            total += spread * (j->class_weights ? j->class_weights[c] : 1);
        for (int64_t c = 0; c < j->classes; c++) {
            const double p = exp(x[c] - greatest - normaliser);
            const double target = spread * (j->class_weights ? j->class_weights[c] : 1)
                + (c == label ? own : 0);
            dx[c] = (float)(j->factor * weight * (p * total - target));
        }
    }
}

void motet_categorical_loss_gradient(
    const float *logits, const float *labels, const float *weights, const float *weight_sum,
    const float *upstream, float *dlogits, int64_t rows, int64_t classes, float smoothing,
    const float *class_weights) {
    const double factor = *weight_sum > 0 ? (double)*upstream / *weight_sum : 0;
    job j = {.x = logits, .labels = labels, .weights = weights, .dx = dlogits, .factor = factor,
        .classes = classes, .smoothing = smoothing, .class_weights = class_weights};
    motet_parallel_for(rows, 256, categorical_gradient_rows, &j);
}
