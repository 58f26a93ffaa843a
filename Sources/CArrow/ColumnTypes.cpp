#include "ColumnTypes.h"

#include <arrow/compute/api.h>
#include <arrow/compute/cast.h>

#include <algorithm>

namespace motet {

int32_t normalizedType(const arrow::DataType& type) {
  using arrow::Type;
  switch (type.id()) {
    case Type::BOOL: return MOTET_TYPE_BOOLEAN;
    case Type::INT8: return MOTET_TYPE_INT8;
    case Type::INT16: return MOTET_TYPE_INT16;
    case Type::INT32: return MOTET_TYPE_INT32;
    case Type::INT64: return MOTET_TYPE_INT64;
    case Type::UINT8: return MOTET_TYPE_UINT8;
    case Type::UINT16: return MOTET_TYPE_UINT16;
    case Type::UINT32: return MOTET_TYPE_UINT32;
    case Type::UINT64: return MOTET_TYPE_UINT64;
    case Type::HALF_FLOAT:
    case Type::FLOAT: return MOTET_TYPE_FLOAT32;
    case Type::DOUBLE:
    case Type::DECIMAL32:
    case Type::DECIMAL64:
    case Type::DECIMAL128:
    case Type::DECIMAL256: return MOTET_TYPE_FLOAT64;
    case Type::NA:
    case Type::STRING:
    case Type::LARGE_STRING:
    case Type::STRING_VIEW:
    case Type::BINARY:
    case Type::LARGE_BINARY:
    case Type::BINARY_VIEW: return MOTET_TYPE_STRING;
    case Type::DATE32:
    case Type::DATE64:
    case Type::TIMESTAMP: return MOTET_TYPE_TIMESTAMP;
    case Type::TIME32:
    case Type::TIME64: return MOTET_TYPE_INT64;
    case Type::DICTIONARY: {
      const auto& values = *static_cast<const arrow::DictionaryType&>(type).value_type();
      int32_t inner = normalizedType(values);
      return inner == MOTET_TYPE_STRING ? MOTET_TYPE_DICTIONARY : inner;
    }
    case Type::LIST:
    case Type::LARGE_LIST:
    case Type::FIXED_SIZE_LIST: {
      int32_t inner = normalizedType(*type.field(0)->type());
      bool isPlain = inner > MOTET_TYPE_UNSUPPORTED && inner < MOTET_TYPE_LIST;
      return isPlain ? MOTET_TYPE_LIST + inner : MOTET_TYPE_UNSUPPORTED;
    }
    default: return MOTET_TYPE_UNSUPPORTED;
  }
}

std::shared_ptr<arrow::DataType> arrowType(int32_t type) {
  if (type > MOTET_TYPE_LIST) return arrow::list(arrowType(type - MOTET_TYPE_LIST));
  switch (type) {
    case MOTET_TYPE_BOOLEAN: return arrow::boolean();
    case MOTET_TYPE_INT8: return arrow::int8();
    case MOTET_TYPE_INT16: return arrow::int16();
    case MOTET_TYPE_INT32: return arrow::int32();
    case MOTET_TYPE_INT64: return arrow::int64();
    case MOTET_TYPE_UINT8: return arrow::uint8();
    case MOTET_TYPE_UINT16: return arrow::uint16();
    case MOTET_TYPE_UINT32: return arrow::uint32();
    case MOTET_TYPE_UINT64: return arrow::uint64();
    case MOTET_TYPE_FLOAT32: return arrow::float32();
    case MOTET_TYPE_FLOAT64: return arrow::float64();
    case MOTET_TYPE_STRING: return arrow::utf8();
    case MOTET_TYPE_DICTIONARY: return arrow::dictionary(arrow::int32(), arrow::utf8());
    case MOTET_TYPE_TIMESTAMP: return arrow::timestamp(arrow::TimeUnit::MICRO);
    default: throw TableError(MOTET_TABLE_OPTION, "column type " + std::to_string(type) + " is unknown.");
  }
}

static bool isInteger(int32_t type) {
  return type >= MOTET_TYPE_INT8 && type <= MOTET_TYPE_UINT64;
}

std::string expectedValue(int32_t type) {
  switch (type) {
    case MOTET_TYPE_BOOLEAN: return "true, false, 1 or 0";
    case MOTET_TYPE_INT8: return "an Int8";
    case MOTET_TYPE_INT16: return "an Int16";
    case MOTET_TYPE_INT32: return "an Int32";
    case MOTET_TYPE_INT64: return "an Int64";
    case MOTET_TYPE_UINT8: return "a UInt8";
    case MOTET_TYPE_UINT16: return "a UInt16";
    case MOTET_TYPE_UINT32: return "a UInt32";
    case MOTET_TYPE_UINT64: return "a UInt64";
    case MOTET_TYPE_FLOAT32: return "a finite Float";
    case MOTET_TYPE_FLOAT64: return "a finite Double";
    case MOTET_TYPE_TIMESTAMP: return "a time such as \"2020-01-31 12:00:00\"";
    case MOTET_TYPE_STRING:
    case MOTET_TYPE_DICTIONARY: return "text in UTF-8";
    default: return "another type";
  }
}

std::string valueSentence(
    const std::string& who, int32_t type, const std::string& value, bool isInferred,
    char decimalPoint) {
  bool isFloat = type == MOTET_TYPE_FLOAT32 || type == MOTET_TYPE_FLOAT64;
  std::string wrong = isFloat                          ? "not a number"
                      : isInteger(type)                ? "not an integer of this type"
                      : type == MOTET_TYPE_BOOLEAN     ? "not a boolean"
                      : type == MOTET_TYPE_TIMESTAMP   ? "not a time"
                                                       : "not valid text";
  std::string text = who + ": " + wrong + "; expected " + expectedValue(type) +
                     "; received \"" + value + "\".";
  size_t comma = value.find(',');
  bool looksDecimal = comma != std::string::npos && comma > 0 && comma + 1 < value.size() &&
                      value.find_first_not_of("+-.,0123456789eE") == std::string::npos;
  if ((isFloat || isInteger(type)) && decimalPoint == '.' && looksDecimal) {
    text += " Set `decimal: comma` if that is the separator.";
  } else if (isInferred) {
    text += " The type was taken from the first rows: declare another if it is wrong.";
  }
  return text;
}

/// Casts that may round a number to a float but may not lose anything else silently.
static arrow::Result<std::shared_ptr<arrow::Array>> cast(
    const std::shared_ptr<arrow::Array>& array, const std::shared_ptr<arrow::DataType>& type) {
  auto options = arrow::compute::CastOptions::Safe(type);
  bool toFloat = arrow::is_floating(type->id());
  bool fromNumber = arrow::is_integer(array->type_id()) || arrow::is_floating(array->type_id()) ||
                    arrow::is_decimal(array->type_id());
  options.allow_float_truncate = toFloat && fromNumber;
  options.allow_decimal_truncate = toFloat;
  options.allow_time_truncate = true;
  options.allow_invalid_utf8 = false;
  ARROW_ASSIGN_OR_RAISE(auto result, arrow::compute::Cast(*array, type, options));
  return result;
}

static arrow::Result<std::shared_ptr<arrow::Array>> convert(
    std::shared_ptr<arrow::Array> array, int32_t type) {
  auto target = arrowType(type);
  auto id = array->type_id();
  if (id == arrow::Type::DICTIONARY && type != MOTET_TYPE_DICTIONARY) {
    const auto& values = *static_cast<const arrow::DictionaryType&>(*array->type()).value_type();
    ARROW_ASSIGN_OR_RAISE(array, cast(array, values.GetSharedPtr()));
    return convert(array, type);
  }
  if (type == MOTET_TYPE_DICTIONARY) {
    if (id == arrow::Type::DICTIONARY) {
      if (array->type()->Equals(target)) return array;
      const auto& dictionary = static_cast<const arrow::DictionaryArray&>(*array);
      ARROW_ASSIGN_OR_RAISE(auto indices, cast(dictionary.indices(), arrow::int32()));
      ARROW_ASSIGN_OR_RAISE(auto values, convert(dictionary.dictionary(), MOTET_TYPE_STRING));
      return arrow::DictionaryArray::FromArrays(target, indices, values);
    }
    ARROW_ASSIGN_OR_RAISE(auto strings, convert(array, MOTET_TYPE_STRING));
    ARROW_ASSIGN_OR_RAISE(auto encoded, arrow::compute::DictionaryEncode(strings));
    return encoded.make_array();
  }
  if (array->type()->Equals(target)) return array;
  if (id == arrow::Type::TIME32 || id == arrow::Type::TIME64) {
    ARROW_ASSIGN_OR_RAISE(array, cast(array, arrow::time64(arrow::TimeUnit::MICRO)));
    ARROW_ASSIGN_OR_RAISE(array, cast(array, arrow::int64()));
  }
  if (id == arrow::Type::TIMESTAMP && type == MOTET_TYPE_TIMESTAMP) {
    auto unit = static_cast<const arrow::TimestampType&>(*array->type()).unit();
    // The instant is kept; the name of the zone is not.
    ARROW_ASSIGN_OR_RAISE(array, array->View(arrow::timestamp(unit)));
  }
  return cast(array, target);
}

std::shared_ptr<arrow::Array> converted(
    const std::shared_ptr<arrow::Array>& array, int32_t type, ValueError& error) {
  auto result = convert(array, type);
  if (result.ok()) return result.MoveValueUnsafe();
  // Narrow the failure down to one row.
  int64_t start = 0;
  int64_t count = array->length();
  while (count > 1) {
    int64_t half = count / 2;
    if (!convert(array->Slice(start, half), type).ok()) {
      count = half;
    } else {
      start += half;
      count -= half;
    }
  }
  error.row = start;
  auto scalar = count == 1 ? array->GetScalar(start) : arrow::Status::Invalid("no row");
  error.value = scalar.ok() ? (*scalar)->ToString() : sentence(result.status());
  error.isString = true;
  return nullptr;
}

/// A copy of the validity bitmap of `array`, starting at bit 0.
static std::shared_ptr<arrow::Buffer> validityCopy(const arrow::Array& array) {
  auto buffer = take(
      arrow::AllocateBitmap(array.length()), MOTET_TABLE_INTERNAL, "missing values");
  uint8_t* bits = buffer->mutable_data();
  for (int64_t row = 0; row < array.length(); ++row) {
    arrow::bit_util::SetBitTo(bits, row, array.IsValid(row));
  }
  return buffer;
}

static bool isSpelled(std::string_view value, const std::vector<std::string>& spellings) {
  return value.empty() || std::find(spellings.begin(), spellings.end(), value) != spellings.end();
}

static std::shared_ptr<arrow::Array> stringsWithNulls(
    const arrow::StringArray& array, const std::vector<std::string>& spellings) {
  std::shared_ptr<arrow::Buffer> validity;
  for (int64_t row = 0; row < array.length(); ++row) {
    if (!isSpelled(array.GetView(row), spellings)) continue;
    if (validity == nullptr) validity = validityCopy(array);
    arrow::bit_util::ClearBit(validity->mutable_data(), row);
  }
  if (validity == nullptr) return nullptr;
  auto offsets = arrow::SliceBuffer(
      array.value_offsets(), array.offset() * sizeof(int32_t),
      (array.length() + 1) * sizeof(int32_t));
  return std::make_shared<arrow::StringArray>(
      array.length(), offsets, array.value_data(), validity);
}

std::shared_ptr<arrow::Array> withNulls(
    const std::shared_ptr<arrow::Array>& array, const std::vector<std::string>& spellings) {
  if (array->type_id() == arrow::Type::STRING) {
    auto result =
        stringsWithNulls(static_cast<const arrow::StringArray&>(*array), spellings);
    return result == nullptr ? array : result;
  }
  if (array->type_id() != arrow::Type::DICTIONARY) return array;
  const auto& dictionary = static_cast<const arrow::DictionaryArray&>(*array);
  const auto& values = static_cast<const arrow::StringArray&>(*dictionary.dictionary());
  std::vector<uint8_t> missing(values.length());
  bool any = false;
  for (int64_t index = 0; index < values.length(); ++index) {
    missing[index] = isSpelled(values.GetView(index), spellings);
    any = any || missing[index];
  }
  if (!any) return array;
  const auto& indices = static_cast<const arrow::Int32Array&>(*dictionary.indices());
  auto validity = validityCopy(*array);
  for (int64_t row = 0; row < indices.length(); ++row) {
    if (indices.IsValid(row) && missing[indices.Value(row)]) {
      arrow::bit_util::ClearBit(validity->mutable_data(), row);
    }
  }
  auto kept = std::make_shared<arrow::Int32Array>(
      indices.length(),
      arrow::SliceBuffer(
          indices.values(), indices.offset() * sizeof(int32_t),
          indices.length() * sizeof(int32_t)),
      validity);
  return take(
      arrow::DictionaryArray::FromArrays(array->type(), kept, dictionary.dictionary()),
      MOTET_TABLE_INTERNAL, "missing values");
}

}  // namespace motet
