// Parquet and Arrow files: columnar already, so that reading is choosing columns and converting
// their types.
#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>

#include "ColumnTypes.h"
#include "FileBatches.h"

namespace motet {

static std::string damaged(const std::string& path, const char* format, const std::string& why) {
  return path + ": file is damaged or not in " + format + " format; expected a complete file; " +
         "received \"" + why + "\". Write or copy it again.";
}

/// Runs Parquet code, which reports some damage by exceptions.
template <typename Body>
static auto readingParquet(const std::string& path, Body body) {
  try {
    auto result = body();
    if (!result.ok()) {
      throw TableError(
          MOTET_TABLE_FILE_DAMAGED, damaged(path, "Parquet", sentence(result.status())));
    }
    return std::move(result).ValueUnsafe();
  } catch (const parquet::ParquetException& error) {
    throw TableError(
        MOTET_TABLE_FILE_DAMAGED,
        damaged(path, "Parquet", sentence(arrow::Status::IOError(error.what()))));
  }
}

template <typename Value>
static Value takeArrow(const std::string& path, arrow::Result<Value> result) {
  if (!result.ok()) {
    throw TableError(MOTET_TABLE_FILE_DAMAGED, damaged(path, "Arrow", sentence(result.status())));
  }
  return std::move(result).ValueUnsafe();
}

static std::shared_ptr<arrow::io::ReadableFile> opened(const std::string& path) {
  return take(arrow::io::ReadableFile::Open(path), MOTET_TABLE_INPUT_OUTPUT, path);
}

class Source {
 public:
  virtual ~Source() = default;
  virtual std::shared_ptr<arrow::Schema> schema() = 0;
  /// Starts reading; columns not named in `columns` may be left out.
  virtual void start(const std::vector<std::string>& columns) = 0;
  virtual std::shared_ptr<arrow::RecordBatch> next() = 0;
};

class ParquetSource : public Source {
 public:
  ParquetSource(const std::string& path, const TableRequest& request) : path_(path) {
    reader_ = readingParquet(path, [&]() -> arrow::Result<std::unique_ptr<parquet::arrow::FileReader>> {
      auto file = parquet::ParquetFileReader::Open(opened(path));
      auto metadata = file->metadata();
      auto properties = parquet::default_arrow_reader_properties();
      properties.set_use_threads(request.usesThreads);
      properties.set_batch_size(request.batchRows);
      // Buffering whole row groups ahead would hold the file in memory.
      properties.set_pre_buffer(false);
      for (int leaf = 0; leaf < metadata->schema()->num_columns(); ++leaf) {
        const auto* column = metadata->schema()->Column(leaf);
        const std::string& root = metadata->schema()->GetColumnRoot(leaf)->name();
        for (size_t index = 0; index < request.columns.size(); ++index) {
          bool asDictionary = request.types[index] == MOTET_TYPE_DICTIONARY &&
                              request.columns[index] == root &&
                              column->physical_type() == parquet::Type::BYTE_ARRAY;
          if (asDictionary) properties.set_read_dictionary(leaf, true);
        }
      }
      return parquet::arrow::FileReader::Make(
          arrow::default_memory_pool(), std::move(file), properties);
    });
  }

  std::shared_ptr<arrow::Schema> schema() override {
    std::shared_ptr<arrow::Schema> schema;
    return readingParquet(path_, [&]() -> arrow::Result<std::shared_ptr<arrow::Schema>> {
      ARROW_RETURN_NOT_OK(reader_->GetSchema(&schema));
      return schema;
    });
  }

  void start(const std::vector<std::string>& columns) override {
    const auto* schema = reader_->parquet_reader()->metadata()->schema();
    std::vector<int> leaves;
    for (int leaf = 0; leaf < schema->num_columns(); ++leaf) {
      const std::string& root = schema->GetColumnRoot(leaf)->name();
      if (std::find(columns.begin(), columns.end(), root) != columns.end()) leaves.push_back(leaf);
    }
    std::vector<int> groups(reader_->num_row_groups());
    for (size_t index = 0; index < groups.size(); ++index) groups[index] = int(index);
    batches_ = readingParquet(path_, [&] { return reader_->GetRecordBatchReader(groups, leaves); });
  }

  std::shared_ptr<arrow::RecordBatch> next() override {
    return readingParquet(path_, [&] { return batches_->Next(); });
  }

 private:
  std::string path_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;
  std::unique_ptr<arrow::RecordBatchReader> batches_;
};

class ArrowSource : public Source {
 public:
  ArrowSource(const std::string& path, const TableRequest& request) : path_(path) {
    options_.use_threads = request.usesThreads;
    open();
  }

  std::shared_ptr<arrow::Schema> schema() override {
    return file_ != nullptr ? file_->schema() : stream_->schema();
  }

  void start(const std::vector<std::string>& columns) override {
    auto all = schema();
    for (int index = 0; index < all->num_fields(); ++index) {
      const std::string& name = all->field(index)->name();
      if (std::find(columns.begin(), columns.end(), name) != columns.end()) {
        options_.included_fields.push_back(index);
      }
    }
    open();
  }

  std::shared_ptr<arrow::RecordBatch> next() override {
    if (stream_ != nullptr) return takeArrow(path_, stream_->Next());
    if (position_ >= file_->num_record_batches()) return nullptr;
    return takeArrow(path_, file_->ReadRecordBatch(position_++));
  }

 private:
  std::string path_;
  arrow::ipc::IpcReadOptions options_ = arrow::ipc::IpcReadOptions::Defaults();
  std::shared_ptr<arrow::ipc::RecordBatchFileReader> file_;
  std::shared_ptr<arrow::ipc::RecordBatchStreamReader> stream_;
  int position_ = 0;

  /// A file begins with its magic, a stream does not.
  void open() {
    auto input = opened(path_);
    auto start = takeArrow(path_, input->ReadAt(0, 6));
    check(input->Seek(0), MOTET_TABLE_INPUT_OUTPUT, path_);
    if (start->ToString() == "ARROW1") {
      file_ = takeArrow(path_, arrow::ipc::RecordBatchFileReader::Open(input, options_));
    } else {
      stream_ = takeArrow(path_, arrow::ipc::RecordBatchStreamReader::Open(input, options_));
    }
  }
};

static std::unique_ptr<Source> openSource(const std::string& path, const TableRequest& request) {
  if (request.format == MOTET_TABLE_PARQUET) return std::make_unique<ParquetSource>(path, request);
  return std::make_unique<ArrowSource>(path, request);
}

class ColumnarBatches : public FileBatches {
 public:
  ColumnarBatches(const std::string& path, const TableRequest& request)
      : path_(path), request_(request), source_(openSource(path, request)) {
    checkColumns(path, request, source_->schema()->field_names());
    source_->start(request.columns);
  }

  std::shared_ptr<arrow::RecordBatch> next() override {
    auto batch = source_->next();
    while (batch != nullptr && batch->num_rows() == 0) batch = source_->next();
    if (batch == nullptr) return nullptr;
    std::vector<std::shared_ptr<arrow::Array>> arrays;
    std::vector<std::shared_ptr<arrow::Field>> fields;
    for (size_t index = 0; index < request_.columns.size(); ++index) {
      const std::string& name = request_.columns[index];
      ValueError error;
      auto array = converted(batch->GetColumnByName(name), request_.types[index], error);
      if (array == nullptr) {
        std::string who = path_ + ", row " + std::to_string(row_ + error.row + 1) +
                          ", column \"" + name + "\"";
        throw TableError(
            MOTET_TABLE_VALUE, valueSentence(
                                   who, request_.types[index], error.value,
                                   request_.inferred[index], '.'));
      }
      arrays.push_back(array);
      fields.push_back(arrow::field(name, array->type()));
    }
    row_ += batch->num_rows();
    return arrow::RecordBatch::Make(arrow::schema(fields), batch->num_rows(), arrays);
  }

 private:
  std::string path_;
  const TableRequest& request_;
  std::unique_ptr<Source> source_;
  int64_t row_ = 0;
};

std::unique_ptr<FileBatches> openColumnar(const std::string& path, const TableRequest& request) {
  return std::make_unique<ColumnarBatches>(path, request);
}

std::vector<std::shared_ptr<arrow::Field>> peekColumnar(
    const std::string& path, const TableRequest& request) {
  return openSource(path, request)->schema()->fields();
}

}  // namespace motet
