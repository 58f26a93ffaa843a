#include "EngineKernels.h"
#include "RetrievalKernels.h"
#include "Vector.h"

// Scores are made a tile at a time on the stack of a thread, 32 KiB, and never kept: the gradients make
// them anew from the normalisers. A tile's rows are full vectors; what is beyond the batch is -inf.
enum { LANES = 16, ROWS = 16, COLUMNS = 512, MAXIMUM_PIECES = 1024 };

typedef struct {
    const motet_in_batch_softmax_job *in;
    const float *normalisers;
    float *normalisers_out, *dusers, *ditems;
    double factor;
    double *losses, *sums;
    int64_t piece;
} job;

static int64_t padded(int64_t count) { return (count + LANES - 1) / LANES * LANES; }

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

static int asks(const float *weights, int64_t count) {
    for (int64_t r = 0; r < count; r++)
        if (weights[r] != 0) return 1;
    return 0;
}

// The products of `n` rows of `a` from `row` on with `c` rows of `b` from `column` on.
MOTET_INLINE void products(
    const motet_in_batch_softmax_job *in, const float *a, int64_t row, int64_t n, const float *b,
    int64_t column, int64_t c, float *tile) {
    in->product(0, 1, n, c, in->width, in->scale, a + row * in->width, in->width,
        b + column * in->width, in->width, 0.0f, tile, COLUMNS);
}

// Scores of one user, row `row` of the batch, with the items from `column` on, in place of products.
MOTET_INLINE void scores_of_user(
    const motet_in_batch_softmax_job *in, int64_t row, int64_t column, int64_t c, float *s) {
    const int32_t id = in->ids[row], *ids = in->ids + column;
    const float *log_probabilities = in->log_probabilities + column;
    const int64_t own = row - column;
    const float kept = own >= 0 && own < c ? s[own] - log_probabilities[own] : 0.0f;
    if (in->masks_repeats) {
        for (int64_t u = 0; u < c; u++) {
            const float x = s[u] - log_probabilities[u];
            s[u] = ids[u] == id ? -INFINITY : x;
        }
        if (own >= 0 && own < c) s[own] = kept;
    } else {
        for (int64_t u = 0; u < c; u++) s[u] -= log_probabilities[u];
    }
    for (int64_t u = c; u < padded(c); u++) s[u] = -INFINITY;
}

MOTET_INLINE float power(float x) {
    const float e = motet_exp(x);
    return x == -INFINITY ? 0.0f : e;
}

MOTET_INLINE float greatest_of(const float *s, int64_t width) {
    float lanes[LANES];
    for (int64_t l = 0; l < LANES; l++) lanes[l] = s[l];
    for (int64_t u = LANES; u < width; u += LANES)
        for (int64_t l = 0; l < LANES; l++) lanes[l] = s[u + l] > lanes[l] ? s[u + l] : lanes[l];
    float top = lanes[0];
    for (int64_t l = 1; l < LANES; l++) top = lanes[l] > top ? lanes[l] : top;
    return top;
}

MOTET_INLINE double sum_of_powers(const float *s, int64_t width, float top) {
    float lanes[LANES] = {0};
    double sum = 0;
    for (int64_t u = 0; u < width; u += LANES)
        for (int64_t l = 0; l < LANES; l++) lanes[l] += power(s[u + l] - top);
    for (int64_t l = 0; l < LANES; l++) sum += lanes[l];
    return sum;
}

// The log-sum-exp of up to ROWS rows of the batch, tile by tile: when a tile has a greater score than those
// before, what was summed is scaled down to it. Adds the rows' losses and weights.
MOTET_INLINE void loss_of_rows(const job *j, int64_t row, int64_t n, double *loss, double *sum) {
    const motet_in_batch_softmax_job *in = j->in;
    float tile[ROWS * COLUMNS], top[ROWS], own[ROWS];
    double total[ROWS];
    for (int64_t r = 0; r < n; r++) {
        top[r] = -INFINITY;
        own[r] = 0;
        total[r] = 0;
    }
    for (int64_t column = 0; column < in->rows; column += COLUMNS) {
        const int64_t c = least(COLUMNS, in->rows - column);
        products(in, in->users, row, n, in->items, column, c, tile);
        for (int64_t r = 0; r < n; r++) {
            if (in->weights[row + r] == 0) continue;
            float *s = tile + r * COLUMNS;
            scores_of_user(in, row + r, column, c, s);
            if (row + r >= column && row + r < column + c) own[r] = s[row + r - column];
            const float greatest = greatest_of(s, padded(c));
            if (greatest == -INFINITY) continue;
            if (greatest > top[r]) {
                total[r] *= exp((double)top[r] - greatest);
                top[r] = greatest;
            }
            total[r] += sum_of_powers(s, padded(c), top[r]);
        }
    }
    for (int64_t r = 0; r < n; r++) {
        const double weight = in->weights[row + r];
        const double normaliser = weight == 0 ? 0 : top[r] + log(total[r]);
        j->normalisers_out[row + r] = (float)normaliser;
        if (weight == 0) continue;
        *loss += weight * (normaliser - own[r]);
        *sum += weight;
    }
}

MOTET_CLONES static void losses(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const motet_in_batch_softmax_job *in = j->in;
    for (int64_t piece = begin; piece < end; piece++) {
        const int64_t last = least((piece + 1) * j->piece, in->rows);
        double loss = 0, sum = 0;
        for (int64_t row = piece * j->piece; row < last; row += ROWS) {
            const int64_t n = least(ROWS, last - row);
            if (asks(in->weights + row, n)) {
                loss_of_rows(j, row, n, &loss, &sum);
            } else {
                memset(j->normalisers_out + row, 0, (size_t)n * sizeof(float));
            }
        }
        j->losses[piece] = loss;
        j->sums[piece] = sum;
    }
}

void motet_in_batch_softmax(
    const motet_in_batch_softmax_job *in, float *loss, float *weight_sum, float *normalisers) {
    double pieces_losses[MAXIMUM_PIECES], pieces_sums[MAXIMUM_PIECES], total = 0, sum = 0;
    job j = {.in = in, .normalisers_out = normalisers, .losses = pieces_losses,
        .sums = pieces_sums, .piece = ROWS};
    while ((in->rows + j.piece - 1) / j.piece > MAXIMUM_PIECES) j.piece *= 2;
    const int64_t pieces = (in->rows + j.piece - 1) / j.piece;
    motet_parallel_items(pieces, losses, &j);
    for (int64_t piece = 0; piece < pieces; piece++) {
        total += pieces_losses[piece];
        sum += pieces_sums[piece];
    }
    // A loss that is not a number stays one: the trainer stops and says so.
    *loss = sum == 0 ? 0.0f : (float)(total / sum);
    *weight_sum = (float)sum;
}

// du_i = sum_j g_ij v_j with g_ij = scale factor w_i (p_ij - [i = j]).
MOTET_CLONES static void user_gradients(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const motet_in_batch_softmax_job *in = j->in;
    float tile[ROWS * COLUMNS];
    for (int64_t block = begin; block < end; block++) {
        const int64_t row = block * ROWS, n = least(ROWS, in->rows - row);
        float *out = j->dusers + row * in->width;
        if (!asks(in->weights + row, n)) {
            memset(out, 0, (size_t)(n * in->width) * sizeof(float));
            continue;
        }
        for (int64_t column = 0; column < in->rows; column += COLUMNS) {
            const int64_t c = least(COLUMNS, in->rows - column);
            products(in, in->users, row, n, in->items, column, c, tile);
            for (int64_t r = 0; r < n; r++) {
                float *s = tile + r * COLUMNS;
                const float weight = in->weights[row + r], normaliser = j->normalisers[row + r];
                if (weight == 0) {
                    memset(s, 0, (size_t)c * sizeof(float));
                    continue;
                }
                const float slope = (float)(j->factor * weight * in->scale);
                scores_of_user(in, row + r, column, c, s);
                for (int64_t u = 0; u < c; u++) s[u] = slope * power(s[u] - normaliser);
                if (row + r >= column && row + r < column + c) s[row + r - column] -= slope;
            }
            in->product(0, 0, n, in->width, c, 1.0f, tile, COLUMNS,
                in->items + column * in->width, in->width, column > 0 ? 1.0f : 0.0f, out,
                in->width);
        }
    }
}

// The slopes of one item, row `row` of the batch, at the users from `column` on, in place of products.
MOTET_INLINE void slopes_of_item(
    const job *j, int64_t row, int64_t column, int64_t c, float *s) {
    const motet_in_batch_softmax_job *in = j->in;
    const int32_t id = in->ids[row], *ids = in->ids + column;
    const float log_probability = in->log_probabilities[row];
    const float *normalisers = j->normalisers + column, *weights = in->weights + column;
    const float factor = (float)(j->factor * in->scale);
    const int64_t own = row - column;
    const int has_own = own >= 0 && own < c;
    const int masks = in->masks_repeats != 0;
    const float score = has_own ? s[own] - log_probability - normalisers[own] : 0.0f;
    for (int64_t u = 0; u < c; u++) {
        const float slope = factor * weights[u] * power(s[u] - log_probability - normalisers[u]);
        const int is_none = (weights[u] == 0) | (masks & (ids[u] == id));
        s[u] = is_none ? 0.0f : slope;
    }
    if (has_own)
        s[own] = weights[own] == 0 ? 0.0f : factor * weights[own] * (power(score) - 1.0f);
}

// dv_j = sum_i g_ij u_i: the same tiles with the sides exchanged.
MOTET_CLONES static void item_gradients(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const motet_in_batch_softmax_job *in = j->in;
    float tile[ROWS * COLUMNS];
    for (int64_t block = begin; block < end; block++) {
        const int64_t row = block * ROWS, n = least(ROWS, in->rows - row);
        float *out = j->ditems + row * in->width;
        int is_first = 1;
        for (int64_t column = 0; column < in->rows; column += COLUMNS) {
            const int64_t c = least(COLUMNS, in->rows - column);
            if (!asks(in->weights + column, c)) continue;
            products(in, in->items, row, n, in->users, column, c, tile);
            for (int64_t r = 0; r < n; r++)
                slopes_of_item(j, row + r, column, c, tile + r * COLUMNS);
            in->product(0, 0, n, in->width, c, 1.0f, tile, COLUMNS,
                in->users + column * in->width, in->width, is_first ? 0.0f : 1.0f, out,
                in->width);
            is_first = 0;
        }
        if (is_first) memset(out, 0, (size_t)(n * in->width) * sizeof(float));
    }
}

void motet_in_batch_softmax_gradient(
    const motet_in_batch_softmax_job *in, const float *weight_sum, const float *normalisers,
    const float *upstream, float *dusers, float *ditems) {
    job j = {.in = in, .normalisers = normalisers, .dusers = dusers, .ditems = ditems,
        .factor = *weight_sum > 0 ? (double)*upstream / *weight_sum : 0};
    const int64_t blocks = (in->rows + ROWS - 1) / ROWS;
    motet_parallel_items(blocks, user_gradients, &j);
    motet_parallel_items(blocks, item_gradients, &j);
}
