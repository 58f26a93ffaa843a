// Where the fields of a block of plain CSV lie. A block is plain when it holds no quote and no blank
// line, all of its rows have the same number of fields, and its text is UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace motet {

class PlainFields {
 public:
  /// Cuts a block; `quote` is 0 where quotes have no meaning. Lines end in LF or in CR and LF.
  ///
  /// Returns whether the block is plain; the fields are there only if it is.
  bool cut(std::string_view block, char delimiter, char quote, size_t fieldsPerRow);

  int64_t rows() const { return rows_; }
  /// The end of the block, past which nothing may be read.
  const char* textEnd() const { return text_ + size_; }

  /// The fields of one column.
  class Column {
   public:
    Column(const char* text, const uint32_t* starts, size_t stride, bool mayEndInReturn)
        : text_(text), starts_(starts), stride_(stride), mayEndInReturn_(mayEndInReturn) {}
    std::string_view operator[](int64_t row) const {
      const uint32_t* starts = starts_ + row * stride_;
      std::string_view field(text_ + starts[0], starts[1] - starts[0] - 1);
      if (mayEndInReturn_ && field.ends_with('\r')) field.remove_suffix(1);
      return field;
    }

   private:
    const char* text_;
    const uint32_t* starts_;
    size_t stride_;
    bool mayEndInReturn_;
  };
  Column column(size_t index) const {
    bool isLast = index + 1 == fieldsPerRow_;
    return {text_, starts_.data() + index, fieldsPerRow_, hasReturns_ && isLast};
  }

 private:
  const char* text_ = nullptr;
  size_t size_ = 0;
  size_t fieldsPerRow_ = 0;
  int64_t rows_ = 0;
  bool hasReturns_ = false;
  /// Where each field begins, row by row, and one more: a field ends before the one byte that stands
  /// before the next.
  std::vector<uint32_t> starts_;

  bool hasEmptyField() const;
};

}  // namespace motet
