// XXH64, the checksum of prepared files: Yann Collet, "xxHash fast digest algorithm",
// https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md (seed 0, little-endian machines).
#include <string.h>

#include "BatchGather.h"

static const uint64_t kPrime1 = 0x9E3779B185EBCA87ull;
static const uint64_t kPrime2 = 0xC2B2AE3D27D4EB4Full;
static const uint64_t kPrime3 = 0x165667B19E3779F9ull;
static const uint64_t kPrime4 = 0x85EBCA77C2B2AE63ull;
static const uint64_t kPrime5 = 0x27D4EB2F165667C5ull;

static inline uint64_t rotated(uint64_t value, int bits) {
  return (value << bits) | (value >> (64 - bits));
}

static inline uint64_t word64(const uint8_t *bytes) {
  uint64_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
}

static inline uint64_t round64(uint64_t lane, uint64_t input) {
  return rotated(lane + input * kPrime2, 31) * kPrime1;
}

static void add_stripe(MotetChecksum *state, const uint8_t *bytes) {
  for (int lane = 0; lane < 4; ++lane) {
    state->lanes[lane] = round64(state->lanes[lane], word64(bytes + 8 * lane));
  }
}

void motet_checksum_start(MotetChecksum *state) {
  memset(state, 0, sizeof *state);
  state->lanes[0] = kPrime1 + kPrime2;
  state->lanes[1] = kPrime2;
  state->lanes[3] = 0 - kPrime1;
}

void motet_checksum_add(MotetChecksum *state, const void *memory, int64_t count) {
  const uint8_t *bytes = memory;
  uint64_t left = (uint64_t)count;
  state->total += left;
  if (state->pending_count > 0) {
    uint64_t space = 32 - state->pending_count;
    uint64_t taken = left < space ? left : space;
    memcpy(state->pending + state->pending_count, bytes, taken);
    state->pending_count += taken;
    bytes += taken;
    left -= taken;
    if (state->pending_count < 32) return;
    add_stripe(state, state->pending);
    state->pending_count = 0;
  }
  for (; left >= 32; left -= 32, bytes += 32) add_stripe(state, bytes);
  if (left > 0) memcpy(state->pending, bytes, left);
  state->pending_count = left;
}

uint64_t motet_checksum_value(const MotetChecksum *state) {
  uint64_t hash = kPrime5;
  if (state->total >= 32) {
    const uint64_t *lanes = state->lanes;
    hash = rotated(lanes[0], 1) + rotated(lanes[1], 7) + rotated(lanes[2], 12) +
           rotated(lanes[3], 18);
    for (int lane = 0; lane < 4; ++lane) {
      hash = (hash ^ round64(0, lanes[lane])) * kPrime1 + kPrime4;
    }
  }
  hash += state->total;
  const uint8_t *bytes = state->pending;
  uint64_t left = state->pending_count;
  for (; left >= 8; left -= 8, bytes += 8) {
    hash = rotated(hash ^ round64(0, word64(bytes)), 27) * kPrime1 + kPrime4;
  }
  if (left >= 4) {
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    hash = rotated(hash ^ (word * kPrime1), 23) * kPrime2 + kPrime3;
    left -= 4;
    bytes += 4;
  }
  for (; left > 0; --left, ++bytes) hash = rotated(hash ^ (*bytes * kPrime5), 11) * kPrime1;
  hash = (hash ^ (hash >> 33)) * kPrime2;
  hash = (hash ^ (hash >> 29)) * kPrime3;
  return hash ^ (hash >> 32);
}
