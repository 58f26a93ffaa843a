#include "EngineKernels.h"
#include "RecurrentKernels.h"
#include "Vector.h"

// Rows are cut into a fixed number of blocks whose sums are added in order: the result does not depend on
// the number of threads.
enum { BLOCKS = 16 };

// Below this a sum of powers has lost its digits, and is computed anew from logarithms.
static const double LOST = 1e-280;

typedef struct {
    const motet_crf *c;
    double greatest;           // transition
    double *powers;            // exp(transition - greatest), [K, K]
    double *turned;            // the same transposed
    double factor;
    float *demissions;
    int has_gradient;
} job;

// What one block works in.
typedef struct {
    double loss, weight;
    double *before;            // [T, K]: log sum exp of the ways to a tag
    double *after, *left, *right, *sums;            // [K]
    double *dtransitions, *dstart, *dend;           // [K, K], [K], [K]
    int64_t *places;           // the steps that take part
} block;

static int64_t block_size(int64_t steps, int64_t tags) {
    return 2 + steps * tags + 4 * tags + tags * tags + 2 * tags;
}

int64_t motet_crf_scratch(int64_t steps, int64_t tags) {
    return 2 * tags * tags + BLOCKS * block_size(steps, tags);
}

int64_t motet_crf_places(int64_t steps) { return BLOCKS * steps; }

static double *block_start(const motet_crf *c, int64_t index) {
    return c->scratch + 2 * c->tags * c->tags + index * block_size(c->steps, c->tags);
}

static block block_at(const motet_crf *c, int64_t index) {
    const int64_t tags = c->tags;
    block b;
    b.before = block_start(c, index) + 2;
    b.after = b.before + c->steps * tags;
    b.left = b.after + tags;
    b.right = b.left + tags;
    b.sums = b.right + tags;
    b.dtransitions = b.sums + tags;
    b.dstart = b.dtransitions + tags * tags;
    b.dend = b.dstart + tags;
    b.places = c->places + index * c->steps;
    b.loss = b.weight = 0;
    return b;
}

static double greatest_of(const double *x, int64_t count) {
    double most = x[0];
    for (int64_t i = 1; i < count; i++) most = x[i] > most ? x[i] : most;
    return most;
}

// log sum exp of x[i] + a[i * stride], when the sum of powers was lost.
static double exact_sum(const double *x, const float *a, int64_t stride, int64_t count) {
    double most = x[0] + a[0], sum = 0;
    for (int64_t i = 1; i < count; i++) {
        const double term = x[i] + a[i * stride];
        most = term > most ? term : most;
    }
    for (int64_t i = 0; i < count; i++) sum += exp(x[i] + a[i * stride] - most);
    return most + log(sum);
}

// sums[j] = sum over i of x[i] * m[i, j].
MOTET_CLONES static void combine(
    const double *restrict x, const double *restrict m, double *restrict sums, int64_t tags) {
    for (int64_t j = 0; j < tags; j++) sums[j] = 0;
    for (int64_t i = 0; i < tags; i++) {
        const double factor = x[i];
        for (int64_t j = 0; j < tags; j++) sums[j] += factor * m[i * tags + j];
    }
}

// y[i, j] += factor * left[i] * m[i, j] * right[j].
MOTET_CLONES static void add_pairs(
    double factor, const double *restrict left, const double *restrict m,
    const double *restrict right, double *restrict y, int64_t tags) {
    for (int64_t i = 0; i < tags; i++) {
        const double scaled = factor * left[i];
        for (int64_t j = 0; j < tags; j++)
            y[i * tags + j] += scaled * m[i * tags + j] * right[j];
    }
}

static double powers_of(const double *x, double *powers, int64_t count) {
    const double most = greatest_of(x, count);
    for (int64_t i = 0; i < count; i++) powers[i] = exp(x[i] - most);
    return most;
}

// Fills `before` and returns log sum exp over all sequences.
static double forwards(const job *j, const block *b, const float *emissions, int64_t count) {
    const motet_crf *c = j->c;
    const int64_t tags = c->tags;
    for (int64_t step = 0; step < count; step++) {
        const float *e = emissions + b->places[step] * tags;
        double *row = b->before + step * tags;
        if (step == 0) {
            for (int64_t k = 0; k < tags; k++) row[k] = (double)c->start[k] + e[k];
            continue;
        }
        const double *last = row - tags;
        const double most = powers_of(last, b->left, tags) + j->greatest;
        combine(b->left, j->powers, b->sums, tags);
        for (int64_t k = 0; k < tags; k++)
            row[k] = e[k]
                + (b->sums[k] > LOST ? most + log(b->sums[k])
                                     : exact_sum(last, c->transitions + k, tags, tags));
    }
    return exact_sum(b->before + (count - 1) * tags, c->end, 1, tags);
}

// The score of the labels; NaN where one is no tag, which makes the trainer stop and say so.
static double score_of(
    const motet_crf *c, const block *b, const float *emissions, const float *labels,
    int64_t count) {
    double score = 0;
    int64_t last = 0;
    for (int64_t step = 0; step < count; step++) {
        const float label = labels[b->places[step]];
        if (!(label >= 0 && label < (float)c->tags)) return (double)NAN;
        const int64_t tag = (int64_t)label;
        score += emissions[b->places[step] * c->tags + tag];
        score += step == 0 ? c->start[tag] : c->transitions[last * c->tags + tag];
        last = tag;
    }
    return score + c->end[last];
}

// Expected counts less the labels' own, from the last step to the first.
static void backwards(
    const job *j, block *b, const float *emissions, const float *labels, float *demissions,
    int64_t count, double all, double scale) {
    const motet_crf *c = j->c;
    const int64_t tags = c->tags;
    for (int64_t k = 0; k < tags; k++) b->after[k] = c->end[k];
    for (int64_t step = count - 1; step >= 0; step--) {
        const float *e = emissions + b->places[step] * tags;
        float *de = demissions + b->places[step] * tags;
        const double *row = b->before + step * tags;
        const int64_t chosen = (int64_t)labels[b->places[step]];
        for (int64_t k = 0; k < tags; k++) {
            const double expected = exp(row[k] + b->after[k] - all);
            const double difference = scale * (expected - (k == chosen));
            de[k] = (float)difference;
            if (step == 0) b->dstart[k] += difference;
            if (step == count - 1) b->dend[k] += difference;
        }
        if (step == 0) return;
        const double *last = row - tags;
        const double from = powers_of(last, b->left, tags);
        for (int64_t k = 0; k < tags; k++) b->after[k] += e[k];
        const double to = powers_of(b->after, b->right, tags);
        const double exponent = from + j->greatest + to - all;
        if (exponent < 600) {
            add_pairs(
                scale * exp(exponent), b->left, j->powers, b->right, b->dtransitions, tags);
        } else {
            for (int64_t i = 0; i < tags; i++)
                for (int64_t k = 0; k < tags; k++)
                    b->dtransitions[i * tags + k] += scale
                        * exp(last[i] + c->transitions[i * tags + k] + b->after[k] - all);
        }
        b->dtransitions[(int64_t)labels[b->places[step - 1]] * tags + chosen] -= scale;
        combine(b->right, j->turned, b->sums, tags);
        for (int64_t k = 0; k < tags; k++)
            b->left[k] = b->sums[k] > LOST
                ? to + j->greatest + log(b->sums[k])
                : exact_sum(b->after, c->transitions + k * tags, 1, tags);
        memcpy(b->after, b->left, (size_t)tags * sizeof(double));
    }
}

static void run_blocks(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const motet_crf *c = j->c;
    const int64_t width = c->steps * c->tags;
    for (int64_t index = begin; index < end; index++) {
        block b = block_at(c, index);
        if (j->has_gradient)
            memset(b.dtransitions, 0, (size_t)(c->tags * c->tags + 2 * c->tags) * sizeof(double));
        for (int64_t r = c->rows * index / BLOCKS; r < c->rows * (index + 1) / BLOCKS; r++) {
            int64_t count = 0;
            for (int64_t t = 0; t < c->steps; t++)
                if (c->weights[r * c->steps + t] > 0) b.places[count++] = t;
            if (j->has_gradient)
                memset(j->demissions + r * width, 0, (size_t)width * sizeof(float));
            if (count == 0) continue;
            const float *emissions = c->emissions + r * width;
            const float *labels = c->labels + r * c->steps;
            const double weight = c->weights[r * c->steps + b.places[0]];
            const double all = forwards(j, &b, emissions, count);
            const double score = score_of(c, &b, emissions, labels, count);
            b.loss += weight * (all - score);
            b.weight += weight;
            if (j->has_gradient && score == score)
                backwards(j, &b, emissions, labels, j->demissions + r * width, count, all,
                    j->factor * weight);
        }
        block_start(c, index)[0] = b.loss;
        block_start(c, index)[1] = b.weight;
    }
}

static void run(job *j) {
    const motet_crf *c = j->c;
    const int64_t count = c->tags * c->tags;
    j->powers = c->scratch;
    j->turned = c->scratch + count;
    j->greatest = c->transitions[0];
    for (int64_t i = 1; i < count; i++)
        j->greatest = c->transitions[i] > j->greatest ? c->transitions[i] : j->greatest;
    for (int64_t i = 0; i < c->tags; i++)
        for (int64_t k = 0; k < c->tags; k++) {
            const double power = exp(c->transitions[i * c->tags + k] - j->greatest);
            j->powers[i * c->tags + k] = j->turned[k * c->tags + i] = power;
        }
    motet_parallel_for(BLOCKS, 1, run_blocks, j);
}

void motet_crf_loss(const motet_crf *crf, float *loss, float *weight_sum) {
    job j = {.c = crf};
    run(&j);
    double total = 0, sum = 0;
    for (int64_t index = 0; index < BLOCKS; index++) {
        total += block_start(crf, index)[0];
        sum += block_start(crf, index)[1];
    }
    *loss = sum > 0 ? (float)(total / sum) : 0.0f;
    *weight_sum = (float)sum;
}

void motet_crf_loss_gradient(
    const motet_crf *crf, const float *weight_sum, const float *upstream, float *demissions,
    float *dtransitions, float *dstart, float *dend) {
    job j = {.c = crf, .demissions = demissions, .has_gradient = 1};
    j.factor = *weight_sum > 0 ? (double)*upstream / *weight_sum : 0;
    run(&j);
    const int64_t tags = crf->tags;
    for (int64_t i = 0; i < tags * tags + 2 * tags; i++) {
        double sum = 0;
        for (int64_t index = 0; index < BLOCKS; index++)
            sum += block_at(crf, index).dtransitions[i];
        float *target = i < tags * tags ? dtransitions + i
            : i < tags * tags + tags    ? dstart + (i - tags * tags)
                                        : dend + (i - tags * tags - tags);
        *target = (float)sum;
    }
}
