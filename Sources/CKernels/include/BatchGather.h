// Assembling batches from prepared columns; see BatchGather.c.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Shuffles `values` by Fisher and Yates' method with the SplitMix64 stream of `seed`.
void motet_shuffle_i64(int64_t *values, int64_t count, uint64_t seed);

/// Reorders `rows` so that rows of the same group stand together, groups ascending and rows of a
/// group in their order. `groups` gives each row's group; one outside `0 ..< group_count` counts as
/// group `group_count`, the last. `offsets` receives `group_count + 2` values: group `g` has
/// `offsets[g] ..< offsets[g + 1]`. `scratch` is memory for `count` rows.
void motet_group_rows(
    int64_t *rows, int64_t count, const int32_t *groups, int32_t group_count, int64_t *scratch,
    int32_t *offsets);

/// One column, source and destination: 4-byte values, or bytes that become floats.
typedef struct MotetGatherColumn {
  /// The values of all rows: `row_width` for each row, or, with `offsets`, `offsets[r] ..< offsets[r+1]`.
  const void *values;
  const int64_t *offsets;
  /// The number of values behind `offsets`, which they must not exceed.
  int64_t value_count;
  int64_t row_width;
  /// How many of a row's values are copied: the first ones.
  int64_t width;
  /// For a column of bytes, by what each is multiplied; 0 for 4-byte values.
  float byte_scale;
  /// The batch's values and, for a column with offsets, its `row_count + 1` offsets.
  void *batch_values;
  int32_t *batch_offsets;
  /// The most values of a row with offsets.
  int64_t maximum_length;
} MotetGatherColumn;

/// Copies rows of every column into a batch.
///
/// `counts` receives the number of values of each column. `contiguous` says that the rows are
/// consecutive. Returns -1, or the index of the first column whose offsets do not fit its values.
int64_t motet_gather_batch(
    const MotetGatherColumn *columns, int64_t column_count, const int64_t *rows, int64_t row_count,
    int32_t contiguous, int64_t *counts);

/// The state of a 64-bit checksum (XXH64, seed 0).
typedef struct MotetChecksum {
  uint64_t lanes[4];
  uint64_t total;
  uint8_t pending[32];
  uint64_t pending_count;
} MotetChecksum;

void motet_checksum_start(MotetChecksum *state);
void motet_checksum_add(MotetChecksum *state, const void *bytes, int64_t count);
uint64_t motet_checksum_value(const MotetChecksum *state);

#ifdef __cplusplus
}
#endif
