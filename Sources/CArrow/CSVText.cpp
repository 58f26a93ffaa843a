#include "CSVText.h"

#include <arrow/io/compressed.h>
#include <arrow/io/file.h>
#include <arrow/util/compression.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

namespace motet {

static std::vector<std::string> strings(const char* const* items, int64_t count) {
  return std::vector<std::string>(items, items + count);
}

CSVFormat::CSVFormat(const MotetCSVOptions& options)
    : delimiter(options.delimiter),
      quote(options.quote),
      decimalPoint(options.decimal_point),
      hasHeader(options.has_header != 0),
      trimsSpaces(options.trims_spaces != 0),
      skippedLines(options.skipped_lines),
      names(strings(options.names, options.name_count)),
      nulls(strings(options.nulls, options.null_count)),
      timestampFormats(strings(options.timestamp_formats, options.timestamp_format_count)) {}

std::shared_ptr<arrow::io::InputStream> openText(const std::string& path) {
  auto file = take(arrow::io::ReadableFile::Open(path), MOTET_TABLE_INPUT_OUTPUT, path);
  auto start = take(file->Read(2), MOTET_TABLE_INPUT_OUTPUT, path);
  check(file->Seek(0), MOTET_TABLE_INPUT_OUTPUT, path);
  bool isGzip = start->size() == 2 && start->data()[0] == 0x1f && start->data()[1] == 0x8b;
  if (!isGzip) return file;
  auto codec = take(
      arrow::util::Codec::Create(arrow::Compression::GZIP), MOTET_TABLE_INTERNAL, path);
  return take(
      arrow::io::CompressedInputStream::Make(codec.get(), file), MOTET_TABLE_FILE_DAMAGED, path);
}

void SpaceTrimmer::trim(const char* text, size_t size, std::string& output) {
  size_t start = output.size();
  output.resize(start + heldSpaces_ + size);
  char* to = output.data() + start;
  for (size_t index = 0; index < size; ++index) {
    char character = text[index];
    bool ends = character == delimiter_ || character == '\n' || character == '\r';
    switch (place_) {
      case Place::fieldStart:
        if (character == ' ') continue;
        if (quote_ != 0 && character == quote_) {
          place_ = Place::inQuotes;
        } else if (!ends) {
          place_ = Place::inField;
        }
        break;
      case Place::inField:
        if (character == ' ') {
          ++heldSpaces_;
          continue;
        }
        if (ends) {
          place_ = Place::fieldStart;
        } else {
          memset(to, ' ', heldSpaces_);
          to += heldSpaces_;
        }
        heldSpaces_ = 0;
        break;
      case Place::inQuotes:
        if (character == quote_) place_ = Place::afterQuote;
        break;
      case Place::afterQuote:
        if (character == ' ') continue;
        place_ = character == quote_ ? Place::inQuotes : ends ? Place::fieldStart : Place::inField;
        break;
    }
    *to++ = character;
  }
  output.resize(to - output.data());
}

size_t lastRecordEnd(const char* text, size_t size, const CSVFormat& format) {
  auto lastNewline = [&](size_t from, size_t to) -> size_t {
    const void* found = to > from ? memrchr(text + from, '\n', to - from) : nullptr;
    return found == nullptr ? 0 : static_cast<const char*>(found) - text + 1;
  };
  if (format.quote == 0) return lastNewline(0, size);
  size_t end = 0;
  size_t position = 0;
  while (position < size) {
    const void* found = memchr(text + position, format.quote, size - position);
    size_t quote = found == nullptr ? size : static_cast<const char*>(found) - text;
    size_t candidate = lastNewline(position, quote);
    end = std::max(end, candidate);
    if (quote == size) return end;
    char before = quote == 0 ? '\n' : text[quote - 1];
    position = quote + 1;
    // A quote inside a field that does not start with one is an ordinary character.
    if (before != format.delimiter && before != '\n' && before != '\r') continue;
    for (;;) {
      const void* closing = memchr(text + position, format.quote, size - position);
      if (closing == nullptr) return end;
      position = static_cast<const char*>(closing) - text + 1;
      if (position < size && text[position] == format.quote) {
        ++position;
        continue;
      }
      break;
    }
  }
  return end;
}

size_t lexRecord(
    const char* text, size_t size, const CSVFormat& format, std::vector<std::string>& fields,
    int64_t& lines) {
  fields.clear();
  lines = 0;
  size_t position = 0;
  auto isLineEnd = [&](size_t at) { return text[at] == '\n' || text[at] == '\r'; };
  auto passLineEnd = [&] {
    if (text[position] == '\r' && position + 1 < size && text[position + 1] == '\n') ++position;
    ++position;
    ++lines;
  };
  if (size > 0 && isLineEnd(0)) {
    passLineEnd();
    return position;
  }
  for (;;) {
    std::string field;
    if (position < size && format.quote != 0 && text[position] == format.quote) {
      for (++position; position < size; ++position) {
        if (text[position] == format.quote) {
          if (position + 1 >= size || text[position + 1] != format.quote) break;
          ++position;
        } else if (text[position] == '\n') {
          ++lines;
        }
        field.push_back(text[position]);
      }
      if (position < size) ++position;
    }
    while (position < size && text[position] != format.delimiter && !isLineEnd(position)) {
      field.push_back(text[position++]);
    }
    fields.push_back(std::move(field));
    if (position >= size) {
      ++lines;
      return position;
    }
    if (isLineEnd(position)) {
      passLineEnd();
      return position;
    }
    ++position;
  }
}

CSVBlocks::CSVBlocks(const std::string& path, const CSVFormat& format, int64_t blockBytes)
    : format_(format),
      path_(path),
      blockBytes_(std::max<int64_t>(blockBytes, 16)),
      input_(openText(path)),
      trimmer_(format) {
  readRaw();
  while (raw_.size() < 3 && readRaw()) {
  }
  if (raw_.compare(0, 3, "\xEF\xBB\xBF") == 0) raw_.erase(0, 3);
  skipLines();
  takeRaw();
}

void CSVBlocks::skipLines() {
  for (int64_t skipped = 0; skipped < format_.skippedLines; ++skipped) {
    size_t newline;
    while ((newline = raw_.find('\n')) == std::string::npos && readRaw()) {
    }
    if (newline == std::string::npos) {
      throw TableError(
          MOTET_TABLE_FILE_EMPTY,
          path_ + ": file ends within the skipped lines; expected more than " +
              std::to_string(format_.skippedLines) + " lines; received " +
              std::to_string(skipped + (raw_.empty() ? 0 : 1)) + ".");
    }
    raw_.erase(0, newline + 1);
  }
}

/// Appends up to a block to `raw_`; false at the end of the file.
bool CSVBlocks::readRaw() {
  if (atEnd_) return false;
  size_t size = raw_.size();
  raw_.resize(size + blockBytes_);
  auto count = take(
      input_->Read(blockBytes_, raw_.data() + size), MOTET_TABLE_FILE_DAMAGED, path_);
  raw_.resize(size + count);
  if (count == 0) atEnd_ = true;
  return count > 0;
}

/// Room for `size` more bytes at the end of `pending_`.
char* CSVBlocks::room(int64_t size) {
  if (pending_ == nullptr) {
    pending_ = take(arrow::AllocateResizableBuffer(size), MOTET_TABLE_INTERNAL, path_);
  } else if (pending_->size() < pendingSize_ + size) {
    check(pending_->Resize(pendingSize_ + size), MOTET_TABLE_INTERNAL, path_);
  }
  return reinterpret_cast<char*>(pending_->mutable_data()) + pendingSize_;
}

/// Moves `raw_` to `pending_`, trimmed where asked.
void CSVBlocks::takeRaw() {
  if (format_.trimsSpaces) {
    std::string trimmed;
    trimmer_.trim(raw_.data(), raw_.size(), trimmed);
    raw_ = std::move(trimmed);
  }
  if (!raw_.empty()) memcpy(room(raw_.size()), raw_.data(), raw_.size());
  pendingSize_ += raw_.size();
  raw_.clear();
}

/// Adds up to a block to `pending_`; false at the end of the file.
bool CSVBlocks::readMore() {
  if (format_.trimsSpaces) {
    if (!readRaw()) return false;
    takeRaw();
    return true;
  }
  if (atEnd_) return false;
  auto count = take(
      input_->Read(blockBytes_, room(blockBytes_)), MOTET_TABLE_FILE_DAMAGED, path_);
  pendingSize_ += count;
  if (count == 0) atEnd_ = true;
  return count > 0;
}

std::shared_ptr<arrow::Buffer> CSVBlocks::next() {
  for (;;) {
    while (pendingSize_ < blockBytes_ && readMore()) {
    }
    if (pendingSize_ == 0) return nullptr;
    auto text = reinterpret_cast<const char*>(pending_->data());
    int64_t end = atEnd_ ? pendingSize_ : lastRecordEnd(text, pendingSize_, format_);
    if (end > 0) {
      auto block = std::exchange(pending_, nullptr);
      int64_t rest = std::exchange(pendingSize_, 0) - end;
      if (rest > 0) memcpy(room(rest + blockBytes_), text + end, rest);
      pendingSize_ = rest;
      return arrow::SliceBuffer(block, 0, end);
    }
    // A record longer than a block: read on until it ends.
    readMore();
  }
}

bool CSVRows::next() {
  for (;;) {
    if (block_ == nullptr || position_ >= static_cast<size_t>(block_->size())) {
      block_ = blocks_.next();
      position_ = 0;
      if (block_ == nullptr) return false;
    }
    auto text = reinterpret_cast<const char*>(block_->data());
    int64_t lines = 0;
    position_ += lexRecord(text + position_, block_->size() - position_, format_, fields_, lines);
    line_ = nextLine_;
    nextLine_ += lines;
    if (!fields_.empty()) return true;
  }
}

std::vector<std::string> columnNames(const std::string& path, const CSVFormat& format) {
  CSVRows rows(path, format);
  if (!rows.next()) {
    throw TableError(
        MOTET_TABLE_FILE_EMPTY,
        path + ": file is empty; expected " +
            (format.hasHeader ? "a header line and rows" : "rows") + "; received no text.");
  }
  std::vector<std::string> names = format.names;
  if (!names.empty() && names.size() != rows.fields().size()) {
    throw TableError(
        MOTET_TABLE_HEADER,
        path + ":" + std::to_string(rows.line()) +
            ": column names do not fit the file; expected a name for each of the " +
            std::to_string(rows.fields().size()) + " fields; received " +
            std::to_string(names.size()) + " names.");
  }
  if (names.empty() && format.hasHeader) names = rows.fields();
  for (size_t index = names.size(); index < rows.fields().size(); ++index) {
    names.push_back("column_" + std::to_string(index + 1));
  }
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (seen.insert(name).second) continue;
    throw TableError(
        MOTET_TABLE_HEADER, path + ", column \"" + name +
                                "\": name is taken; expected each column name once; received it "
                                "twice. Give other column names.");
  }
  return names;
}

}  // namespace motet
