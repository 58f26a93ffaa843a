// CSV as text: an input stream that unpacks and trims, the search for record boundaries, and a row
// lexer that knows lines. Arrow parses the fields; this is what it needs around it.
#pragma once

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>

#include <memory>
#include <string>
#include <vector>

#include "Support.h"

namespace motet {

struct CSVFormat {
  char delimiter = ',';
  char quote = '"';
  char decimalPoint = '.';
  bool hasHeader = true;
  bool trimsSpaces = false;
  int64_t skippedLines = 0;
  std::vector<std::string> names;
  std::vector<std::string> nulls;
  std::vector<std::string> timestampFormats;

  explicit CSVFormat(const MotetCSVOptions& options);
};

/// Opens a file, unpacking gzip by its first bytes. Throws when it is missing, a folder or empty.
std::shared_ptr<arrow::io::InputStream> openText(const std::string& path);

/// Removes spaces around fields that are not quoted, keeping its state from block to block.
class SpaceTrimmer {
 public:
  explicit SpaceTrimmer(const CSVFormat& format)
      : delimiter_(format.delimiter), quote_(format.quote) {}
  /// Appends what remains of `text` to `output`.
  void trim(const char* text, size_t size, std::string& output);

 private:
  enum class Place { fieldStart, inField, inQuotes, afterQuote };
  char delimiter_;
  char quote_;
  Place place_ = Place::fieldStart;
  size_t heldSpaces_ = 0;
};

/// Hands a CSV file out in blocks of whole records, after the skipped lines.
class CSVBlocks {
 public:
  CSVBlocks(const std::string& path, const CSVFormat& format, int64_t blockBytes);
  /// The next block, or null at the end; never empty.
  std::shared_ptr<arrow::Buffer> next();

 private:
  CSVFormat format_;
  std::string path_;
  int64_t blockBytes_;
  std::shared_ptr<arrow::io::InputStream> input_;
  SpaceTrimmer trimmer_;
  /// Text as it was read, before spaces are trimmed.
  std::string raw_;
  /// Text that is in no block yet.
  std::shared_ptr<arrow::ResizableBuffer> pending_;
  int64_t pendingSize_ = 0;
  bool atEnd_ = false;

  bool readRaw();
  void takeRaw();
  void skipLines();
  bool readMore();
  char* room(int64_t size);
};

/// The end of the last complete record in `text`, or 0 when there is none.
size_t lastRecordEnd(const char* text, size_t size, const CSVFormat& format);

/// Takes one record apart.
///
/// Returns the bytes it fills; `fields` stays empty for a blank line, and `lines` counts the lines
/// the record spans.
size_t lexRecord(
    const char* text, size_t size, const CSVFormat& format, std::vector<std::string>& fields,
    int64_t& lines);

/// Reads a CSV file row by row, slowly and with line numbers: for headers and for error messages.
class CSVRows {
 public:
  CSVRows(const std::string& path, const CSVFormat& format)
      : format_(format), blocks_(path, format, 1 << 20), nextLine_(1 + format.skippedLines) {}
  /// Advances to the next row that is not blank; false at the end.
  bool next();
  const std::vector<std::string>& fields() const { return fields_; }
  /// The line on which the row starts, from 1.
  int64_t line() const { return line_; }

 private:
  CSVFormat format_;
  CSVBlocks blocks_;
  std::shared_ptr<arrow::Buffer> block_;
  size_t position_ = 0;
  int64_t nextLine_;
  int64_t line_ = 0;
  std::vector<std::string> fields_;
};

/// The names of a file's columns: given, of the header, or `column_1`, `column_2`, ...
std::vector<std::string> columnNames(const std::string& path, const CSVFormat& format);

}  // namespace motet
