// A C interface for writing tables, column by column, batch by batch.
#pragma once

#include "CArrow.h"

#ifdef __cplusplus
extern "C" {
#endif

/// A column of a batch to write; the memory stays the caller's and is only read.
typedef struct MotetWriteColumn {
  /// The values: of the column's type; one byte each for booleans; the bytes of all texts; the
  /// elements of all lists.
  const void* values;
  /// For texts and lists: row `r` has `offsets[r] ..< offsets[r + 1]`.
  const int32_t* offsets;
  /// One byte for each row, 0 where the value is missing; null when all are there.
  const uint8_t* validity;
} MotetWriteColumn;

typedef struct MotetTableWriter MotetTableWriter;

/// Creates the file `path`; `shown_path` is what messages call it. `types` are `MotetColumnType`s; a column that is
/// `spread` gets no dictionary in a Parquet file, for its values hardly ever come again.
MotetTableStatus motet_table_writer_open(
    const char* path, const char* shown_path, MotetTableFormat format, const char* const* names,
    const int32_t* types, const uint8_t* spread, int64_t column_count, char delimiter,
    MotetTableWriter** writer, char** message);
MotetTableStatus motet_table_writer_append(
    MotetTableWriter* writer, const MotetWriteColumn* columns, int64_t row_count, char** message);
/// Writes what is left and closes the file.
MotetTableStatus motet_table_writer_finish(MotetTableWriter* writer, char** message);
void motet_table_writer_free(MotetTableWriter* writer);

#ifdef __cplusplus
}
#endif
