// The column types batches are handed out in, and how Arrow's other types become one of them.
#pragma once

#include <arrow/api.h>

#include <string>
#include <vector>

#include "Support.h"

namespace motet {

/// The type a column of `type` is handed out in, or `MOTET_TYPE_UNSUPPORTED`.
int32_t normalizedType(const arrow::DataType& type);

/// The Arrow type of a column type.
std::shared_ptr<arrow::DataType> arrowType(int32_t type);

/// What a column type is called in messages: `an Int64`.
std::string expectedValue(int32_t type);

/// A value that does not fit the type asked for.
struct ValueError {
  int64_t row;
  std::string value;
  bool isString;
};

/// Converts a column to `type`; on failure returns null and fills `error`.
std::shared_ptr<arrow::Array> converted(
    const std::shared_ptr<arrow::Array>& array, int32_t type, ValueError& error);

/// Marks the texts equal to one of `spellings` as missing, in a string or dictionary column.
std::shared_ptr<arrow::Array> withNulls(
    const std::shared_ptr<arrow::Array>& array, const std::vector<std::string>& spellings);

/// The sentence for a value of a wrong type: `who` is `train.csv:12, column "price"`.
std::string valueSentence(
    const std::string& who, int32_t type, const std::string& value, bool isInferred,
    char decimalPoint);

}  // namespace motet
