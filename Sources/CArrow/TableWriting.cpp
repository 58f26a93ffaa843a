// Writing tables through Arrow's writers: batches are wrapped around the caller's memory.
#include "include/TableWriting.h"

#include <arrow/api.h>
#include <arrow/csv/api.h>
#include <arrow/io/file.h>
#include <arrow/ipc/writer.h>
#include <arrow/util/bit_util.h>
#include <arrow/util/bitmap_generate.h>
#include <parquet/arrow/writer.h>

#include <algorithm>
#include <numeric>

#include "ColumnTypes.h"
#include "Support.h"

namespace motet {

/// The rows of a Parquet row group: what a reader of one column takes at once.
static constexpr int64_t kRowGroupRows = 1 << 18;

static TableError writeError(const std::string& path, const arrow::Status& status) {
  std::string text = path + ": file cannot be written; expected a writable folder with room; " +
                     "received \"" + sentence(status) + "\".";
  if (text.find("No space left") != std::string::npos) {
    text += " Free some space or choose another folder.";
  }
  return TableError(MOTET_TABLE_INPUT_OUTPUT, text);
}

static std::shared_ptr<arrow::Buffer> bits(const uint8_t* flags, int64_t count) {
  auto buffer = take(arrow::AllocateBitmap(count), MOTET_TABLE_INTERNAL, "writing data");
  arrow::internal::GenerateBitsUnrolled(
      buffer->mutable_data(), 0, count, [&flags] { return *flags++ != 0; });
  return buffer;
}

static int64_t valueSize(int32_t type) {
  return arrow::bit_width(arrowType(type)->id()) / 8;
}

static std::shared_ptr<arrow::Array> wrapped(
    const MotetWriteColumn& column, int32_t type, int64_t rows) {
  std::shared_ptr<arrow::Buffer> validity =
      column.validity == nullptr ? nullptr : bits(column.validity, rows);
  auto bytes = static_cast<const uint8_t*>(column.values);
  int64_t nulls = column.validity == nullptr ? 0 : arrow::kUnknownNullCount;
  if (type > MOTET_TYPE_LIST) {
    int32_t inner = type - MOTET_TYPE_LIST;
    int64_t count = column.offsets[rows];
    auto offsets = arrow::Buffer::Wrap(column.offsets, rows + 1);
    auto elements = wrapped(MotetWriteColumn{column.values, nullptr, nullptr}, inner, count);
    return std::make_shared<arrow::ListArray>(
        arrowType(type), rows, offsets, elements, validity, nulls);
  }
  if (type == MOTET_TYPE_STRING) {
    auto offsets = arrow::Buffer::Wrap(column.offsets, rows + 1);
    auto text = std::make_shared<arrow::Buffer>(bytes, column.offsets[rows]);
    return std::make_shared<arrow::StringArray>(rows, offsets, text, validity, nulls);
  }
  auto values = type == MOTET_TYPE_BOOLEAN
                    ? bits(bytes, rows)
                    : std::make_shared<arrow::Buffer>(bytes, rows * valueSize(type));
  return arrow::MakeArray(
      arrow::ArrayData::Make(arrowType(type), rows, {validity, values}, nulls));
}

/// A file format's writer; every call gives a status that `writeError` tells.
class FormatWriter {
 public:
  virtual ~FormatWriter() = default;
  virtual arrow::Status append(const std::shared_ptr<arrow::RecordBatch>& batch) = 0;
  virtual arrow::Status finish() = 0;
};

class ParquetWriter : public FormatWriter {
 public:
  static arrow::Result<std::unique_ptr<FormatWriter>> open(
      const std::shared_ptr<arrow::Schema>& schema, const std::vector<std::string>& spread,
      const std::shared_ptr<arrow::io::OutputStream>& output) {
    parquet::WriterProperties::Builder builder;
    builder.compression(parquet::Compression::SNAPPY)->max_row_group_length(kRowGroupRows);
    for (const std::string& name : spread) builder.disable_dictionary(name);
    auto properties = builder.build();
    auto writer = std::make_unique<ParquetWriter>();
    ARROW_ASSIGN_OR_RAISE(
        writer->writer_,
        parquet::arrow::FileWriter::Open(
            *schema, arrow::default_memory_pool(), output, properties));
    return writer;
  }
  arrow::Status append(const std::shared_ptr<arrow::RecordBatch>& batch) override {
    return writer_->WriteRecordBatch(*batch);
  }
  arrow::Status finish() override { return writer_->Close(); }

 private:
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
};

/// CSV and Arrow files.
class BatchWriter : public FormatWriter {
 public:
  explicit BatchWriter(std::shared_ptr<arrow::ipc::RecordBatchWriter> writer)
      : writer_(std::move(writer)) {}
  arrow::Status append(const std::shared_ptr<arrow::RecordBatch>& batch) override {
    return writer_->WriteRecordBatch(*batch);
  }
  arrow::Status finish() override { return writer_->Close(); }

 private:
  std::shared_ptr<arrow::ipc::RecordBatchWriter> writer_;
};

static arrow::Result<std::unique_ptr<FormatWriter>> openWriter(
    MotetTableFormat format, const std::shared_ptr<arrow::Schema>& schema,
    const std::vector<std::string>& spread,
    const std::shared_ptr<arrow::io::OutputStream>& output, char delimiter) {
  if (format == MOTET_TABLE_PARQUET) return ParquetWriter::open(schema, spread, output);
  if (format == MOTET_TABLE_ARROW) {
    ARROW_ASSIGN_OR_RAISE(auto writer, arrow::ipc::MakeFileWriter(output, schema));
    return std::make_unique<BatchWriter>(writer);
  }
  auto options = arrow::csv::WriteOptions::Defaults();
  options.delimiter = delimiter;
  options.batch_size = 16384;
  auto names = schema->field_names();
  bool isPlain = std::none_of(names.begin(), names.end(), [&](const std::string& name) {
    return name.find_first_of(std::string("\"\r\n") + delimiter) != std::string::npos;
  });
  options.quoting_header =
      isPlain ? arrow::csv::QuotingStyle::None : arrow::csv::QuotingStyle::Needed;
  ARROW_ASSIGN_OR_RAISE(auto writer, arrow::csv::MakeCSVWriter(output, schema, options));
  return std::make_unique<BatchWriter>(writer);
}

}  // namespace motet

using namespace motet;

struct MotetTableWriter {
  std::string path;
  std::vector<int32_t> types;
  std::shared_ptr<arrow::Schema> schema;
  std::shared_ptr<arrow::io::FileOutputStream> output;
  std::unique_ptr<FormatWriter> writer;

  void check(const arrow::Status& status) const {
    if (!status.ok()) throw writeError(path, status);
  }

  ~MotetTableWriter() {
    // After a failure the writers must not write again when they go away; their file is discarded.
    writer.reset();
    if (output != nullptr && !output->closed()) (void)output->Close();
  }
};

MotetTableStatus motet_table_writer_open(
    const char* path, const char* shown_path, MotetTableFormat format, const char* const* names,
    const int32_t* types, const uint8_t* spread, int64_t column_count, char delimiter,
    MotetTableWriter** writer, char** message) {
  *writer = nullptr;
  return guarded(message, [&] {
    auto result = std::make_unique<MotetTableWriter>();
    result->path = shown_path;
    result->types.assign(types, types + column_count);
    std::vector<std::shared_ptr<arrow::Field>> fields;
    std::vector<std::string> spreadNames;
    for (int64_t index = 0; index < column_count; ++index) {
      if (spread[index]) spreadNames.push_back(names[index]);
      fields.push_back(arrow::field(names[index], arrowType(types[index])));
    }
    result->schema = arrow::schema(fields);
    auto output = arrow::io::FileOutputStream::Open(path);
    result->check(output.status());
    result->output = *output;
    auto opened = openWriter(format, result->schema, spreadNames, result->output, delimiter);
    result->check(opened.status());
    result->writer = std::move(*opened);
    *writer = result.release();
  });
}

MotetTableStatus motet_table_writer_append(
    MotetTableWriter* writer, const MotetWriteColumn* columns, int64_t row_count, char** message) {
  return guarded(message, [&] {
    std::vector<std::shared_ptr<arrow::Array>> arrays;
    for (size_t index = 0; index < writer->types.size(); ++index) {
      arrays.push_back(wrapped(columns[index], writer->types[index], row_count));
    }
    writer->check(
        writer->writer->append(arrow::RecordBatch::Make(writer->schema, row_count, arrays)));
  });
}

MotetTableStatus motet_table_writer_finish(MotetTableWriter* writer, char** message) {
  return guarded(message, [&] {
    writer->check(writer->writer->finish());
    writer->check(writer->output->Close());
  });
}

void motet_table_writer_free(MotetTableWriter* writer) { delete writer; }
