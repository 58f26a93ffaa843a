// Turning values into codes: a stable hash, and a dictionary that numbers distinct values in the
// order they appear.
//
// Integers and their canonical decimal spelling are one value: 12 read from Parquet and "12" read
// from text get the same code and the same hash.

#include "PreparationKernels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- hash ---------------------------------------------------------------------------------------

// The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
static inline uint64_t mix(uint64_t bits) {
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9ull;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBull;
    return bits ^ (bits >> 31);
}

static inline uint64_t load_word(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    return word;  // little-endian, as every machine this is built for
}

// The last 1..7 bytes as a little-endian word padded with zeros.
static inline uint64_t load_tail(const uint8_t *bytes, int64_t length) {
    if (length >= 4) {
        uint32_t low, high;
        memcpy(&low, bytes, 4);
        memcpy(&high, bytes + length - 4, 4);
        return (uint64_t)low | ((uint64_t)high << (8 * (length - 4)));
    }
    uint64_t word = bytes[0];
    word |= (uint64_t)bytes[length >> 1] << (8 * (length >> 1));
    word |= (uint64_t)bytes[length - 1] << (8 * (length - 1));
    return word;
}

static inline uint64_t hash_text(const uint8_t *bytes, int64_t length) {
    uint64_t state = mix((uint64_t)length + 0x9E3779B97F4A7C15ull);
    int64_t index = 0;
    for (; index + 8 <= length; index += 8) state = mix(state ^ load_word(bytes + index));
    if (index < length) state = mix(state ^ load_tail(bytes + index, length - index));
    return state;
}

static inline uint64_t hash_integer(int64_t value) {
    return mix((uint64_t)value + 0x9E3779B97F4A7C15ull);
}

#define MOTET_INTEGER_LIMIT 999999999999999999ll

// Whether the text is the decimal spelling an integer of at most 18 digits would be printed with.
static inline int canonical_integer(const uint8_t *bytes, int64_t length, int64_t *value) {
    if (length == 0 || length > 19) return 0;
    int64_t index = bytes[0] == '-';
    int64_t digits = length - index;
    if (digits == 0 || digits > 18) return 0;
    if (bytes[index] == '0' && (digits > 1 || index == 1)) return 0;
    int64_t sum = 0;
    for (; index < length; index++) {
        unsigned digit = (unsigned)bytes[index] - '0';
        if (digit > 9) return 0;
        sum = sum * 10 + (int64_t)digit;
    }
    *value = bytes[0] == '-' ? -sum : sum;
    return 1;
}

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

static inline int32_t bucket(uint64_t hash, int32_t buckets) {
    return (int32_t)(((unsigned __int128)hash * (uint64_t)buckets) >> 64);
}

static inline int64_t offset_at(const void *offsets, int wide, int64_t index) {
    return wide ? ((const int64_t *)offsets)[index] : ((const int32_t *)offsets)[index];
}

static inline int is_present(const uint8_t *present, int64_t index) {
    return !present || present[index];
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

// ---- dictionary ---------------------------------------------------------------------------------

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

    integer_slot *integers;
    int64_t integer_count, integer_capacity;  // capacities are powers of two

    uint64_t *texts;  // the hash's upper half, and the code plus one in the lower; 0: empty
    int64_t text_count, text_capacity;
};

motet_interner *motet_interner_create(void) { return calloc(1, sizeof(motet_interner)); }

void motet_interner_destroy(motet_interner *interner) {
    if (!interner) return;
    free(interner->payload);
    free(interner->lengths);
    free(interner->arena);
    free(interner->integers);
    free(interner->texts);
    free(interner);
}

int64_t motet_interner_count(const motet_interner *interner) { return interner->count; }

// The code of a new value; -1: no memory, or no code left.
static int64_t add_entry(motet_interner *interner, int64_t payload, int32_t length) {
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

static int grow_integers(motet_interner *interner, int64_t wanted) {
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

static int grow_texts(motet_interner *interner, int64_t wanted) {
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

static inline int64_t intern_integer(motet_interner *interner, int64_t value, uint64_t hash) {
    uint64_t mask = (uint64_t)interner->integer_capacity - 1;
    uint64_t at = hash & mask;
    for (;;) {
        integer_slot *slot = &interner->integers[at];
        if (slot->code < 0) {
            int64_t code = add_entry(interner, value, -1);
            if (code < 0) return -1;
            slot->key = value;
            slot->code = code;
            interner->integer_count++;
            return code;
        }
        if (slot->key == value) return slot->code;
        at = (at + 1) & mask;
    }
}

static int64_t add_text(motet_interner *interner, const uint8_t *bytes, int64_t length) {
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
    int64_t code = add_entry(interner, interner->arena_size, (int32_t)length);
    if (code >= 0) interner->arena_size += length;
    return code;
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
            int64_t code = add_text(interner, bytes, length);
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

#define BLOCK 64

static int64_t intern_big_integer(motet_interner *interner, int64_t value) {
    char text[24];
    int length = snprintf(text, sizeof text, "%lld", (long long)value);
    if (grow_texts(interner, interner->text_count + 1)) return -1;
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
        if (grow_integers(interner, interner->integer_count + size)) return -1;
        uint64_t mask = (uint64_t)interner->integer_capacity - 1;
        for (int64_t i = 0; i < size; i++) {
            hashes[i] = hash_integer(values[start + i]);
            __builtin_prefetch(&interner->integers[hashes[i] & mask]);
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

static int64_t intern_any(motet_interner *interner, const uint8_t *bytes, int64_t length) {
    int64_t integer;
    if (canonical_integer(bytes, length, &integer)) {
        if (grow_integers(interner, interner->integer_count + 1)) return -1;
        return intern_integer(interner, integer, hash_integer(integer));
    }
    if (grow_texts(interner, interner->text_count + 1)) return -1;
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
        if (grow_integers(interner, interner->integer_count + size)) return -1;
        if (grow_texts(interner, interner->text_count + size)) return -1;
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

// Whole numbers are integers; others are spelled with the fewest of 15, 16 or 17 digits that read
// back as the same number.
static int spell_double(double value, char *text, size_t size) {
    int length = 0;
    for (int digits = 15; digits <= 17; digits++) {
        length = snprintf(text, size, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    return length;
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
            if (grow_integers(interner, interner->integer_count + 1)) return -1;
            code = intern_integer(interner, (int64_t)value, hash_integer((int64_t)value));
        } else {
            char text[40];
            int length = spell_double(value, text, sizeof text);
            code = intern_any(interner, (const uint8_t *)text, length);
        }
        if (code < 0) return -1;
        codes[i] = (int32_t)code;
    }
    return 0;
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
            int length = spell_double(value, text, sizeof text);
            out[i] = bucket(hash_text((const uint8_t *)text, length), buckets);
        }
    }
}

// ---- reading a dictionary back ------------------------------------------------------------------

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

// ---- delimited lists ----------------------------------------------------------------------------

static inline int blank(uint8_t byte) { return byte == ' ' || byte == '\t'; }

int64_t motet_intern_split(
    motet_interner *interner, int32_t buckets, const void *offsets, int wide, const uint8_t *bytes,
    const uint8_t *present, int64_t count, uint8_t delimiter, int32_t *codes,
    int32_t *lengths
) {
    int64_t total = 0;
    for (int64_t row = 0; row < count; row++) {
        if (!is_present(present, row)) {
            lengths[row] = -1;
            continue;
        }
        int64_t start = offset_at(offsets, wide, row), end = offset_at(offsets, wide, row + 1);
        while (start < end && blank(bytes[start])) start++;
        while (end > start && blank(bytes[end - 1])) end--;
        if (end - start >= 2 && bytes[start] == '[' && bytes[end - 1] == ']') {
            start++;
            end--;
        }
        int64_t before = total;
        while (start < end) {
            const uint8_t *found = memchr(bytes + start, delimiter, (size_t)(end - start));
            int64_t stop = found ? found - bytes : end;
            int64_t from = start, to = stop;
            while (from < to && blank(bytes[from])) from++;
            while (to > from && blank(bytes[to - 1])) to--;
            if (to > from) {
                int64_t code = buckets
                    ? bucket(motet_hash_text(bytes + from, to - from), buckets)
                    : intern_any(interner, bytes + from, to - from);
                if (code < 0) return -1;
                codes[total++] = (int32_t)code;
            }
            start = stop + 1;
        }
        lengths[row] = (int32_t)(total - before);
    }
    return total;
}
