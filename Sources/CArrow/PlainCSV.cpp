#include "PlainCSV.h"

#include <arrow/csv/options.h>
#include <arrow/util/bit_util.h>
#include <arrow/util/value_parsing.h>

#include <algorithm>
#include <cstring>

#include "PlainNumbers.h"

namespace motet {

/// Where the values of a column go.
template <typename Value>
struct Values {
  std::shared_ptr<arrow::Buffer> buffer;
  std::shared_ptr<arrow::Buffer> validity;
  int64_t rows;
  int64_t nulls = 0;

  explicit Values(int64_t count, int64_t spare = 0) : rows(count) {
    buffer = allocated((count + spare) * sizeof(Value));
  }

  static std::shared_ptr<arrow::Buffer> allocated(int64_t bytes) {
    return take(arrow::AllocateBuffer(bytes), MOTET_TABLE_INTERNAL, "reading CSV");
  }

  Value* data() { return reinterpret_cast<Value*>(buffer->mutable_data()); }

  void setNull(int64_t row) {
    if (validity == nullptr) {
      validity = allocated(arrow::bit_util::BytesForBits(rows));
      memset(validity->mutable_data(), 0xff, validity->size());
    }
    arrow::bit_util::ClearBit(validity->mutable_data(), row);
    ++nulls;
  }
};

static bool isIn(const std::unordered_set<std::string>& nulls, std::string_view field) {
  return field.empty() || nulls.count(std::string(field)) > 0;
}

/// Calls a function that may read 16 bytes of a field, however few it has.
template <auto plain, typename Value>
static inline bool readPlain(std::string_view field, const char* textEnd, Value& value) {
  if (textEnd - field.data() >= 16) return plain(field, value);
  char copy[16] = {0};
  if (field.size() > sizeof copy) return false;
  memcpy(copy, field.data(), field.size());
  return plain({copy, field.size()}, value);
}

/// Numbers, or null where a field is neither one nor missing.
template <typename Type, bool (*plain)(std::string_view, typename Type::c_type&)>
static std::shared_ptr<arrow::Array> numbers(
    const PlainFields::Column& fields, int64_t rows, const char* textEnd,
    const std::unordered_set<std::string>& nulls) {
  using Value = typename Type::c_type;
  Values<Value> values(rows);
  Value* out = values.data();
  for (int64_t row = 0; row < rows; ++row) {
    std::string_view field = fields[row];
    if (readPlain<plain>(field, textEnd, out[row])) continue;
    if (isIn(nulls, field)) {
      out[row] = 0;
      values.setNull(row);
    } else if (!arrow::internal::ParseValue<Type>(field.data(), field.size(), &out[row])) {
      return nullptr;
    }
  }
  return arrow::MakeArray(arrow::ArrayData::Make(
      arrow::TypeTraits<Type>::type_singleton(), rows, {values.validity, values.buffer},
      values.nulls));
}

/// The texts as integers, or null where one is neither that nor missing.
static std::shared_ptr<arrow::Array> integers(
    const PlainFields::Column& fields, int64_t rows, const char* textEnd,
    const std::unordered_set<std::string>& nulls) {
  Values<int64_t> values(rows);
  int64_t* out = values.data();
  for (int64_t row = 0; row < rows; ++row) {
    std::string_view field = fields[row];
    if (readPlain<plainInteger>(field, textEnd, out[row])) continue;
    if (!isIn(nulls, field)) return nullptr;
    out[row] = 0;
    values.setNull(row);
  }
  if (values.nulls == rows) return nullptr;  // says nothing of the type
  return arrow::MakeArray(
      arrow::ArrayData::Make(arrow::int64(), rows, {values.validity, values.buffer}, values.nulls));
}

static std::shared_ptr<arrow::Array> texts(
    const PlainFields::Column& fields, int64_t rows, const char* textEnd,
    const std::unordered_set<std::string>& nulls) {
  size_t longestNull = 0;
  for (const std::string& null : nulls) longestNull = std::max(longestNull, null.size());
  Values<int32_t> offsets(rows, 1);
  int32_t* ends = offsets.data();
  int64_t bytes = 0;
  for (int64_t row = 0; row < rows; ++row) {
    ends[row] = int32_t(bytes);
    bytes += fields[row].size();
    if (bytes > INT32_MAX) return nullptr;
  }
  ends[rows] = int32_t(bytes);
  // Most texts are short: sixteen bytes are copied at once, and the next text covers what is over.
  constexpr int64_t step = 16;
  auto data = Values<char>::allocated(bytes + step);
  char* out = reinterpret_cast<char*>(data->mutable_data());
  for (int64_t row = 0; row < rows; ++row) {
    std::string_view field = fields[row];
    if (field.size() <= longestNull && isIn(nulls, field)) offsets.setNull(row);
    if (int64_t(field.size()) <= step && textEnd - field.data() >= step) {
      memcpy(out + ends[row], field.data(), step);
    } else {
      memcpy(out + ends[row], field.data(), field.size());
    }
  }
  return arrow::MakeArray(arrow::ArrayData::Make(
      arrow::utf8(), rows, {offsets.validity, offsets.buffer, data}, offsets.nulls));
}

PlainCSV::PlainCSV(const TableRequest& request, const std::vector<std::string>& names)
    : delimiter_(request.csv.delimiter),
      quote_(request.csv.quote),
      fieldCount_(names.size()),
      isUsable_(request.csv.decimalPoint == '.'),
      names_(request.columns),
      textNulls_(request.csv.nulls.begin(), request.csv.nulls.end()) {
  auto defaults = arrow::csv::ConvertOptions::Defaults().null_values;
  numberNulls_.insert(defaults.begin(), defaults.end());
  numberNulls_.insert(textNulls_.begin(), textNulls_.end());
  // A number may be declared to be missing; then every number would have to be looked up.
  for (const std::string& null : textNulls_) {
    int64_t integer;
    double number;
    const char* end = null.data() + null.size();
    if (readPlain<plainInteger>(null, end, integer) || readPlain<plainDouble>(null, end, number)) {
      isUsable_ = false;
    }
  }
  for (size_t index = 0; index < request.columns.size(); ++index) {
    int32_t type = request.types[index];
    bool isKnown = type == MOTET_TYPE_STRING || type == MOTET_TYPE_FLOAT64 ||
                   type == MOTET_TYPE_INT64;
    isUsable_ = isUsable_ && isKnown;
    size_t field =
        std::find(names.begin(), names.end(), request.columns[index]) - names.begin();
    columns_.push_back({field, type, bool(request.acceptsIntegers[index])});
  }
}

std::shared_ptr<arrow::Array> PlainCSV::array(
    const Column& column, const PlainFields& block) const {
  auto fields = block.column(column.field);
  int64_t rows = block.rows();
  const char* end = block.textEnd();
  switch (column.type) {
    case MOTET_TYPE_FLOAT64:
      return numbers<arrow::DoubleType, plainDouble>(fields, rows, end, numberNulls_);
    case MOTET_TYPE_INT64:
      return numbers<arrow::Int64Type, plainInteger>(fields, rows, end, numberNulls_);
    default:
      if (column.acceptsIntegers) {
        if (auto whole = integers(fields, rows, end, textNulls_)) return whole;
      }
      return texts(fields, rows, end, textNulls_);
  }
}

std::unique_ptr<PlainFields> PlainCSV::fields() const {
  std::lock_guard<std::mutex> guard(mutex_);
  if (idle_.empty()) return std::make_unique<PlainFields>();
  auto fields = std::move(idle_.back());
  idle_.pop_back();
  return fields;
}

std::shared_ptr<arrow::RecordBatch> PlainCSV::batch(const arrow::Buffer& block) const {
  if (!isUsable_) return nullptr;
  auto fields = this->fields();
  std::string_view text(reinterpret_cast<const char*>(block.data()), block.size());
  std::shared_ptr<arrow::RecordBatch> made;
  if (fields->cut(text, delimiter_, quote_, fieldCount_)) made = batch(*fields);
  std::lock_guard<std::mutex> guard(mutex_);
  idle_.push_back(std::move(fields));
  return made;
}

std::shared_ptr<arrow::RecordBatch> PlainCSV::batch(const PlainFields& fields) const {
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  std::vector<std::shared_ptr<arrow::Field>> described;
  for (size_t index = 0; index < columns_.size(); ++index) {
    auto made = array(columns_[index], fields);
    if (made == nullptr) return nullptr;
    described.push_back(arrow::field(names_[index], made->type()));
    arrays.push_back(std::move(made));
  }
  return arrow::RecordBatch::Make(arrow::schema(described), fields.rows(), arrays);
}

}  // namespace motet
