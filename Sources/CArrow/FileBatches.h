// One table file as a sequence of batches, whatever its format.
#pragma once

#include <arrow/api.h>

#include <memory>
#include <string>
#include <vector>

#include "CSVText.h"
#include "Support.h"

namespace motet {

/// A request as C++ values, which outlive the caller's pointers.
struct TableRequest {
  std::vector<std::string> paths;
  MotetTableFormat format;
  CSVFormat csv;
  std::vector<std::string> columns;
  std::vector<int32_t> types;
  std::vector<bool> inferred;
  std::vector<bool> acceptsIntegers;
  int64_t batchRows;
  int64_t blockBytes;
  bool usesThreads;

  explicit TableRequest(const MotetTableRequest& request);
};

class FileBatches {
 public:
  virtual ~FileBatches() = default;
  /// The next batch, with the requested columns in order, or null at the end of the file.
  virtual std::shared_ptr<arrow::RecordBatch> next() = 0;
};

/// Throws unless `path` is a file that has content.
void checkFile(const std::string& path);

std::unique_ptr<FileBatches> openFile(const std::string& path, const TableRequest& request);
std::unique_ptr<FileBatches> openCSV(const std::string& path, const TableRequest& request);
std::unique_ptr<FileBatches> openColumnar(const std::string& path, const TableRequest& request);

/// The fields of a file; CSV types are inferred from its first block.
std::vector<std::shared_ptr<arrow::Field>> peekFile(
    const std::string& path, const TableRequest& request);
std::vector<std::shared_ptr<arrow::Field>> peekCSV(
    const std::string& path, const TableRequest& request);
std::vector<std::shared_ptr<arrow::Field>> peekColumnar(
    const std::string& path, const TableRequest& request);

/// Throws the sentence for what is wrong in a CSV file, found by reading it row by row.
[[noreturn]] void diagnoseCSV(
    const std::string& path, const TableRequest& request, const arrow::Status& failure);

/// Throws when a requested column is not among `names`.
void checkColumns(
    const std::string& path, const TableRequest& request, const std::vector<std::string>& names);

}  // namespace motet
