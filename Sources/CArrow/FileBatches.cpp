#include "FileBatches.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace motet {

static std::vector<std::string> strings(const char* const* items, int64_t count) {
  return std::vector<std::string>(items, items + count);
}

TableRequest::TableRequest(const MotetTableRequest& request)
    : paths(strings(request.paths, request.path_count)),
      format(request.format),
      csv(request.csv),
      columns(strings(request.columns, request.column_count)),
      types(request.types, request.types + request.column_count),
      inferred(request.inferred, request.inferred + request.column_count),
      acceptsIntegers(
          request.accepts_integers, request.accepts_integers + request.column_count),
      batchRows(std::max<int64_t>(request.batch_rows, 1)),
      blockBytes(request.block_bytes),
      usesThreads(request.uses_threads != 0) {}

void checkFile(const std::string& path) {
  struct stat information;
  if (stat(path.c_str(), &information) != 0) {
    bool isMissing = errno == ENOENT || errno == ENOTDIR;
    throw TableError(
        isMissing ? MOTET_TABLE_FILE_MISSING : MOTET_TABLE_INPUT_OUTPUT,
        path + ": " + (isMissing ? "no such file" : "file cannot be opened") +
            "; expected a table to read; received \"" + strerror(errno) + "\". Check the path.");
  }
  if (S_ISREG(information.st_mode) && information.st_size == 0) {
    throw TableError(
        MOTET_TABLE_FILE_EMPTY, path + ": file is empty; expected a table; received 0 bytes.");
  }
}

void checkColumns(
    const std::string& path, const TableRequest& request, const std::vector<std::string>& names) {
  for (const std::string& column : request.columns) {
    if (std::find(names.begin(), names.end(), column) != names.end()) continue;
    std::string known;
    for (const std::string& name : names) known += (known.empty() ? "" : ", ") + name;
    throw TableError(
        MOTET_TABLE_COLUMN_UNKNOWN,
        path + ", column \"" + column + "\": no such column; expected one of " + known + ".");
  }
}

std::unique_ptr<FileBatches> openFile(const std::string& path, const TableRequest& request) {
  checkFile(path);
  return request.format == MOTET_TABLE_CSV ? openCSV(path, request) : openColumnar(path, request);
}

std::vector<std::shared_ptr<arrow::Field>> peekFile(
    const std::string& path, const TableRequest& request) {
  checkFile(path);
  return request.format == MOTET_TABLE_CSV ? peekCSV(path, request) : peekColumnar(path, request);
}

}  // namespace motet
