// A C interface to the parts of Arrow C++ that Motet uses: reading tables in batches and writing
// them. Every function returns a status; on failure it sets `*message` to a sentence that the caller
// frees with `motet_arrow_free`. No C++ exception leaves these functions.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "ArrowDataInterface.h"

#ifdef __cplusplus
extern "C" {
#endif

/// What went wrong.
typedef enum MotetTableStatus {
  MOTET_TABLE_OK = 0,
  MOTET_TABLE_FILE_MISSING = 1,
  MOTET_TABLE_FILE_EMPTY = 2,
  MOTET_TABLE_ROW_LENGTH = 3,
  MOTET_TABLE_VALUE = 4,
  MOTET_TABLE_COLUMN_UNKNOWN = 5,
  MOTET_TABLE_FILE_DAMAGED = 6,
  MOTET_TABLE_INPUT_OUTPUT = 7,
  MOTET_TABLE_TYPE_UNSUPPORTED = 8,
  MOTET_TABLE_HEADER = 9,
  MOTET_TABLE_OPTION = 10,
  MOTET_TABLE_INTERNAL = 11,
} MotetTableStatus;

typedef enum MotetTableFormat {
  MOTET_TABLE_CSV = 0,
  MOTET_TABLE_PARQUET = 1,
  MOTET_TABLE_ARROW = 2,
} MotetTableFormat;

/// The column types batches are handed out in; `MOTET_TYPE_LIST + t` is a list of `t`.
typedef enum MotetColumnType {
  MOTET_TYPE_UNSUPPORTED = 0,
  MOTET_TYPE_BOOLEAN = 1,
  MOTET_TYPE_INT8 = 2,
  MOTET_TYPE_INT16 = 3,
  MOTET_TYPE_INT32 = 4,
  MOTET_TYPE_INT64 = 5,
  MOTET_TYPE_UINT8 = 6,
  MOTET_TYPE_UINT16 = 7,
  MOTET_TYPE_UINT32 = 8,
  MOTET_TYPE_UINT64 = 9,
  MOTET_TYPE_FLOAT32 = 10,
  MOTET_TYPE_FLOAT64 = 11,
  MOTET_TYPE_STRING = 12,
  MOTET_TYPE_DICTIONARY = 13,
  MOTET_TYPE_TIMESTAMP = 14,
  MOTET_TYPE_LIST = 64,
} MotetColumnType;

typedef struct MotetCSVOptions {
  char delimiter;
  /// The quote character, or 0 when quotes have no meaning.
  char quote;
  char decimal_point;
  uint8_t has_header;
  /// Whether spaces around a field that is not quoted are removed.
  uint8_t trims_spaces;
  int64_t skipped_lines;
  /// Column names that replace or stand in for the header's.
  const char* const* names;
  int64_t name_count;
  /// Spellings of a missing value, in addition to the empty field.
  const char* const* nulls;
  int64_t null_count;
  /// `strptime` formats tried after ISO 8601.
  const char* const* timestamp_formats;
  int64_t timestamp_format_count;
} MotetCSVOptions;

typedef struct MotetTableRequest {
  const char* const* paths;
  int64_t path_count;
  MotetTableFormat format;
  MotetCSVOptions csv;
  /// The columns to read, in this order; the type of each, and whether that type was inferred.
  const char* const* columns;
  const int32_t* types;
  const uint8_t* inferred;
  /// Whether a text column of a CSV file may come as 64-bit integers in a batch in which all of its
  /// values are integers, spelled as they would be printed. Such a child has two buffers, not three.
  const uint8_t* accepts_integers;
  int64_t column_count;
  /// Rows of a batch for Parquet files.
  int64_t batch_rows;
  /// Bytes of text parsed into one batch for CSV files.
  int64_t block_bytes;
  /// Whether decoding uses Arrow's thread pool; the batches are the same either way.
  uint8_t uses_threads;
} MotetTableRequest;

typedef struct MotetColumnInfo {
  const char* name;
  /// A `MotetColumnType`, or `MOTET_TYPE_UNSUPPORTED`.
  int32_t type;
  /// The type as the file's format names it.
  const char* type_name;
} MotetColumnInfo;

typedef struct MotetTableInfo {
  MotetColumnInfo* columns;
  int64_t column_count;
} MotetTableInfo;

/// A batch and where it comes from.
typedef struct MotetTableBatch {
  /// A struct array with a child for each column; `release` is null when there is no batch left.
  struct ArrowArray array;
  /// The index of the file and, in that file, the number of the batch's first row, from 0.
  int64_t file;
  int64_t first_row;
} MotetTableBatch;

typedef struct MotetTable MotetTable;

void motet_arrow_free(void* memory);

/// Reads the names and types of the columns of one file, without reading all of it.
MotetTableStatus motet_table_peek(
    const MotetTableRequest* request, const char* path, MotetTableInfo* info, char** message);
void motet_table_info_free(MotetTableInfo* info);

MotetTableStatus motet_table_open(
    const MotetTableRequest* request, MotetTable** table, char** message);
/// Waits for the next batch; batches come in the order of the files and of the rows in them.
MotetTableStatus motet_table_next(MotetTable* table, MotetTableBatch* batch, char** message);
void motet_table_close(MotetTable* table);

/// Finds the line, from 1, on which a row of a CSV file starts.
MotetTableStatus motet_csv_line(
    const MotetTableRequest* request, const char* path, int64_t row, int64_t* line, char** message);

#ifdef __cplusplus
}
#endif

#include "Decompression.h"
#include "TableWriting.h"
