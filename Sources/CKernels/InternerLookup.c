// Looking values up without adding them, for dictionaries that are complete.
#include <stdio.h>

#include "Interner.h"

static int32_t find_text(const motet_interner *interner, const uint8_t *bytes, int64_t length) {
    if (!interner->text_capacity) return -1;
    uint64_t hash = hash_text(bytes, length);
    uint64_t mask = (uint64_t)interner->text_capacity - 1;
    uint64_t tag = hash & 0xFFFFFFFF00000000ull;
    for (uint64_t at = hash & mask;; at = (at + 1) & mask) {
        uint64_t slot = interner->texts[at];
        if (!slot) return -1;
        if ((slot & 0xFFFFFFFF00000000ull) != tag) continue;
        int64_t code = (int64_t)(slot & 0xFFFFFFFFu) - 1;
        if (same_text(interner, code, bytes, length)) return (int32_t)code;
    }
}

int32_t motet_interner_find_integer(const motet_interner *interner, int64_t value) {
    if (value > MOTET_INTEGER_LIMIT || value < -MOTET_INTEGER_LIMIT) {
        // Longer integers are kept as texts.
        char text[24];
        int length = snprintf(text, sizeof text, "%lld", (long long)value);
        return find_text(interner, (const uint8_t *)text, length);
    }
    if (in_window(interner, value)) return interner->window[value] - 1;
    if (!interner->integer_capacity) return -1;
    uint64_t mask = (uint64_t)interner->integer_capacity - 1;
    for (uint64_t at = hash_integer(value) & mask;; at = (at + 1) & mask) {
        const integer_slot *slot = &interner->integers[at];
        if (slot->code < 0) return -1;
        if (slot->key == value) return (int32_t)slot->code;
    }
}

int32_t motet_interner_find_text(
    const motet_interner *interner, const uint8_t *bytes, int64_t length
) {
    if (length <= 0) return -1;
    int64_t integer;
    return canonical_integer(bytes, length, &integer)
        ? motet_interner_find_integer(interner, integer) : find_text(interner, bytes, length);
}
