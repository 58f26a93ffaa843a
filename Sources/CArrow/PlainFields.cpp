#include "PlainFields.h"

#include <arrow/util/utf8.h>

#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace motet {

/// What stands in 64 bytes, a bit each.
struct Marks {
  uint64_t delimiters = 0, feeds = 0, returns = 0, quotes = 0, notASCII = 0;
};

#if defined(__SSE2__)
static inline Marks marks(const char* text, char delimiter, char quote) {
  const __m128i delimiters = _mm_set1_epi8(delimiter), feeds = _mm_set1_epi8('\n');
  const __m128i returns = _mm_set1_epi8('\r'), quotes = _mm_set1_epi8(quote);
  Marks found;
  for (int part = 0; part < 4; ++part) {
    __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text) + part);
    auto bits = [part](__m128i mask) {
      return uint64_t(uint32_t(_mm_movemask_epi8(mask))) << (16 * part);
    };
    found.delimiters |= bits(_mm_cmpeq_epi8(bytes, delimiters));
    found.feeds |= bits(_mm_cmpeq_epi8(bytes, feeds));
    found.returns |= bits(_mm_cmpeq_epi8(bytes, returns));
    found.quotes |= bits(_mm_cmpeq_epi8(bytes, quotes));
    found.notASCII |= bits(bytes);
  }
  return found;
}
#else
static inline Marks marks(const char* text, char delimiter, char quote) {
  Marks found;
  for (int index = 0; index < 64; ++index) {
    char byte = text[index];
    found.delimiters |= uint64_t(byte == delimiter) << index;
    found.feeds |= uint64_t(byte == '\n') << index;
    found.returns |= uint64_t(byte == '\r') << index;
    found.quotes |= uint64_t(byte == quote) << index;
    found.notASCII |= uint64_t((byte & 0x80) != 0) << index;
  }
  return found;
}
#endif

/// The marks of the last bytes of a text, fewer than 64.
static Marks lastMarks(const char* text, size_t size, char delimiter, char quote) {
  char rest[64] = {0};
  memcpy(rest, text, size);
  Marks found = marks(rest, delimiter, quote);
  uint64_t inside = (uint64_t(1) << size) - 1;
  for (uint64_t* bits : {&found.delimiters, &found.feeds, &found.returns, &found.quotes}) {
    *bits &= inside;
  }
  return found;
}

bool PlainFields::cut(
    std::string_view block, char delimiter, char quote, size_t fieldsPerRow) {
  if (fieldsPerRow == 0 || block.empty() || block.size() >= UINT32_MAX) return false;
  if (delimiter == '\n' || delimiter == '\r') return false;
  text_ = block.data();
  size_ = block.size();
  fieldsPerRow_ = fieldsPerRow;
  rows_ = 0;
  size_t used = 1;
  if (starts_.empty()) starts_.resize(1024 + size_ / 4);
  starts_[0] = 0;
  uint64_t notASCII = 0, returns = 0;
  for (size_t start = 0; start < size_; start += 64) {
    Marks found = size_ - start >= 64 ? marks(text_ + start, delimiter, quote)
                                      : lastMarks(text_ + start, size_ - start, delimiter, quote);
    if (quote != 0 && found.quotes != 0) return false;
    notASCII |= found.notASCII;
    returns |= found.returns;
    for (uint64_t bits = found.returns; bits != 0; bits &= bits - 1) {
      size_t next = start + std::countr_zero(bits) + 1;
      if (next == size_ || text_[next] != '\n') return false;
    }
    uint64_t ends = found.delimiters | found.feeds;
    // At each line end the fields so far must fill the rows so far.
    for (uint64_t bits = found.feeds; bits != 0; bits &= bits - 1) {
      uint64_t before = ends & (bits ^ (bits - 1));
      if (used - 1 + std::popcount(before) != size_t(++rows_) * fieldsPerRow) return false;
    }
    if (starts_.size() < used + 65) starts_.resize(2 * starts_.size());
    uint32_t* out = starts_.data() + used;
    used += std::popcount(ends);
    for (; ends != 0; ends &= ends - 1) *out++ = uint32_t(start + std::countr_zero(ends) + 1);
  }
  hasReturns_ = returns != 0;
  if (text_[size_ - 1] != '\n') {
    // The last line of a file may lack its end.
    starts_[used++] = uint32_t(size_ + 1);
    if (used - 1 != size_t(++rows_) * fieldsPerRow) return false;
  }
  if (fieldsPerRow == 1 && hasEmptyField()) return false;
  if (notASCII == 0) return true;
  arrow::util::InitializeUTF8();
  return arrow::util::ValidateUTF8(reinterpret_cast<const uint8_t*>(text_), size_);
}

/// Whether there is a blank line, in a file of one column.
bool PlainFields::hasEmptyField() const {
  auto fields = column(0);
  for (int64_t row = 0; row < rows_; ++row) {
    if (fields[row].empty()) return true;
  }
  return false;
}

}  // namespace motet
