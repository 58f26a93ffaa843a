// Numbering many values.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "Interner.h"

#define BLOCK 64

static int64_t intern_big_integer(motet_interner *interner, int64_t value) {
    char text[24];
    int length = snprintf(text, sizeof text, "%lld", (long long)value);
    if (motet_interner_grow_texts(interner, interner->text_count + 1)) return -1;
    const uint8_t *bytes = (const uint8_t *)text;
    return intern_text(interner, bytes, length, hash_text(bytes, length));
}

int motet_intern_integers(
    motet_interner *interner, const int64_t *values, const uint8_t *present,
    int64_t count, int32_t *codes
) {
    uint64_t hashes[BLOCK];
    for (int64_t start = 0; start < count; start += BLOCK) {
        int64_t size = count - start < BLOCK ? count - start : BLOCK;
        if (motet_interner_grow_integers(interner, interner->integer_count + size)) return -1;
        uint64_t mask = (uint64_t)interner->integer_capacity - 1;
        for (int64_t i = 0; i < size; i++) {
            int64_t value = values[start + i];
            hashes[i] = hash_integer(value);
            const void *place = &interner->integers[hashes[i] & mask];
            if (in_window(interner, value)) place = &interner->window[value];
            __builtin_prefetch(place);
        }
        for (int64_t i = 0; i < size; i++) {
            int64_t value = values[start + i];
            if (!is_present(present, start + i)) {
                codes[start + i] = -1;
                continue;
            }
            int64_t code = value > MOTET_INTEGER_LIMIT || value < -MOTET_INTEGER_LIMIT
                ? intern_big_integer(interner, value)
                : intern_integer(interner, value, hashes[i]);
            if (code < 0) return -1;
            codes[start + i] = (int32_t)code;
        }
    }
    return 0;
}

int64_t motet_intern_any(motet_interner *interner, const uint8_t *bytes, int64_t length) {
    int64_t integer;
    if (canonical_integer(bytes, length, &integer)) {
        if (motet_interner_grow_integers(interner, interner->integer_count + 1)) return -1;
        return intern_integer(interner, integer, hash_integer(integer));
    }
    if (motet_interner_grow_texts(interner, interner->text_count + 1)) return -1;
    return intern_text(interner, bytes, length, hash_text(bytes, length));
}

int motet_intern_texts(
    motet_interner *interner, const void *offsets, int wide, const uint8_t *bytes,
    const uint8_t *present, int64_t count, int32_t *codes
) {
    uint64_t hashes[BLOCK];
    int64_t integers[BLOCK];
    uint8_t kinds[BLOCK];
    for (int64_t start = 0; start < count; start += BLOCK) {
        int64_t size = count - start < BLOCK ? count - start : BLOCK;
        if (motet_interner_grow_integers(interner, interner->integer_count + size)) return -1;
        if (motet_interner_grow_texts(interner, interner->text_count + size)) return -1;
        uint64_t integer_mask = (uint64_t)interner->integer_capacity - 1;
        uint64_t text_mask = (uint64_t)interner->text_capacity - 1;
        for (int64_t i = 0; i < size; i++) {
            int64_t from = offset_at(offsets, wide, start + i);
            int64_t length = offset_at(offsets, wide, start + i + 1) - from;
            const uint8_t *text = bytes + from;
            if (canonical_integer(text, length, &integers[i])) {
                kinds[i] = 1;
                hashes[i] = hash_integer(integers[i]);
                __builtin_prefetch(&interner->integers[hashes[i] & integer_mask]);
            } else {
                kinds[i] = 0;
                hashes[i] = hash_text(text, length);
                __builtin_prefetch(&interner->texts[hashes[i] & text_mask]);
            }
        }
        for (int64_t i = 0; i < size; i++) {
            int64_t from = offset_at(offsets, wide, start + i);
            int64_t length = offset_at(offsets, wide, start + i + 1) - from;
            if (length == 0 || !is_present(present, start + i)) {
                codes[start + i] = -1;
                continue;
            }
            const uint8_t *text = bytes + from;
            int64_t code = kinds[i] ? intern_integer(interner, integers[i], hashes[i])
                                    : intern_text(interner, text, length, hashes[i]);
            if (code < 0) return -1;
            codes[start + i] = (int32_t)code;
        }
    }
    return 0;
}

int motet_intern_doubles(
    motet_interner *interner, const double *values, int64_t count, int32_t *codes
) {
    for (int64_t i = 0; i < count; i++) {
        double value = values[i];
        int64_t code;
        if (isnan(value)) {
            codes[i] = -1;
            continue;
        }
        if (value == trunc(value) && fabs(value) <= 9007199254740992.0) {
            if (motet_interner_grow_integers(interner, interner->integer_count + 1)) return -1;
            code = intern_integer(interner, (int64_t)value, hash_integer((int64_t)value));
        } else {
            char text[40];
            int length = motet_spell_double(value, text, sizeof text);
            code = motet_intern_any(interner, (const uint8_t *)text, length);
        }
        if (code < 0) return -1;
        codes[i] = (int32_t)code;
    }
    return 0;
}
