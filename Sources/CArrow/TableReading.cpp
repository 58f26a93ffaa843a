// Reading tables: the C functions, and the thread that reads ahead of their caller.
#include <arrow/c/bridge.h>
#include <arrow/memory_pool.h>

#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "ColumnTypes.h"
#include "FileBatches.h"

namespace motet {

/// Batches that wait for the consumer at most.
static constexpr size_t kBatchesAhead = 2;

struct LocatedBatch {
  std::shared_ptr<arrow::RecordBatch> batch;
  int64_t file;
  int64_t firstRow;
};

/// The batches of all files in order, made by one thread ahead of the consumer.
class TableBatches {
 public:
  explicit TableBatches(TableRequest request) : request_(std::move(request)) {
    // The first file is opened here, so that its errors come with the opening.
    current_ = openFile(request_.paths.at(0), request_);
    thread_ = std::thread([this] { run(); });
  }

  ~TableBatches() {
    {
      std::lock_guard<std::mutex> guard(mutex_);
      isStopped_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  std::optional<LocatedBatch> next() {
    std::unique_lock<std::mutex> guard(mutex_);
    changed_.wait(guard, [this] { return !ready_.empty() || isFinished_; });
    if (ready_.empty()) {
      if (error_) throw *error_;
      return std::nullopt;
    }
    auto batch = std::move(ready_.front());
    ready_.pop_front();
    changed_.notify_all();
    return batch;
  }

 private:
  TableRequest request_;
  std::unique_ptr<FileBatches> current_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<LocatedBatch> ready_;
  std::optional<TableError> error_;
  bool isFinished_ = false;
  bool isStopped_ = false;
  std::thread thread_;

  void run() {
    try {
      readFiles();
    } catch (const TableError& error) {
      error_ = error;
    } catch (const std::exception& error) {
      error_ = TableError(MOTET_TABLE_INTERNAL, std::string("reading data: ") + error.what() + ".");
    }
    current_.reset();
    std::lock_guard<std::mutex> guard(mutex_);
    isFinished_ = true;
    changed_.notify_all();
  }

  void readFiles() {
    for (size_t file = 0; file < request_.paths.size(); ++file) {
      if (file > 0) current_ = openFile(request_.paths[file], request_);
      int64_t row = 0;
      while (auto batch = current_->next()) {
        int64_t count = batch->num_rows();
        if (!hand(LocatedBatch{std::move(batch), int64_t(file), row})) return;
        row += count;
      }
    }
  }

  /// Queues a batch once there is room; false when the consumer has stopped.
  bool hand(LocatedBatch batch) {
    std::unique_lock<std::mutex> guard(mutex_);
    changed_.wait(guard, [this] { return ready_.size() < kBatchesAhead || isStopped_; });
    if (isStopped_) return false;
    ready_.push_back(std::move(batch));
    changed_.notify_all();
    return true;
  }
};

}  // namespace motet

using namespace motet;

struct MotetTable {
  TableBatches batches;
};

MotetTableStatus motet_table_peek(
    const MotetTableRequest* request, const char* path, MotetTableInfo* info, char** message) {
  *info = MotetTableInfo{nullptr, 0};
  return guarded(message, [&] {
    auto fields = peekFile(path, TableRequest(*request));
    info->columns = static_cast<MotetColumnInfo*>(calloc(fields.size() + 1, sizeof(MotetColumnInfo)));
    if (info->columns == nullptr) throw std::bad_alloc();
    for (const auto& field : fields) {
      MotetColumnInfo& column = info->columns[info->column_count++];
      column.type = normalizedType(*field->type());
      column.name = copied(field->name());
      column.type_name = copied(field->type()->ToString());
    }
  });
}

void motet_table_info_free(MotetTableInfo* info) {
  for (int64_t index = 0; index < info->column_count; ++index) {
    free(const_cast<char*>(info->columns[index].name));
    free(const_cast<char*>(info->columns[index].type_name));
  }
  free(info->columns);
  *info = MotetTableInfo{nullptr, 0};
}

MotetTableStatus motet_table_open(
    const MotetTableRequest* request, MotetTable** table, char** message) {
  *table = nullptr;
  return guarded(message, [&] { *table = new MotetTable{TableBatches(TableRequest(*request))}; });
}

MotetTableStatus motet_table_next(MotetTable* table, MotetTableBatch* batch, char** message) {
  batch->array.release = nullptr;
  return guarded(message, [&] {
    auto next = table->batches.next();
    if (!next) return;
    check(
        arrow::ExportRecordBatch(*next->batch, &batch->array), MOTET_TABLE_INTERNAL,
        "reading data");
    batch->file = next->file;
    batch->first_row = next->firstRow;
  });
}

void motet_table_close(MotetTable* table) {
  delete table;
  arrow::default_memory_pool()->ReleaseUnused();
}

MotetTableStatus motet_csv_line(
    const MotetTableRequest* request, const char* path, int64_t row, int64_t* line, char** message) {
  return guarded(message, [&] {
    TableRequest copy(*request);
    checkFile(path);
    CSVRows rows(path, copy.csv);
    int64_t remaining = row + (copy.csv.hasHeader ? 1 : 0);
    while (rows.next()) {
      if (remaining-- > 0) continue;
      *line = rows.line();
      return;
    }
    throw TableError(
        MOTET_TABLE_OPTION, std::string(path) + ": no row " + std::to_string(row + 1) +
                                "; expected a row of the file.");
  });
}
