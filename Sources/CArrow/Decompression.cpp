#include "include/Decompression.h"

#include <arrow/util/compression.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "Support.h"

namespace motet {

/// Memory for the result that grows, taken by the caller at the end.
class GrowingBytes {
 public:
  ~GrowingBytes() { std::free(bytes_); }

  /// Room for at least one more byte behind the first `used`.
  void grow(int64_t used) {
    if (used < capacity_) return;
    int64_t wanted = std::max<int64_t>(1 << 16, 2 * capacity_);
    void* grown = std::realloc(bytes_, static_cast<size_t>(wanted));
    if (grown == nullptr) throw std::bad_alloc();
    bytes_ = static_cast<uint8_t*>(grown);
    capacity_ = wanted;
  }

  uint8_t* at(int64_t offset) { return bytes_ + offset; }
  int64_t capacity() const { return capacity_; }

  uint8_t* release() {
    uint8_t* taken = bytes_;
    bytes_ = nullptr;
    return taken;
  }

 private:
  uint8_t* bytes_ = nullptr;
  int64_t capacity_ = 0;
};

static TableError damaged(const std::string& who, const std::string& what) {
  return TableError(
      MOTET_TABLE_FILE_DAMAGED,
      who + ": cannot be decompressed; expected whole compressed data; received " + what +
          ". Fetch the file again.");
}

static int64_t decompress(
    MotetCompression compression, const std::string& who, const uint8_t* input, int64_t size,
    int64_t maximumBytes, GrowingBytes& output) {
  arrow::util::GZipCodecOptions options;
  options.gzip_format = compression == MOTET_COMPRESSION_GZIP ? arrow::util::GZipFormat::GZIP
                                                              : arrow::util::GZipFormat::DEFLATE;
  auto codec = take(
      arrow::util::Codec::Create(arrow::Compression::GZIP, options), MOTET_TABLE_INTERNAL, who);
  auto stream = take(codec->MakeDecompressor(), MOTET_TABLE_INTERNAL, who);
  int64_t read = 0;
  int64_t written = 0;
  while (true) {
    output.grow(written);
    auto step = stream->Decompress(
        size - read, input + read, output.capacity() - written, output.at(written));
    if (!step.ok()) throw damaged(who, sentence(step.status()));
    read += step->bytes_read;
    written += step->bytes_written;
    if (written > maximumBytes) {
      throw damaged(who, "more than " + std::to_string(maximumBytes) + " bytes out of it");
    }
    if (stream->IsFinished()) {
      if (compression != MOTET_COMPRESSION_GZIP || read == size) break;
      check(stream->Reset(), MOTET_TABLE_INTERNAL, who);  // Another member follows.
    } else if (step->bytes_read == 0 && step->bytes_written == 0 && written < output.capacity()) {
      throw damaged(who, "data that is cut off after " + std::to_string(size) + " bytes");
    }
  }
  if (read != size) throw damaged(who, std::to_string(size - read) + " bytes behind its end");
  return written;
}

}  // namespace motet

extern "C" MotetTableStatus motet_decompress(
    MotetCompression compression, const char* who, const uint8_t* input, int64_t size,
    int64_t maximum_bytes, uint8_t** output, int64_t* output_size, char** message) {
  return motet::guarded(message, [&] {
    motet::GrowingBytes bytes;
    *output_size = motet::decompress(compression, who, input, size, maximum_bytes, bytes);
    *output = bytes.release();
  });
}
