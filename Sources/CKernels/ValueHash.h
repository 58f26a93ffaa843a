// The stable hash of values, inline for the loops that number and spread them.
//
// Integers and their canonical decimal spelling are one value: 12 read from Parquet and "12" read
// from text get the same code and the same hash.
#ifndef MOTET_VALUE_HASH_H
#define MOTET_VALUE_HASH_H

#include <stdint.h>
#include <string.h>

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

static inline int32_t bucket(uint64_t hash, int32_t buckets) {
    return (int32_t)(((unsigned __int128)hash * (uint64_t)buckets) >> 64);
}

static inline int64_t offset_at(const void *offsets, int wide, int64_t index) {
    return wide ? ((const int64_t *)offsets)[index] : ((const int32_t *)offsets)[index];
}

static inline int is_present(const uint8_t *present, int64_t index) {
    return !present || present[index];
}

// Spells a number that is not whole, for its hash and its text; returns the length.
int motet_spell_double(double value, char *text, size_t size);

#endif
