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

/// The number of words that tell the links of a graph; 0 of an exact search, and without vectors.
size_t motet_nearest_link_words(const motet_nearest *nearest);

/// Writes the links of a graph: the vector a search begins at and its layer, then for each vector its highest layer, and
/// for each layer up to it the number of links and where they lead.
///
/// @param words room for `motet_nearest_link_words`.
void motet_nearest_links(const motet_nearest *nearest, uint32_t *words);

/// Makes what `motet_nearest_create` made of the same vectors and settings, from its links and without a search for them.
///
/// Links that lead nowhere, or are too many, fail: no search reads what is not there.
int motet_nearest_restore(
    const motet_nearest_settings *settings, const float *vectors, size_t count, size_t dimension,
    const uint32_t *words, size_t word_count, motet_nearest **result, char *error, size_t error_size);

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
