// Passes over whole columns of a data set being prepared: counting, renumbering, moments, exact
// order statistics, and the numeric transforms.

#include "PreparationKernels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CLONED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#if !defined(__x86_64__)
#undef CLONED
#define CLONED
#endif

void motet_count_codes(
    const int32_t *codes, const int32_t *rows, int64_t count, int64_t *counts
) {
    // counts[0] is for -1, missing; counts[c + 1] for code c.
    if (rows) {
        for (int64_t i = 0; i < count; i++) counts[codes[rows[i]] + 1]++;
    } else {
        for (int64_t i = 0; i < count; i++) counts[codes[i] + 1]++;
    }
}

void motet_map_codes(
    const int32_t *codes, const int32_t *rows, int64_t count, const int32_t *table,
    int32_t missing, int32_t *out, motet_code_tally *tally
) {
    int64_t absent = 0, zeros = 0;
    for (int64_t i = 0; i < count; i++) {
        int32_t code = codes[rows ? rows[i] : i];
        int32_t id = code < 0 ? missing : table ? table[code] : code + 1;
        out[i] = id;
        absent += code < 0;
        zeros += code >= 0 && id == 0;
    }
    tally->missing += absent;
    tally->unknown += zeros;
}

void motet_count_lists(
    const int32_t *values, const int64_t *starts, const int32_t *lengths, const int32_t *rows,
    int64_t count, int64_t keep, int64_t *counts
) {
    for (int64_t i = 0; i < count; i++) {
        int64_t row = rows ? rows[i] : i;
        int64_t length = lengths[row];
        if (length < 0) {
            counts[0]++;
            continue;
        }
        int64_t kept = length < keep ? length : keep;
        const int32_t *list = values + starts[row] + length - kept;
        for (int64_t j = 0; j < kept; j++) counts[list[j] + 1]++;
    }
}

int64_t motet_map_lists(
    const int32_t *values, const int64_t *starts, const int32_t *lengths, const int32_t *rows,
    int64_t count, int64_t keep, const int32_t *table, int32_t *out, int32_t *offsets
) {
    int64_t total = 0;
    for (int64_t i = 0; i < count; i++) {
        int64_t row = rows ? rows[i] : i;
        int64_t length = lengths[row] > 0 ? lengths[row] : 0;
        int64_t kept = length < keep ? length : keep;
        if (out) {
            const int32_t *list = values + starts[row] + length - kept;
            for (int64_t j = 0; j < kept; j++) {
                out[total + j] = table ? table[list[j]] : list[j] + 1;
            }
        }
        offsets[i] = (int32_t)total;
        total += kept;
    }
    offsets[count] = (int32_t)total;
    return total;
}

// A radix sort from the lowest digit, so equals stay in order.
int64_t motet_rank_codes(const int64_t *counts, int64_t count, int64_t minimum, int32_t *out) {
    int64_t kept = 0, largest = 0;
    for (int64_t code = 0; code < count; code++) {
        if (counts[code] < minimum || counts[code] <= 0) continue;
        out[kept++] = (int32_t)code;
        largest = counts[code] > largest ? counts[code] : largest;
    }
    int32_t *other = malloc((size_t)(kept + 1) * sizeof(int32_t));
    if (!other) return -1;
    int32_t *from = out, *to = other;
    for (int shift = 0; shift < 63 && (largest >> shift) > 0; shift += 11) {
        int64_t starts[2048] = {0};
        for (int64_t i = 0; i < kept; i++) starts[(counts[from[i]] >> shift) & 2047]++;
        int64_t start = 0;
        for (int digit = 2047; digit >= 0; digit--) {
            int64_t size = starts[digit];
            starts[digit] = start;
            start += size;
        }
        for (int64_t i = 0; i < kept; i++) {
            to[starts[(counts[from[i]] >> shift) & 2047]++] = from[i];
        }
        int32_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != out) memcpy(out, from, (size_t)kept * sizeof(int32_t));
    free(other);
    return kept;
}

int64_t motet_count_equal(const int32_t *values, int64_t count, int32_t wanted) {
    int64_t equal = 0;
    for (int64_t i = 0; i < count; i++) equal += values[i] == wanted;
    return equal;
}

void motet_map_codes_to_doubles(
    const int32_t *codes, int64_t count, const double *table, double *out
) {
    for (int64_t i = 0; i < count; i++) out[i] = table[codes[i] + 1];
}

int64_t motet_gather_present(
    const double *values, const int32_t *rows, int64_t count, double *out
) {
    int64_t kept = 0;
    for (int64_t i = 0; i < count; i++) {
        double value = values[rows ? rows[i] : i];
        out[kept] = value;
        kept += value == value;
    }
    return kept;
}

int64_t motet_find_infinite(const double *values, int64_t count, int64_t start) {
    for (int64_t i = start; i < count; i++) {
        if (isinf(values[i])) return i;
    }
    return -1;
}

int64_t motet_count_missing(const double *values, const int32_t *rows, int64_t count) {
    int64_t missing = 0;
    for (int64_t i = 0; i < count; i++) {
        double value = values[rows ? rows[i] : i];
        missing += value != value;
    }
    return missing;
}

void motet_moments(const double *values, int64_t count, motet_column_moments *moments) {
    // Two passes, each in eight fixed lanes, so that the sums are the same on every machine.
    double sums[8] = {0}, lowest = INFINITY, highest = -INFINITY;
    int64_t whole = count & ~(int64_t)7;
    for (int64_t i = 0; i < whole; i += 8) {
        for (int lane = 0; lane < 8; lane++) sums[lane] += values[i + lane];
    }
    for (int64_t i = whole; i < count; i++) sums[i & 7] += values[i];
    double sum = ((sums[0] + sums[4]) + (sums[2] + sums[6]))
        + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
    double mean = count ? sum / (double)count : NAN;
    double squares[8] = {0};
    for (int64_t i = 0; i < whole; i += 8) {
        for (int lane = 0; lane < 8; lane++) {
            double difference = values[i + lane] - mean;
            squares[lane] += difference * difference;
        }
    }
    for (int64_t i = whole; i < count; i++) {
        squares[i & 7] += (values[i] - mean) * (values[i] - mean);
    }
    for (int64_t i = 0; i < count; i++) {
        lowest = values[i] < lowest ? values[i] : lowest;
        highest = values[i] > highest ? values[i] : highest;
    }
    double square = ((squares[0] + squares[4]) + (squares[2] + squares[6]))
        + ((squares[1] + squares[5]) + (squares[3] + squares[7]));
    moments->count = count;
    moments->mean = mean;
    moments->variance = count ? square / (double)count : NAN;
    moments->minimum = lowest;
    moments->maximum = highest;
}

// ---- order statistics ---------------------------------------------------------------------------

// A double's bits, in an order in which unsigned comparison is numeric comparison.
static inline uint64_t ordered(double value) {
    uint64_t bits;
    memcpy(&bits, &value, 8);
    return bits ^ ((bits >> 63) ? ~0ull : 1ull << 63);
}

static inline double unordered(uint64_t key) {
    uint64_t bits = key ^ ((key >> 63) ? 1ull << 63 : ~0ull);
    double value;
    memcpy(&value, &bits, 8);
    return value;
}

#define DIGIT 11
#define FAN (1 << DIGIT)
#define LEVELS 6  // 6 x 11 bits cover 64

static inline unsigned digit_at(uint64_t key, int level) {
    int shift = 64 - DIGIT * (level + 1);
    return (unsigned)(shift >= 0 ? key >> shift : key << -shift) & (FAN - 1);
}

// Selects by refining histograms: level l counts the l-th digit of the values that share the
// prefix of a wanted rank. Every level is one pass in order over the column, so the column may be
// larger than memory, and the answer is exact.
int motet_order_statistics(
    const double *values, int64_t count, const int64_t *ranks, int64_t rank_count, double *out
) {
    if (rank_count == 0) return 0;
    int64_t *rest = malloc((size_t)rank_count * sizeof(int64_t));     // rank inside its prefix
    uint64_t *prefix = calloc((size_t)rank_count, sizeof(uint64_t));
    int32_t *node = calloc((size_t)rank_count, sizeof(int32_t));      // the rank's node at a level
    int32_t *next[LEVELS] = {0};                                      // node x digit -> child, or -1
    int64_t *histogram = NULL;
    int status = -1;
    if (!rest || !prefix || !node) goto done;
    memcpy(rest, ranks, (size_t)rank_count * sizeof(int64_t));
    int64_t nodes = 1;
    for (int level = 0; level < LEVELS; level++) {
        free(histogram);
        histogram = calloc((size_t)nodes * FAN, sizeof(int64_t));
        next[level] = malloc((size_t)nodes * FAN * sizeof(int32_t));
        if (!histogram || !next[level]) goto done;
        for (int64_t i = 0; i < count; i++) {
            uint64_t key = ordered(values[i]);
            int32_t at = 0;
            for (int above = 0; above < level && at >= 0; above++) {
                at = next[above][(int64_t)at * FAN + digit_at(key, above)];
            }
            if (at >= 0) histogram[(int64_t)at * FAN + digit_at(key, level)]++;
        }
        for (int64_t i = 0; i < nodes * FAN; i++) next[level][i] = -1;
        int64_t children = 0;
        for (int64_t r = 0; r < rank_count; r++) {
            int64_t base = (int64_t)node[r] * FAN;
            unsigned digit = 0;
            while (digit < FAN - 1 && rest[r] >= histogram[base + digit]) {
                rest[r] -= histogram[base + digit];
                digit++;
            }
            int shift = 64 - DIGIT * (level + 1);
            prefix[r] |= shift >= 0 ? (uint64_t)digit << shift : (uint64_t)digit >> -shift;
            if (next[level][base + digit] < 0) next[level][base + digit] = (int32_t)children++;
            node[r] = next[level][base + digit];
        }
        nodes = children;
    }
    for (int64_t r = 0; r < rank_count; r++) out[r] = unordered(prefix[r]);
    status = 0;
done:
    free(histogram);
    for (int level = 0; level < LEVELS; level++) free(next[level]);
    free(rest);
    free(prefix);
    free(node);
    return status;
}

// ---- numeric transforms -------------------------------------------------------------------------

CLONED
static void clip(double *values, int64_t count, double low, double high) {
    for (int64_t i = 0; i < count; i++) {
        double value = values[i];
        value = value < low ? low : value;
        values[i] = value > high ? high : value;
    }
}

CLONED
static void affine(double *values, int64_t count, double offset, double scale) {
    for (int64_t i = 0; i < count; i++) values[i] = (values[i] - offset) * scale;
}

void motet_transform(double *values, int64_t count, const motet_transform_step *steps, int64_t n) {
    for (int64_t s = 0; s < n; s++) {
        switch (steps[s].kind) {
        case MOTET_TRANSFORM_CLIP:
            clip(values, count, steps[s].first, steps[s].second);
            break;
        case MOTET_TRANSFORM_AFFINE:
            affine(values, count, steps[s].first, steps[s].second);
            break;
        case MOTET_TRANSFORM_LOG1P:
            for (int64_t i = 0; i < count; i++) values[i] = log1p(values[i]);
            break;
        case MOTET_TRANSFORM_LOG_RATIO: {
            // A difference, as the quotient of a tiny and a huge number is no number.
            const double reference = log(steps[s].first);
            for (int64_t i = 0; i < count; i++) values[i] = log(values[i]) - reference;
            break;
        }
        }
    }
}

void motet_transform_rows(
    const double *column, const int32_t *rows, int64_t count, double missing_before,
    double missing_after, const motet_transform_step *steps, int64_t step_count, float *out,
    int64_t stride, float *indicator
) {
    double block[512];
    uint8_t absent[512];
    for (int64_t start = 0; start < count; start += 512) {
        int64_t size = count - start < 512 ? count - start : 512;
        for (int64_t i = 0; i < size; i++) {
            double value = column[rows ? rows[start + i] : start + i];
            absent[i] = value != value;
            block[i] = absent[i] ? missing_before : value;
        }
        motet_transform(block, size, steps, step_count);
        float *row = out + start * stride;
        if (missing_after == missing_after) {
            for (int64_t i = 0; i < size; i++) if (absent[i]) block[i] = missing_after;
        }
        for (int64_t i = 0; i < size; i++) row[i * stride] = (float)block[i];
        if (indicator) {
            float *flag = indicator + start * stride;
            for (int64_t i = 0; i < size; i++) flag[i * stride] = absent[i];
        }
    }
}

void motet_bin_rows(
    const double *values, int64_t count, const double *edges, int64_t edge_count,
    int32_t missing, int32_t *out
) {
    for (int64_t i = 0; i < count; i++) {
        double value = values[i];
        if (value != value) {
            out[i] = missing;
            continue;
        }
        // The number of edges at or below the value.
        int64_t low = 0, size = edge_count;
        while (size > 0) {
            int64_t half = size >> 1;
            if (edges[low + half] <= value) {
                low += half + 1;
                size -= half + 1;
            } else {
                size = half;
            }
        }
        out[i] = (int32_t)low + 1;
    }
}

// ---- content ------------------------------------------------------------------------------------

// 128 bits over a stream of blocks: four lanes of multiply-and-rotate over 32-byte stripes. Not
// against an adversary; against a file that changed.
void motet_content_hash(uint64_t state[4], const uint8_t *bytes, int64_t count) {
    const uint64_t prime = 0x9E3779B185EBCA87ull, other = 0xC2B2AE3D27D4EB4Full;
    int64_t index = 0;
    uint64_t lanes[4] = {state[0], state[1], state[2], state[3]};
    for (; index + 32 <= count; index += 32) {
        for (int lane = 0; lane < 4; lane++) {
            uint64_t word;
            memcpy(&word, bytes + index + 8 * lane, 8);
            uint64_t mixed = lanes[lane] + word * other;
            lanes[lane] = ((mixed << 31) | (mixed >> 33)) * prime;
        }
    }
    if (index < count) {
        uint8_t last[32] = {0};
        memcpy(last, bytes + index, (size_t)(count - index));
        for (int lane = 0; lane < 4; lane++) {
            uint64_t word;
            memcpy(&word, last + 8 * lane, 8);
            uint64_t mixed = lanes[lane] + word * other;
            lanes[lane] = ((mixed << 31) | (mixed >> 33)) * prime;
        }
    }
    memcpy(state, lanes, sizeof lanes);
}
