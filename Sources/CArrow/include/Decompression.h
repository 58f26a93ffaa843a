// A C interface for decompressing files that are small enough to lie in memory.
#pragma once

#include "CArrow.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum MotetCompression {
  /// A gzip file, of one member or several.
  MOTET_COMPRESSION_GZIP = 0,
  /// Bare DEFLATE data, as in zip archives.
  MOTET_COMPRESSION_DEFLATE = 1,
} MotetCompression;

/// Decompresses `size` bytes; `who` starts the sentence of a failure. The caller frees `*output`, of
/// `*output_size` bytes, with `motet_arrow_free`. Input that is cut off, damaged or gives more than
/// `maximum_bytes` is a failure.
MotetTableStatus motet_decompress(
    MotetCompression compression, const char* who, const uint8_t* input, int64_t size,
    int64_t maximum_bytes, uint8_t** output, int64_t* output_size, char** message);

#ifdef __cplusplus
}
#endif
