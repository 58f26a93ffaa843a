#include "EngineKernels.h"
#include "RecurrentKernels.h"
#include "Vector.h"

enum { BLOCKS = 16 };

typedef struct {
    const float *emissions, *transitions, *start, *end, *mask;
    int64_t rows, steps, tags;
    int32_t *chosen;
    float *path;
    double *scores;
    int32_t *origins;
} job;

int64_t motet_viterbi_scores(int64_t tags) { return BLOCKS * 2 * tags; }

int64_t motet_viterbi_origins(int64_t steps, int64_t tags) { return BLOCKS * steps * tags; }

// One step: for each tag the best score of the ways to it, and the tag they come from.
MOTET_CLONES static void advance(
    const double *restrict scores, const float *restrict transitions, const float *restrict e,
    double *restrict next, int32_t *restrict origins, int64_t tags) {
    for (int64_t k = 0; k < tags; k++) {
        next[k] = scores[0] + transitions[k];
        origins[k] = 0;
    }
    for (int64_t i = 1; i < tags; i++)
        for (int64_t k = 0; k < tags; k++) {
            const double score = scores[i] + transitions[i * tags + k];
            origins[k] = score > next[k] ? (int32_t)i : origins[k];
            next[k] = score > next[k] ? score : next[k];
        }
    for (int64_t k = 0; k < tags; k++) next[k] += e[k];
}

static void decode_row(const job *j, int64_t row, double *scores, int32_t *origins) {
    const int64_t tags = j->tags, steps = j->steps;
    int32_t *chosen = j->chosen + row * steps;
    float *path = j->path + row * steps * tags;
    double *next = scores + tags;
    int64_t last_step = -1;
    memset(path, 0, (size_t)(steps * tags) * sizeof(float));
    for (int64_t t = 0; t < steps; t++) {
        const float *e = j->emissions + (row * steps + t) * tags;
        chosen[t] = -1;
        if (j->mask && !(j->mask[row * steps + t] > 0)) continue;
        if (last_step < 0) {
            for (int64_t k = 0; k < tags; k++) scores[k] = (double)j->start[k] + e[k];
        } else {
            advance(scores, j->transitions, e, next, origins + t * tags, tags);
            memcpy(scores, next, (size_t)tags * sizeof(double));
        }
        last_step = t;
    }
    if (last_step < 0) return;
    int64_t tag = 0;
    for (int64_t k = 1; k < tags; k++)
        if (scores[k] + j->end[k] > scores[tag] + j->end[tag]) tag = k;
    for (int64_t t = last_step, first = 1; t >= 0; t--) {
        if (j->mask && !(j->mask[row * steps + t] > 0)) continue;
        // The tag of the step after it came from this one.
        if (!first) tag = origins[last_step * tags + tag];
        first = 0;
        last_step = t;
        chosen[t] = (int32_t)tag;
        path[t * tags + tag] = 1;
    }
}

static void decode_blocks(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    for (int64_t index = begin; index < end; index++)
        for (int64_t r = j->rows * index / BLOCKS; r < j->rows * (index + 1) / BLOCKS; r++)
            decode_row(j, r, j->scores + index * 2 * j->tags,
                j->origins + index * j->steps * j->tags);
}

void motet_viterbi(
    const float *emissions, const float *transitions, const float *start, const float *end,
    const float *mask, int64_t rows, int64_t steps, int64_t tags, int32_t *chosen, float *path,
    double *scores, int32_t *origins) {
    job j = {emissions, transitions, start, end, mask, rows, steps, tags, chosen, path, scores,
        origins};
    motet_parallel_for(BLOCKS, 1, decode_blocks, &j);
}
