// Assembling batches: shuffling row numbers, grouping them by scenario, and copying the rows' values
// from prepared columns into a batch. Used by the loader's own thread, so nothing here starts threads
// or allocates.
#include "BatchGather.h"
#include "Vector.h"

#include <string.h>

static inline uint64_t next_bits(uint64_t *state) {
  // SplitMix64, as MotetCore.RandomKey.
  uint64_t bits = (*state += 0x9E3779B97F4A7C15ull);
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9ull;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBull;
  return bits ^ (bits >> 31);
}

void motet_shuffle_i64(int64_t *values, int64_t count, uint64_t seed) {
  for (int64_t last = count - 1; last > 0; --last) {
    unsigned __int128 product = (unsigned __int128)next_bits(&seed) * (uint64_t)(last + 1);
    int64_t other = (int64_t)(product >> 64);
    int64_t value = values[last];
    values[last] = values[other];
    values[other] = value;
  }
}

static inline int32_t known_group(int32_t group, int32_t group_count) {
  return (uint32_t)group < (uint32_t)group_count ? group : group_count;
}

void motet_group_rows(
    int64_t *rows, int64_t count, const int32_t *groups, int32_t group_count, int64_t *scratch,
    int32_t *offsets) {
  memset(offsets, 0, sizeof(int32_t) * ((size_t)group_count + 2));
  for (int64_t index = 0; index < count; ++index) {
    scratch[index] = rows[index];
    ++offsets[known_group(groups[rows[index]], group_count) + 1];
  }
  for (int32_t group = 1; group <= group_count + 1; ++group) offsets[group] += offsets[group - 1];
  for (int64_t index = 0; index < count; ++index) {
    rows[offsets[known_group(groups[scratch[index]], group_count)]++] = scratch[index];
  }
  // Placing the rows moved every start to the group's end, which is the next group's start.
  for (int32_t group = group_count + 1; group > 0; --group) offsets[group] = offsets[group - 1];
  offsets[0] = 0;
}

static void gather_single(
    const uint32_t *values, const int64_t *rows, int64_t row_count, uint32_t *batch) {
  for (int64_t index = 0; index < row_count; ++index) batch[index] = values[rows[index]];
}

static void gather_wide(
    const uint32_t *values, int64_t row_width, int64_t width, const int64_t *rows,
    int64_t row_count, uint32_t *batch) {
  for (int64_t index = 0; index < row_count; ++index) {
    const uint32_t *row = values + rows[index] * row_width;
    memcpy(batch + index * width, row, sizeof(uint32_t) * (size_t)width);
  }
}

MOTET_CLONES static void gather_bytes(
    const uint8_t *values, int64_t row_width, int64_t width, float scale, const int64_t *rows,
    int64_t row_count, float *batch) {
  for (int64_t index = 0; index < row_count; ++index) {
    const uint8_t *row = values + rows[index] * row_width;
    float *out = batch + index * width;
    for (int64_t i = 0; i < width; ++i) out[i] = (float)row[i] * scale;
  }
}

/// Returns the number of values, or -1 where the offsets are not in order or leave the values.
static int64_t gather_ragged(
    const MotetGatherColumn *column, const int64_t *rows, int64_t row_count) {
  const uint32_t *values = column->values;
  uint32_t *batch = column->batch_values;
  int64_t total = 0;
  column->batch_offsets[0] = 0;
  for (int64_t index = 0; index < row_count; ++index) {
    int64_t start = column->offsets[rows[index]];
    int64_t length = column->offsets[rows[index] + 1] - start;
    if (start < 0 || length < 0 || length > column->maximum_length ||
        start + length > column->value_count) {
      return -1;
    }
    memcpy(batch + total, values + start, sizeof(uint32_t) * (size_t)length);
    total += length;
    column->batch_offsets[index + 1] = (int32_t)total;
  }
  return total;
}

int64_t motet_gather_batch(
    const MotetGatherColumn *columns, int64_t column_count, const int64_t *rows, int64_t row_count,
    int32_t contiguous, int64_t *counts) {
  for (int64_t index = 0; index < column_count; ++index) {
    const MotetGatherColumn *column = &columns[index];
    if (column->offsets != NULL) {
      counts[index] = gather_ragged(column, rows, row_count);
      if (counts[index] < 0) return index;
      continue;
    }
    counts[index] = row_count * column->width;
    if (column->byte_scale > 0) {
      gather_bytes(
          column->values, column->row_width, column->width, column->byte_scale, rows, row_count,
          column->batch_values);
      continue;
    }
    const uint32_t *values = column->values;
    if (contiguous && row_count > 0 && column->width == column->row_width) {
      memcpy(
          column->batch_values, values + rows[0] * column->width,
          sizeof(uint32_t) * (size_t)counts[index]);
    } else if (column->row_width == 1) {
      gather_single(values, rows, row_count, column->batch_values);
    } else {
      gather_wide(
          values, column->row_width, column->width, rows, row_count, column->batch_values);
    }
  }
  return -1;
}
