// Plain CSV straight to columns. Arrow's reader copies every field into a parsed block, and then into
// a column; most blocks hold nothing that would need that. What is not plain, or not a value by the
// rules here, is left to Arrow, which alone decides what an error is.
#pragma once

#include <arrow/api.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "FileBatches.h"
#include "PlainFields.h"

namespace motet {

class PlainCSV {
 public:
  /// `names` are those of the file's columns.
  PlainCSV(const TableRequest& request, const std::vector<std::string>& names);

  /// The rows of a block as Arrow's reader would give them, or null where Arrow must read it.
  ///
  /// A text column asked for with `acceptsIntegers` comes as 64-bit integers where all of its values
  /// in the block are such, spelled as they would be printed.
  std::shared_ptr<arrow::RecordBatch> batch(const arrow::Buffer& block) const;

 private:
  struct Column {
    size_t field;
    int32_t type;
    bool acceptsIntegers;
  };

  char delimiter_;
  char quote_;
  size_t fieldCount_;
  bool isUsable_;
  std::vector<std::string> names_;
  std::vector<Column> columns_;
  std::unordered_set<std::string> textNulls_;
  std::unordered_set<std::string> numberNulls_;
  /// Memory for the fields of a block, used again by the next.
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<PlainFields>> idle_;

  std::unique_ptr<PlainFields> fields() const;
  std::shared_ptr<arrow::RecordBatch> batch(const PlainFields& fields) const;

  std::shared_ptr<arrow::Array> array(const Column& column, const PlainFields& block) const;
};

}  // namespace motet
