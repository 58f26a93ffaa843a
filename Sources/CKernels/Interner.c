// The memory of a dictionary, and reading it back.
#include "Interner.h"

#include <stdlib.h>

motet_interner *motet_interner_create(void) { return calloc(1, sizeof(motet_interner)); }

void motet_interner_destroy(motet_interner *interner) {
    if (!interner) return;
    free(interner->payload);
    free(interner->lengths);
    free(interner->arena);
    free(interner->window);
    free(interner->integers);
    free(interner->texts);
    free(interner);
}

int64_t motet_interner_count(const motet_interner *interner) { return interner->count; }

int64_t motet_interner_add(motet_interner *interner, int64_t payload, int32_t length) {
    if (interner->count == interner->capacity) {
        int64_t capacity = interner->capacity ? interner->capacity * 2 : 64;
        int64_t *payloads = realloc(interner->payload, (size_t)capacity * sizeof(int64_t));
        if (!payloads) return -1;
        interner->payload = payloads;
        int32_t *lengths = realloc(interner->lengths, (size_t)capacity * sizeof(int32_t));
        if (!lengths) return -1;
        interner->lengths = lengths;
        interner->capacity = capacity;
    }
    if (interner->count >= INT32_MAX - 1) return -1;
    interner->payload[interner->count] = payload;
    interner->lengths[interner->count] = length;
    return interner->count++;
}

int motet_interner_grow_integers(motet_interner *interner, int64_t wanted) {
    int64_t capacity = interner->integer_capacity ? interner->integer_capacity : 64;
    while (capacity < wanted * 2) capacity *= 2;
    if (capacity == interner->integer_capacity) return 0;
    integer_slot *slots = malloc((size_t)capacity * sizeof(integer_slot));
    if (!slots) return -1;
    for (int64_t i = 0; i < capacity; i++) slots[i].code = -1;
    uint64_t mask = (uint64_t)capacity - 1;
    for (int64_t i = 0; i < interner->integer_capacity; i++) {
        integer_slot slot = interner->integers[i];
        if (slot.code < 0) continue;
        uint64_t at = hash_integer(slot.key) & mask;
        while (slots[at].code >= 0) at = (at + 1) & mask;
        slots[at] = slot;
    }
    free(interner->integers);
    interner->integers = slots;
    interner->integer_capacity = capacity;
    return 0;
}

int motet_interner_widen(motet_interner *interner, int64_t value) {
    // At most 64 bytes for each value known.
    if (value < 0 || value >= 8 * interner->count + 1024) return 0;
    int64_t size = interner->window_size ? interner->window_size : 1024;
    while (size <= value) size *= 2;
    int32_t *window = realloc(interner->window, (size_t)size * sizeof(int32_t));
    if (!window) return -1;
    int64_t old = interner->window_size;
    memset(window + old, 0, (size_t)(size - old) * sizeof(int32_t));
    for (int64_t i = 0; i < interner->integer_capacity; i++) {
        integer_slot slot = interner->integers[i];
        if (slot.code < 0 || slot.key < old || slot.key >= size) continue;
        window[slot.key] = (int32_t)slot.code + 1;
    }
    interner->window = window;
    interner->window_size = size;
    return 0;
}

int motet_interner_grow_texts(motet_interner *interner, int64_t wanted) {
    int64_t capacity = interner->text_capacity ? interner->text_capacity : 64;
    while (capacity < wanted * 2) capacity *= 2;
    if (capacity == interner->text_capacity) return 0;
    uint64_t *slots = calloc((size_t)capacity, sizeof(uint64_t));
    if (!slots) return -1;
    uint64_t mask = (uint64_t)capacity - 1;
    for (int64_t i = 0; i < interner->text_capacity; i++) {
        uint64_t slot = interner->texts[i];
        if (!slot) continue;
        int64_t code = (int64_t)(slot & 0xFFFFFFFFu) - 1;
        uint64_t hash =
            hash_text(interner->arena + interner->payload[code], interner->lengths[code]);
        uint64_t at = hash & mask;
        while (slots[at]) at = (at + 1) & mask;
        slots[at] = slot;
    }
    free(interner->texts);
    interner->texts = slots;
    interner->text_capacity = capacity;
    return 0;
}

int64_t motet_interner_add_text(motet_interner *interner, const uint8_t *bytes, int64_t length) {
    if (length > INT32_MAX) return -1;
    if (interner->arena_size + length > interner->arena_capacity) {
        int64_t capacity = interner->arena_capacity ? interner->arena_capacity : 1024;
        while (capacity < interner->arena_size + length) capacity *= 2;
        uint8_t *arena = realloc(interner->arena, (size_t)capacity);
        if (!arena) return -1;
        interner->arena = arena;
        interner->arena_capacity = capacity;
    }
    if (length) memcpy(interner->arena + interner->arena_size, bytes, (size_t)length);
    int64_t code = motet_interner_add(interner, interner->arena_size, (int32_t)length);
    if (code >= 0) interner->arena_size += length;
    return code;
}

static int64_t spell_integer(int64_t value, uint8_t *out) {
    uint8_t digits[20];
    int64_t size = 0;
    uint64_t rest = value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[size++] = (uint8_t)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    int64_t length = 0;
    if (value < 0) out[length++] = '-';
    while (size) out[length++] = digits[--size];
    return length;
}

int64_t motet_interner_text_bound(
    const motet_interner *interner, const int32_t *codes, int64_t count
) {
    int64_t bound = 0;
    for (int64_t i = 0; i < count; i++) {
        int32_t length = interner->lengths[codes[i]];
        bound += length < 0 ? 20 : length;
    }
    return bound;
}

int64_t motet_interner_spell(
    const motet_interner *interner, const int32_t *codes, int64_t count, int64_t *offsets,
    uint8_t *bytes
) {
    int64_t size = 0;
    for (int64_t i = 0; i < count; i++) {
        offsets[i] = size;
        int32_t code = codes[i];
        int32_t length = interner->lengths[code];
        if (length < 0) {
            size += spell_integer(interner->payload[code], bytes + size);
        } else if (length > 0) {
            memcpy(bytes + size, interner->arena + interner->payload[code], (size_t)length);
            size += length;
        }
    }
    offsets[count] = size;
    return size;
}

uint64_t motet_interner_hash(const motet_interner *interner, int32_t code) {
    int32_t length = interner->lengths[code];
    if (length < 0) return hash_integer(interner->payload[code]);
    return hash_text(interner->arena + interner->payload[code], length);
}
