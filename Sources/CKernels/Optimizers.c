#include "EngineKernels.h"
#include "Vector.h"

// Factors of one step that are the same for every element.
typedef struct {
    float rate, scale, l2, momentum, beta1, beta2, epsilon, shrink;
    float first_correction, second_correction;
} factors;

static factors factors_of(const motet_update *u) {
    const motet_update_rule *rule = &u->rule;
    const double step = (double)*u->step;
    factors f = {0};
    f.rate = *u->learning_rate;
    f.scale = *u->scale;
    f.l2 = rule->l2;
    f.momentum = rule->momentum;
    f.beta1 = rule->beta1;
    f.beta2 = rule->beta2;
    f.epsilon = rule->epsilon;
    f.shrink = 1.0f - f.rate * rule->decay;
    f.first_correction = (float)(1.0 / (1.0 - pow(rule->beta1, step)));
    f.second_correction = (float)(1.0 / (1.0 - pow(rule->beta2, step)));
    return f;
}

MOTET_INLINE void update_span(
    int rule, const factors *f, float *restrict p, float *restrict first,
    float *restrict second, const float *restrict gradient, int64_t count) {
    const float rate = f->rate, scale = f->scale, l2 = f->l2, momentum = f->momentum;
    const float beta1 = f->beta1, beta2 = f->beta2, epsilon = f->epsilon, shrink = f->shrink;
    const float c1 = rate * f->first_correction, c2 = f->second_correction;
    for (int64_t i = 0; i < count; i++) {
        const float g = gradient[i] * scale + l2 * p[i];
        switch (rule) {
            case MOTET_RULE_SGD: p[i] -= rate * g; break;
            case MOTET_RULE_MOMENTUM:
                first[i] = momentum * first[i] + g;
                p[i] -= rate * first[i];
                break;
            case MOTET_RULE_NESTEROV:
                first[i] = momentum * first[i] + g;
                p[i] -= rate * (g + momentum * first[i]);
                break;
            case MOTET_RULE_ADAGRAD:
                first[i] += g * g;
                p[i] -= rate * g / (motet_sqrt(first[i]) + epsilon);
                break;
            default:
                first[i] = beta1 * first[i] + (1.0f - beta1) * g;
                second[i] = beta2 * second[i] + (1.0f - beta2) * g * g;
                p[i] = shrink * p[i] - c1 * first[i] / (motet_sqrt(second[i] * c2) + epsilon);
                break;
        }
    }
}

MOTET_INLINE void update_row_wise(
    const factors *f, float *restrict p, float *accumulator, const float *restrict gradient,
    int64_t width) {
    float sum = 0;
    for (int64_t i = 0; i < width; i++) {
        const float g = gradient[i] * f->scale + f->l2 * p[i];
        sum += g * g;
    }
    *accumulator += sum / (float)width;
    const float rate = f->rate / (motet_sqrt(*accumulator) + f->epsilon);
    for (int64_t i = 0; i < width; i++) {
        const float g = gradient[i] * f->scale + f->l2 * p[i];
        p[i] -= rate * g;
    }
}

MOTET_INLINE void update_any(
    int rule, const factors *f, float *p, float *first, float *second, const float *gradient,
    int64_t count) {
    switch (rule) {
        case MOTET_RULE_SGD: update_span(MOTET_RULE_SGD, f, p, first, second, gradient, count); break;
        case MOTET_RULE_MOMENTUM:
            update_span(MOTET_RULE_MOMENTUM, f, p, first, second, gradient, count);
            break;
        case MOTET_RULE_NESTEROV:
            update_span(MOTET_RULE_NESTEROV, f, p, first, second, gradient, count);
            break;
        case MOTET_RULE_ADAGRAD:
            update_span(MOTET_RULE_ADAGRAD, f, p, first, second, gradient, count);
            break;
        default: update_span(MOTET_RULE_ADAM, f, p, first, second, gradient, count); break;
    }
}

// Dense parameters are cut into pieces of this many elements, so that threads share the large ones.
enum { PIECE = 32768, ROW_PIECE = 1024 };

typedef struct {
    const motet_update *updates;
    int64_t count;
} job;

static int64_t pieces_of(const motet_update *u) {
    if (u->ids) return (*u->count + ROW_PIECE - 1) / ROW_PIECE;
    if (u->rule.rule == MOTET_RULE_ROW_WISE_ADAGRAD) return (u->rows + ROW_PIECE - 1) / ROW_PIECE;
    return (u->rows * u->width + PIECE - 1) / PIECE;
}

MOTET_INLINE void run_rows(
    const motet_update *u, const factors *f, int64_t width, int64_t begin, int64_t end) {
    const int rule = u->rule.rule;
    for (int64_t r = begin; r < end; r++) {
        const int64_t row = u->ids ? u->ids[r] : r;
        float *p = u->parameter + row * width;
        const float *gradient = u->gradient + r * width;
        if (u->ids && r + 8 < end) {
            const int64_t ahead = u->ids[r + 8] * width;
            __builtin_prefetch(u->parameter + ahead, 1);
            if (rule == MOTET_RULE_ADAM) {
                __builtin_prefetch(u->first + ahead, 1);
                __builtin_prefetch(u->second + ahead, 1);
            }
        }
        if (rule == MOTET_RULE_ROW_WISE_ADAGRAD) {
            update_row_wise(f, p, u->first + row, gradient, width);
        } else if (rule == MOTET_RULE_ADAM) {
            update_span(MOTET_RULE_ADAM, f, p, u->first + row * width, u->second + row * width,
                gradient, width);
        } else {
            update_any(rule, f, p, u->first ? u->first + row * width : 0,
                u->second ? u->second + row * width : 0, gradient, width);
        }
    }
}

MOTET_CLONES static void run_piece(const motet_update *u, int64_t piece) {
    const factors f = factors_of(u);
    if (u->ids || u->rule.rule == MOTET_RULE_ROW_WISE_ADAGRAD) {
        const int64_t rows = u->ids ? *u->count : u->rows;
        const int64_t begin = piece * ROW_PIECE;
        const int64_t end = begin + ROW_PIECE < rows ? begin + ROW_PIECE : rows;
        switch (u->width) {
            case 4: run_rows(u, &f, 4, begin, end); break;
            case 8: run_rows(u, &f, 8, begin, end); break;
            case 16: run_rows(u, &f, 16, begin, end); break;
            default: run_rows(u, &f, u->width, begin, end); break;
        }
        return;
    }
    const int64_t total = u->rows * u->width;
    const int64_t begin = piece * PIECE;
    const int64_t count = begin + PIECE < total ? PIECE : total - begin;
    update_any(u->rule.rule, &f, u->parameter + begin, u->first ? u->first + begin : 0,
        u->second ? u->second + begin : 0, u->gradient + begin, count);
}

static void run(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    for (int64_t item = begin; item < end; item++) {
        int64_t piece = item;
        for (int64_t u = 0; u < j->count; u++) {
            const int64_t pieces = pieces_of(j->updates + u);
            if (piece < pieces) {
                run_piece(j->updates + u, piece);
                break;
            }
            piece -= pieces;
        }
    }
}

void motet_optimizer_updates(const motet_update *updates, int64_t count) {
    job j = {updates, count};
    int64_t pieces = 0;
    for (int64_t u = 0; u < count; u++) pieces += pieces_of(updates + u);
    motet_parallel_items(pieces, run, &j);
}

typedef struct {
    const float *x;
    double *sums;
    int64_t count, piece;
} squares_job;

MOTET_CLONES static void squares(void *context, int64_t begin, int64_t end) {
    const squares_job *j = context;
    for (int64_t piece = begin; piece < end; piece++) {
        const int64_t first = piece * j->piece;
        const int64_t last = first + j->piece < j->count ? first + j->piece : j->count;
        double lanes[8] = {0};
        int64_t i = first;
        for (; i + 8 <= last; i += 8)
            for (int l = 0; l < 8; l++) lanes[l] += (double)j->x[i + l] * j->x[i + l];
        for (; i < last; i++) lanes[0] += (double)j->x[i] * j->x[i];
        double sum = 0;
        for (int l = 0; l < 8; l++) sum += lanes[l];
        j->sums[piece] = sum;
    }
}

void motet_sum_of_squares(
    const float *x, int64_t rows, const int32_t *counted, int64_t width, float *result) {
    enum { MAXIMUM = 1024 };
    double sums[MAXIMUM];
    squares_job j = {x, sums, (counted ? *counted : rows) * width, 8192};
    while ((j.count + j.piece - 1) / j.piece > MAXIMUM) j.piece *= 2;
    const int64_t pieces = (j.count + j.piece - 1) / j.piece;
    motet_parallel_for(pieces, 2, squares, &j);
    double sum = 0;
    for (int64_t p = 0; p < pieces; p++) sum += sums[p];
    *result = (float)sum;
}

void motet_clipping_factor(const float *sum_of_squares, float limit, float *factor) {
    const float norm = motet_sqrt(*sum_of_squares);
    *factor = norm > limit ? limit / norm : 1.0f;
}

int motet_all_finite(const float *x, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(x[i])) return 0;
    return 1;
}
