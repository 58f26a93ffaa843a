// Hashes of many values, and the buckets they fall into.
#include "ValueHash.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "PreparationKernels.h"

uint64_t motet_hash_text(const uint8_t *bytes, int64_t length) {
    int64_t integer;
    if (canonical_integer(bytes, length, &integer)) return hash_integer(integer);
    return hash_text(bytes, length);
}

uint64_t motet_hash_integer(int64_t value) {
    if (value > MOTET_INTEGER_LIMIT || value < -MOTET_INTEGER_LIMIT) {
        char text[24];
        int length = snprintf(text, sizeof text, "%lld", (long long)value);
        return hash_text((const uint8_t *)text, length);
    }
    return hash_integer(value);
}

void motet_hash_integers(
    const int64_t *values, const uint8_t *present, int64_t count, int32_t buckets,
    int32_t *out
) {
    for (int64_t i = 0; i < count; i++) {
        out[i] = is_present(present, i) ? bucket(motet_hash_integer(values[i]), buckets) : -1;
    }
}

void motet_hash_texts(
    const void *offsets, int wide, const uint8_t *bytes, const uint8_t *present,
    int64_t count, int32_t buckets, int32_t *out
) {
    for (int64_t i = 0; i < count; i++) {
        if (!is_present(present, i)) {
            out[i] = -1;
            continue;
        }
        int64_t start = offset_at(offsets, wide, i), end = offset_at(offsets, wide, i + 1);
        out[i] = end > start ? bucket(motet_hash_text(bytes + start, end - start), buckets) : -1;
    }
}

// Whole numbers are integers; others are spelled with the fewest of 15, 16 or 17 digits that read
// back as the same number.
int motet_spell_double(double value, char *text, size_t size) {
    int length = 0;
    for (int digits = 15; digits <= 17; digits++) {
        length = snprintf(text, size, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    return length;
}

void motet_hash_doubles(const double *values, int64_t count, int32_t buckets, int32_t *out) {
    for (int64_t i = 0; i < count; i++) {
        double value = values[i];
        if (isnan(value)) {
            out[i] = -1;
        } else if (value == trunc(value) && fabs(value) <= 9007199254740992.0) {
            out[i] = bucket(hash_integer((int64_t)value), buckets);
        } else {
            char text[40];
            int length = motet_spell_double(value, text, sizeof text);
            out[i] = bucket(hash_text((const uint8_t *)text, length), buckets);
        }
    }
}
