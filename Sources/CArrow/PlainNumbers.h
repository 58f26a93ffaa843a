// Numbers as most files spell them, read without a loop; everything else goes to Arrow's parser.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace motet {

/// The number that eight bytes spell, the first the highest digit; false where one is no digit.
///
/// Neighbours are joined into numbers of 2, 4 and 8 digits at once (little-endian machines).
static inline bool eightDigits(uint64_t bytes, uint64_t& value) {
  constexpr uint64_t zeros = 0x3030303030303030, high = 0xF0F0F0F0F0F0F0F0;
  bool areDigits =
      (bytes & high) == zeros && ((bytes + 0x0606060606060606) & high) == zeros;
  uint64_t pairs = (bytes - zeros) * 10 + ((bytes - zeros) >> 8);
  constexpr uint64_t mask = 0x000000FF000000FF;
  value = (((pairs & mask) * 0x000F424000000064) +
           (((pairs >> 16) & mask) * 0x0000271000000001)) >> 32;
  return areDigits;
}

static inline uint64_t eightBytes(const char* text) {
  uint64_t bytes;
  memcpy(&bytes, text, 8);
  return bytes;
}

/// Bytes whose first `count`, 1 to 8, become the last, after zeros.
static inline uint64_t alignedDigits(uint64_t bytes, size_t count) {
  uint64_t shifted = bytes << (64 - 8 * count);
  return count == 8 ? bytes : shifted | (0x3030303030303030 >> (8 * count));
}

/// Reads an integer of at most 16 digits that is spelled as it would be printed; may read 8 bytes.
static inline bool plainInteger(std::string_view text, int64_t& value) {
  const char* at = text.data();
  size_t size = text.size();
  bool isNegative = size != 0 && *at == '-';
  at += isNegative;
  size -= isNegative;
  if (size - 1 >= 16) return false;  // 0 digits wrap around
  if (*at == '0' && (size > 1 || isNegative)) return false;
  uint64_t number;
  if (size <= 8) {
    if (!eightDigits(alignedDigits(eightBytes(at), size), number)) return false;
  } else {
    uint64_t first;
    if (!eightDigits(alignedDigits(eightBytes(at), size - 8), first)) return false;
    if (!eightDigits(eightBytes(at + size - 8), number)) return false;
    number += first * 100'000'000;
  }
  value = isNegative ? -int64_t(number) : int64_t(number);
  return true;
}

/// Reads digits with one point among them or none, at most 8 characters; may read 8 bytes.
///
/// Such numbers and powers of ten are doubles, so one division rounds as the exact value would (W. D.
/// Clinger, "How to read floating point numbers accurately", 1990).
static inline bool plainDouble(std::string_view text, double& value) {
  static constexpr double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
  const char* at = text.data();
  size_t size = text.size();
  bool isNegative = size != 0 && *at == '-';
  at += isNegative;
  size -= isNegative;
  if (size - 1 >= 8) return false;
  uint64_t bytes = eightBytes(at);
  // The high bit of each byte that is a point. Bits above the lowest may be wrong: then another byte
  // is no digit, and the number not read here.
  uint64_t difference = bytes ^ 0x2E2E2E2E2E2E2E2E;
  uint64_t points = (difference - 0x0101010101010101) & ~difference & 0x8080808080808080;
  size_t whole = points == 0 ? 8 : std::countr_zero(points) / 8;
  size_t decimals = 0;
  if (whole < size) {
    decimals = size - whole - 1;
    if (whole == 0 || decimals == 0) return false;
    uint64_t before = (uint64_t(1) << (8 * whole)) - 1;
    bytes = (bytes & before) | ((bytes >> 8) & ~before);
    --size;
  }
  uint64_t digits;
  if (!eightDigits(alignedDigits(bytes, size), digits)) return false;
  double number = double(digits) / powers[decimals];
  value = isNegative ? -number : number;
  return true;
}

}  // namespace motet
