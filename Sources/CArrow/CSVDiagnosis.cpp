// Arrow says only roughly where a CSV file is wrong. This reads the file again, row by row, and
// finds the line, the column and the value.
#include <arrow/csv/options.h>
#include <arrow/type.h>
#include <arrow/util/utf8.h>
#include <arrow/util/value_parsing.h>

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "ColumnTypes.h"
#include "FileBatches.h"

namespace motet {

/// Whether a field is a value of a type, by the rules Arrow's CSV conversion follows.
class FieldCheck {
 public:
  explicit FieldCheck(const CSVFormat& format) : format_(format) {
    auto defaults = arrow::csv::ConvertOptions::Defaults();
    nulls_.insert(defaults.null_values.begin(), defaults.null_values.end());
    nulls_.insert(format.nulls.begin(), format.nulls.end());
    booleans_.insert(defaults.true_values.begin(), defaults.true_values.end());
    booleans_.insert(defaults.false_values.begin(), defaults.false_values.end());
    parsers_.push_back(arrow::TimestampParser::MakeISO8601());
    for (const auto& pattern : format.timestampFormats) {
      parsers_.push_back(arrow::TimestampParser::MakeStrptime(pattern));
    }
  }

  bool accepts(const std::string& field, int32_t type) const {
    if (type == MOTET_TYPE_STRING || type == MOTET_TYPE_DICTIONARY) return true;
    if (nulls_.count(field) > 0) return true;
    std::string value = trimmed(field);
    if (type != MOTET_TYPE_TIMESTAMP && nulls_.count(value) > 0) return true;
    switch (type) {
      case MOTET_TYPE_BOOLEAN: return booleans_.count(value) > 0;
      case MOTET_TYPE_INT8: return parses<arrow::Int8Type>(value);
      case MOTET_TYPE_INT16: return parses<arrow::Int16Type>(value);
      case MOTET_TYPE_INT32: return parses<arrow::Int32Type>(value);
      case MOTET_TYPE_INT64: return parses<arrow::Int64Type>(value);
      case MOTET_TYPE_UINT8: return parses<arrow::UInt8Type>(value);
      case MOTET_TYPE_UINT16: return parses<arrow::UInt16Type>(value);
      case MOTET_TYPE_UINT32: return parses<arrow::UInt32Type>(value);
      case MOTET_TYPE_UINT64: return parses<arrow::UInt64Type>(value);
      case MOTET_TYPE_FLOAT32:
      case MOTET_TYPE_FLOAT64: return isNumber(value);
      case MOTET_TYPE_TIMESTAMP: return isTime(field);
      default: return true;
    }
  }

 private:
  const CSVFormat& format_;
  std::unordered_set<std::string> nulls_;
  std::unordered_set<std::string> booleans_;
  std::vector<std::shared_ptr<arrow::TimestampParser>> parsers_;

  static std::string trimmed(const std::string& field) {
    size_t first = field.find_first_not_of(" \t");
    if (first == std::string::npos) return "";
    return field.substr(first, field.find_last_not_of(" \t") - first + 1);
  }

  template <typename Type>
  static bool parses(const std::string& value) {
    typename Type::c_type number;
    return arrow::internal::ParseValue<Type>(value.data(), value.size(), &number);
  }

  bool isNumber(std::string value) const {
    if (format_.decimalPoint != '.') {
      for (char& character : value) {
        if (character == '.') return false;
        if (character == format_.decimalPoint) character = '.';
      }
    }
    return parses<arrow::DoubleType>(value);
  }

  bool isTime(const std::string& value) const {
    for (const auto& parser : parsers_) {
      int64_t time;
      if ((*parser)(value.data(), value.size(), arrow::TimeUnit::NANO, &time)) return true;
    }
    return false;
  }
};

static std::string lengthSentence(
    const std::string& path, int64_t line, size_t received, size_t expected,
    const CSVFormat& format) {
  std::string text = path + ":" + std::to_string(line) + ": row has " + std::to_string(received) +
                     (received == 1 ? " field" : " fields") + "; expected " +
                     std::to_string(expected) + ", as in the " +
                     (format.hasHeader ? "header" : "first row") + ".";
  if (received > expected && format.quote != 0) {
    text += " Put values that hold the separator in quotes.";
  }
  return text;
}

void diagnoseCSV(
    const std::string& path, const TableRequest& request, const arrow::Status& failure) {
  auto names = columnNames(path, request.csv);
  struct Column {
    size_t field;
    size_t request;
  };
  std::vector<Column> columns;
  for (size_t index = 0; index < request.columns.size(); ++index) {
    auto found = std::find(names.begin(), names.end(), request.columns[index]);
    if (found != names.end()) columns.push_back({size_t(found - names.begin()), index});
  }
  arrow::util::InitializeUTF8();
  FieldCheck check(request.csv);
  CSVRows rows(path, request.csv);
  bool isHeader = request.csv.hasHeader;
  while (rows.next()) {
    const auto& fields = rows.fields();
    if (fields.size() != names.size()) {
      throw TableError(
          MOTET_TABLE_ROW_LENGTH,
          lengthSentence(path, rows.line(), fields.size(), names.size(), request.csv));
    }
    if (isHeader) {
      isHeader = false;
      continue;
    }
    for (const Column& column : columns) {
      const std::string& value = fields[column.field];
      auto who = [&] {
        return path + ":" + std::to_string(rows.line()) + ", column \"" + names[column.field] +
               "\"";
      };
      int32_t type = request.types[column.request];
      bool isText = type == MOTET_TYPE_STRING || type == MOTET_TYPE_DICTIONARY;
      if (isText && !arrow::util::ValidateUTF8(value)) {
        throw TableError(
            MOTET_TABLE_VALUE, who() + ": not valid UTF-8; expected text in UTF-8; received another "
                                     "encoding. Convert the file to UTF-8.");
      }
      if (check.accepts(value, type)) continue;
      throw TableError(
          MOTET_TABLE_VALUE, valueSentence(
                                 who(), type, value, request.inferred[column.request],
                                 request.csv.decimalPoint));
    }
  }
  throw TableError(
      MOTET_TABLE_FILE_DAMAGED,
      path + ": file cannot be read as CSV; expected rows of text; received \"" +
          sentence(failure) + "\".");
}

}  // namespace motet
