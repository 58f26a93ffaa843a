// CSV: blocks of whole records are cut in order and parsed by Arrow side by side; their results are
// taken in the order of the blocks, so that the batches do not depend on the threads.
#include <arrow/csv/api.h>
#include <arrow/io/memory.h>
#include <arrow/util/future.h>
#include <arrow/util/thread_pool.h>
#include <arrow/util/value_parsing.h>

#include <deque>

#include "ColumnTypes.h"
#include "FileBatches.h"
#include "PlainCSV.h"

namespace motet {

/// Bytes of text from which types are inferred.
static constexpr int64_t kPeekBytes = 4 << 20;
/// Bytes of it that one thread takes at a time.
static constexpr int64_t kPeekPieceBytes = 512 << 10;

static std::vector<std::shared_ptr<arrow::TimestampParser>> timestampParsers(
    const CSVFormat& format) {
  std::vector<std::shared_ptr<arrow::TimestampParser>> parsers;
  if (format.timestampFormats.empty()) return parsers;
  parsers.push_back(arrow::TimestampParser::MakeISO8601());
  for (const std::string& pattern : format.timestampFormats) {
    parsers.push_back(arrow::TimestampParser::MakeStrptime(pattern));
  }
  return parsers;
}

/// How Arrow parses one block, which has no header.
struct BlockParser {
  arrow::csv::ReadOptions read = arrow::csv::ReadOptions::Defaults();
  arrow::csv::ParseOptions parse = arrow::csv::ParseOptions::Defaults();
  arrow::csv::ConvertOptions convert = arrow::csv::ConvertOptions::Defaults();

  BlockParser(const CSVFormat& format, const std::vector<std::string>& names) {
    read.column_names = names;
    parse.delimiter = format.delimiter;
    parse.quoting = format.quote != 0;
    if (parse.quoting) parse.quote_char = format.quote;
    convert.decimal_point = format.decimalPoint;
    convert.null_values.insert(
        convert.null_values.end(), format.nulls.begin(), format.nulls.end());
    convert.strings_can_be_null = false;
    convert.timestamp_parsers = timestampParsers(format);
  }

  /// Parses a block in one piece, or in pieces of `pieceBytes` side by side.
  arrow::Result<std::shared_ptr<arrow::Table>> table(
      const std::shared_ptr<arrow::Buffer>& block,
      int64_t pieceBytes = std::numeric_limits<int32_t>::max()) const {
    auto options = read;
    options.use_threads = pieceBytes < block->size();
    options.block_size = static_cast<int32_t>(std::min(block->size() + 1, pieceBytes));
    auto input = std::make_shared<arrow::io::BufferReader>(block);
    ARROW_ASSIGN_OR_RAISE(
        auto reader, arrow::csv::TableReader::Make(
                         arrow::io::default_io_context(), input, options, parse, convert));
    return reader->Read();
  }
};

static bool isBlank(const arrow::Buffer& block) {
  std::string_view text(reinterpret_cast<const char*>(block.data()), block.size());
  return text.find_first_not_of("\r\n") == std::string_view::npos;
}

/// The blocks of a file without its header.
class DataBlocks {
 public:
  DataBlocks(const std::string& path, const CSVFormat& format, int64_t blockBytes)
      : format_(format), blocks_(path, format, blockBytes), pastHeader_(!format.hasHeader) {}

  std::shared_ptr<arrow::Buffer> next() {
    for (;;) {
      auto block = blocks_.next();
      if (block == nullptr) return nullptr;
      if (!pastHeader_) block = withoutHeader(block);
      if (!isBlank(*block)) return block;
    }
  }

 private:
  CSVFormat format_;
  CSVBlocks blocks_;
  bool pastHeader_;

  std::shared_ptr<arrow::Buffer> withoutHeader(const std::shared_ptr<arrow::Buffer>& block) {
    std::vector<std::string> fields;
    int64_t lines = 0;
    size_t position = 0;
    size_t size = block->size();
    auto text = reinterpret_cast<const char*>(block->data());
    while (position < size && fields.empty()) {
      position += lexRecord(text + position, size - position, format_, fields, lines);
    }
    pastHeader_ = !fields.empty();
    return arrow::SliceBuffer(block, position);
  }
};

using BatchResult = arrow::Result<std::shared_ptr<arrow::RecordBatch>>;

/// The type a requested type is parsed as.
static std::shared_ptr<arrow::DataType> parsedType(int32_t type) {
  // Nanoseconds take every ISO 8601 fraction; conversion then keeps microseconds.
  if (type == MOTET_TYPE_TIMESTAMP) return arrow::timestamp(arrow::TimeUnit::NANO);
  return arrowType(type);
}

class CSVBatches : public FileBatches {
 public:
  CSVBatches(const std::string& path, const TableRequest& request)
      : path_(path),
        request_(request),
        blocks_(path, request.csv, request.blockBytes),
        parser_(request.csv, columnNames(path, request.csv)),
        plain_(request, parser_.read.column_names) {
    checkColumns(path, request, parser_.read.column_names);
    parser_.convert.include_columns = request.columns;
    for (size_t index = 0; index < request.columns.size(); ++index) {
      parser_.convert.column_types[request.columns[index]] = parsedType(request.types[index]);
    }
    ahead_ = request.usesThreads ? arrow::GetCpuThreadPoolCapacity() + 1 : 1;
  }

  ~CSVBatches() override {
    for (auto& result : results_) result.Wait();
  }

  std::shared_ptr<arrow::RecordBatch> next() override {
    while (!atEnd_ && static_cast<int>(results_.size()) < ahead_) start();
    if (results_.empty()) return nullptr;
    auto future = std::move(results_.front());
    results_.pop_front();
    const BatchResult& result = future.result();
    if (!result.ok()) {
      for (auto& other : results_) other.Wait();
      results_.clear();
      diagnoseCSV(path_, request_, result.status());
    }
    return *result;
  }

 private:
  std::string path_;
  const TableRequest& request_;
  DataBlocks blocks_;
  BlockParser parser_;
  PlainCSV plain_;
  std::deque<arrow::Future<std::shared_ptr<arrow::RecordBatch>>> results_;
  int ahead_;
  bool atEnd_ = false;

  void start() {
    auto block = blocks_.next();
    if (block == nullptr) {
      atEnd_ = true;
      return;
    }
    using Parsed = arrow::Future<std::shared_ptr<arrow::RecordBatch>>;
    if (!request_.usesThreads) {
      results_.push_back(Parsed::MakeFinished(parsed(block)));
      return;
    }
    auto future = arrow::internal::GetCpuThreadPool()->Submit(
        [this, block] { return parsed(block); });
    results_.push_back(take(std::move(future), MOTET_TABLE_INTERNAL, path_));
  }

  BatchResult parsed(const std::shared_ptr<arrow::Buffer>& block) const {
    try {
      if (auto batch = plain_.batch(*block)) return batch;
    } catch (const TableError& failure) {
      return arrow::Status::UnknownError(failure.message);
    }
    ARROW_ASSIGN_OR_RAISE(auto table, parser_.table(block));
    ARROW_ASSIGN_OR_RAISE(auto batch, table->CombineChunksToBatch());
    std::vector<std::shared_ptr<arrow::Array>> arrays;
    std::vector<std::shared_ptr<arrow::Field>> fields;
    for (int index = 0; index < batch->num_columns(); ++index) {
      ValueError error;
      auto array = batch->column(index);
      if (request_.types[index] == MOTET_TYPE_TIMESTAMP) {
        array = converted(array, MOTET_TYPE_TIMESTAMP, error);
        if (array == nullptr) return arrow::Status::Invalid("time out of range");
      }
      try {
        array = withNulls(array, request_.csv.nulls);
      } catch (const TableError& failure) {
        return arrow::Status::UnknownError(failure.message);
      }
      arrays.push_back(array);
      fields.push_back(arrow::field(batch->column_name(index), array->type()));
    }
    return arrow::RecordBatch::Make(arrow::schema(fields), batch->num_rows(), arrays);
  }
};

std::unique_ptr<FileBatches> openCSV(const std::string& path, const TableRequest& request) {
  return std::make_unique<CSVBatches>(path, request);
}

std::vector<std::shared_ptr<arrow::Field>> peekCSV(
    const std::string& path, const TableRequest& request) {
  BlockParser parser(request.csv, columnNames(path, request.csv));
  DataBlocks blocks(path, request.csv, kPeekBytes);
  auto block = blocks.next();
  std::vector<std::shared_ptr<arrow::Field>> fields;
  if (block == nullptr) {
    for (const auto& name : parser.read.column_names) {
      fields.push_back(arrow::field(name, arrow::utf8()));
    }
    return fields;
  }
  // Arrow cuts pieces at any line end, also inside quotes.
  bool hasQuotes =
      request.csv.quote != 0 && memchr(block->data(), request.csv.quote, block->size()) != nullptr;
  auto table = hasQuotes ? parser.table(block) : parser.table(block, kPeekPieceBytes);
  if (!table.ok()) diagnoseCSV(path, request, table.status());
  for (const auto& field : (*table)->schema()->fields()) {
    // A column without a value so far may hold anything; a time of day stays as it is written.
    auto id = field->type()->id();
    bool asText = id == arrow::Type::NA || id == arrow::Type::TIME32 ||
                  id == arrow::Type::TIME64 || id == arrow::Type::BINARY;
    fields.push_back(asText ? field->WithType(arrow::utf8()) : field);
  }
  return fields;
}

}  // namespace motet
