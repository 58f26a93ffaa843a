// Data preparation: codes for values (ValueHash.c, Intern*.c) and passes over columns (Columns.c).
#ifndef MOTET_PREPARATION_KERNELS_H
#define MOTET_PREPARATION_KERNELS_H

#include <stddef.h>
#include <stdint.h>

// `present` holds 0 for a missing value and 1 for another, or is NULL where all are there. Offsets of
// texts are 32 bits, or 64 where `wide`. A text of no bytes is a missing value.

/// The stable hash of a value's text; the canonical spelling of an integer hashes as the integer.
uint64_t motet_hash_text(const uint8_t *bytes, int64_t length);
uint64_t motet_hash_integer(int64_t value);

/// Buckets `0 ..< buckets` of many values; -1 for a missing one.
void motet_hash_integers(
    const int64_t *values, const uint8_t *present, int64_t count, int32_t buckets,
    int32_t *out);
void motet_hash_texts(
    const void *offsets, int wide, const uint8_t *bytes, const uint8_t *present,
    int64_t count, int32_t buckets, int32_t *out);
void motet_hash_doubles(const double *values, int64_t count, int32_t buckets, int32_t *out);

/// A dictionary that numbers distinct values in order of appearance.
typedef struct motet_interner motet_interner;
motet_interner *motet_interner_create(void);
void motet_interner_destroy(motet_interner *interner);
int64_t motet_interner_count(const motet_interner *interner);

/// Codes of many values, -1 for a missing one; returns 0, or -1 when memory or codes run out.
int motet_intern_integers(
    motet_interner *interner, const int64_t *values, const uint8_t *present,
    int64_t count, int32_t *codes);
int motet_intern_texts(
    motet_interner *interner, const void *offsets, int wide, const uint8_t *bytes,
    const uint8_t *present, int64_t count, int32_t *codes);
int motet_intern_doubles(
    motet_interner *interner, const double *values, int64_t count, int32_t *codes);

/// Codes (or, where `buckets` is not 0, buckets) of the tokens of delimited texts, blanks around
/// tokens and brackets around the whole removed. `codes` needs room for half the bytes plus one a
/// row; `lengths` gets each row's tokens, -1 for a missing row. Returns the tokens, or -1.
int64_t motet_intern_split(
    motet_interner *interner, int32_t buckets, const void *offsets, int wide, const uint8_t *bytes,
    const uint8_t *present, int64_t count, uint8_t delimiter, int32_t *codes,
    int32_t *lengths);

/// The texts of codes, end to end; `offsets` has one more entry than there are codes.
int64_t motet_interner_text_bound(
    const motet_interner *interner, const int32_t *codes, int64_t count);
int64_t motet_interner_spell(
    const motet_interner *interner, const int32_t *codes, int64_t count, int64_t *offsets,
    uint8_t *bytes);
uint64_t motet_interner_hash(const motet_interner *interner, int32_t code);
/// Spells a number that is not whole as it is hashed and numbered; the length, without the end.
int motet_spell_double(double value, char *text, size_t size);
/// The code of a value that is known, else -1. Nothing changes, so any threads may look at once.
int32_t motet_interner_find_integer(const motet_interner *interner, int64_t value);
int32_t motet_interner_find_text(
    const motet_interner *interner, const uint8_t *bytes, int64_t length);

/// In what follows `rows` selects rows of a column, or is NULL for the first `count` of them. Counts
/// of codes hold missing values (-1) at index 0 and code `c` at `c + 1`.
void motet_count_codes(const int32_t *codes, const int32_t *rows, int64_t count, int64_t *counts);

typedef struct {
    int64_t missing, unknown;
} motet_code_tally;

/// `table[code]`, or `code + 1` where there is no table; `missing` for -1. Adds the missing codes,
/// and the others that became 0, to the tally.
void motet_map_codes(
    const int32_t *codes, const int32_t *rows, int64_t count, const int32_t *table,
    int32_t missing, int32_t *out, motet_code_tally *tally);
/// `table[code + 1]`.
void motet_map_codes_to_doubles(
    const int32_t *codes, int64_t count, const double *table, double *out);
int64_t motet_count_equal(const int32_t *values, int64_t count, int32_t wanted);

/// Counts the values of lists, the last `keep` of each; `starts[r]` is where list `r` begins, and a
/// negative length a missing list, counted at index 0.
void motet_count_lists(
    const int32_t *values, const int64_t *starts, const int32_t *lengths, const int32_t *rows,
    int64_t count, int64_t keep, int64_t *counts);
/// Maps the last `keep` values of lists into `out`, end to end, and writes where each begins into
/// `offsets`, one more than there are lists; returns how many values there are. `out` NULL only
/// writes the offsets.
int64_t motet_map_lists(
    const int32_t *values, const int64_t *starts, const int32_t *lengths, const int32_t *rows,
    int64_t count, int64_t keep, const int32_t *table, int32_t *out, int32_t *offsets);

/// The codes with at least `minimum` in `counts` (index = code), most frequent first, equals in
/// order of their codes; returns how many, or -1 without memory. `out` has room for all.
int64_t motet_rank_codes(const int64_t *counts, int64_t count, int64_t minimum, int32_t *out);

/// The selected values that are not NaN, end to end; returns how many.
int64_t motet_gather_present(
    const double *values, const int32_t *rows, int64_t count, double *out);
/// The first infinite value at or after `start`, or -1.
int64_t motet_find_infinite(const double *values, int64_t count, int64_t start);
int64_t motet_count_missing(const double *values, const int32_t *rows, int64_t count);

typedef struct {
    int64_t count;
    double mean, variance, minimum, maximum;
} motet_column_moments;

/// Count, mean, population variance and range of values without NaN; sums in a fixed order.
void motet_moments(const double *values, int64_t count, motet_column_moments *moments);

/// The values that sorting would put at `ranks`; exact, no NaN. Returns 0, or -1 without memory.
int motet_order_statistics(
    const double *values, int64_t count, const int64_t *ranks, int64_t rank_count, double *out);

enum {
    MOTET_TRANSFORM_CLIP,
    MOTET_TRANSFORM_AFFINE,
    MOTET_TRANSFORM_LOG1P,
    MOTET_TRANSFORM_LOG_RATIO
};

/// Clip to [first, second]; or (x - first) * second; or log(1 + x); or log(x / first).
typedef struct {
    int32_t kind;
    double first, second;
} motet_transform_step;

void motet_transform(double *values, int64_t count, const motet_transform_step *steps, int64_t n);

/// Selected rows through the steps into every `stride`-th float of `out`. A missing value enters
/// as `missing_before`, and leaves as `missing_after` unless that is NaN; `indicator`, where not
/// NULL, gets 1 for missing and 0 otherwise, with the same stride.
void motet_transform_rows(
    const double *column, const int32_t *rows, int64_t count, double missing_before,
    double missing_after, const motet_transform_step *steps, int64_t step_count, float *out,
    int64_t stride, float *indicator);

/// One plus the number of `edges` (ascending) at or below each value; `missing` for NaN.
void motet_bin_rows(
    const double *values, int64_t count, const double *edges, int64_t edge_count, int32_t missing,
    int32_t *out);

/// Folds a block into a running content hash; blocks but the last hold a multiple of 32 bytes.
void motet_content_hash(uint64_t state[4], const uint8_t *bytes, int64_t count);

#endif
