// A small C interface over hnswlib: the nearest vectors by inner product, found exactly or by a graph.
//
// Every function that can fail returns 0 on success and otherwise writes one sentence to `error`.
#ifndef MOTET_CHNSW_H
#define MOTET_CHNSW_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct motet_nearest motet_nearest;

/// How vectors are searched.
typedef struct {
    int32_t is_exact;       // all vectors are compared; the rest is not read
    int32_t links;          // of each vector on the lower layer: 2 of these, hnswlib's M
    int32_t construction;   // candidates while links are made, hnswlib's ef_construction
    int32_t search;         // candidates while searching, hnswlib's ef
    uint64_t seed;          // of the layers
} motet_nearest_settings;

/// Copies `count` vectors of `dimension` floats, one after the other, and makes them ready to search.
int motet_nearest_create(
    const motet_nearest_settings *settings, const float *vectors, size_t count, size_t dimension,
    motet_nearest **result, char *error, size_t error_size);

/// Writes the places of the vectors with the greatest inner products with `query`, greatest first, and the
/// products; equal ones by their places. Any number of threads may search at once.
///
/// @param count the room of `places` and `products`.
/// @param found how many were written: `count`, or the number of vectors if that is less.
int motet_nearest_search(
    const motet_nearest *nearest, const float *query, size_t count, uint64_t *places, float *products,
    size_t *found, char *error, size_t error_size);

void motet_nearest_destroy(motet_nearest *nearest);

#ifdef __cplusplus
}
#endif

#endif
