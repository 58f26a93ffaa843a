// A dictionary that numbers distinct values in the order they appear, inline for the loops that fill it.
#ifndef MOTET_INTERNER_H
#define MOTET_INTERNER_H

#include <stdint.h>
#include <string.h>

#include "PreparationKernels.h"
#include "ValueHash.h"

typedef struct {
    int64_t key;
    int64_t code;  // -1: empty
} integer_slot;

struct motet_interner {
    // By code: an integer itself, or where its text starts in the arena; the length, -1 an integer.
    int64_t *payload;
    int32_t *lengths;
    int64_t count, capacity;

    uint8_t *arena;
    int64_t arena_size, arena_capacity;

    // Integers from 0 below `window_size` are looked up directly: the code plus one, 0: none yet.
    // The others are hashed.
    int32_t *window;
    int64_t window_size;
    integer_slot *integers;
    int64_t integer_count, integer_capacity;  // capacities are powers of two

    uint64_t *texts;  // the hash's upper half, and the code plus one in the lower; 0: empty
    int64_t text_count, text_capacity;
};

// The code of a new value, a text of `length` bytes at `payload` in the arena or, with length -1, an
// integer; -1: no memory, or no code left.
int64_t motet_interner_add(motet_interner *interner, int64_t payload, int32_t length);
// The code of a new text, which is copied; -1 likewise.
int64_t motet_interner_add_text(motet_interner *interner, const uint8_t *bytes, int64_t length);
// Makes room for so many integers or texts in all; -1: no memory.
int motet_interner_grow_integers(motet_interner *interner, int64_t wanted);
int motet_interner_grow_texts(motet_interner *interner, int64_t wanted);
// Widens the window to take in an integer that was just added, where the values known are enough to
// be worth it; -1: no memory.
int motet_interner_widen(motet_interner *interner, int64_t value);
// The code of an integer or text of any spelling.
int64_t motet_intern_any(motet_interner *interner, const uint8_t *bytes, int64_t length);

static inline int in_window(const motet_interner *interner, int64_t value) {
    return (uint64_t)value < (uint64_t)interner->window_size;
}

static inline int64_t intern_in_window(motet_interner *interner, int64_t value) {
    int64_t known = interner->window[value];
    if (known) return known - 1;
    int64_t code = motet_interner_add(interner, value, -1);
    if (code >= 0) interner->window[value] = (int32_t)code + 1;
    return code;
}

// `hash` is needed for an integer outside the window only.
static inline int64_t intern_integer(motet_interner *interner, int64_t value, uint64_t hash) {
    if (in_window(interner, value)) return intern_in_window(interner, value);
    uint64_t mask = (uint64_t)interner->integer_capacity - 1;
    uint64_t at = hash & mask;
    for (;;) {
        integer_slot *slot = &interner->integers[at];
        if (slot->code < 0) {
            int64_t code = motet_interner_add(interner, value, -1);
            if (code < 0) return -1;
            slot->key = value;
            slot->code = code;
            interner->integer_count++;
            return motet_interner_widen(interner, value) ? -1 : code;
        }
        if (slot->key == value) return slot->code;
        at = (at + 1) & mask;
    }
}

static inline int same_text(
    const motet_interner *interner, int64_t code, const uint8_t *bytes, int64_t length
) {
    return interner->lengths[code] == length
        && memcmp(interner->arena + interner->payload[code], bytes, (size_t)length) == 0;
}

static inline int64_t intern_text(
    motet_interner *interner, const uint8_t *bytes, int64_t length, uint64_t hash
) {
    uint64_t mask = (uint64_t)interner->text_capacity - 1;
    uint64_t at = hash & mask;
    uint64_t tag = hash & 0xFFFFFFFF00000000ull;
    for (;;) {
        uint64_t slot = interner->texts[at];
        if (!slot) {
            int64_t code = motet_interner_add_text(interner, bytes, length);
            if (code < 0) return -1;
            interner->texts[at] = tag | (uint64_t)(code + 1);
            interner->text_count++;
            return code;
        }
        if ((slot & 0xFFFFFFFF00000000ull) == tag) {
            int64_t code = (int64_t)(slot & 0xFFFFFFFFu) - 1;
            if (same_text(interner, code, bytes, length)) return code;
        }
        at = (at + 1) & mask;
    }
}

#endif
