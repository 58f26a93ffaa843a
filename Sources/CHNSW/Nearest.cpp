#include "CHNSW.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include <hnswlib/hnswlib.h>

using Graph = hnswlib::HierarchicalNSW<float>;

struct motet_nearest {
    // In this order: the index keeps a pointer to the space.
    hnswlib::InnerProductSpace space;
    std::vector<float> vectors;  // of an exact search
    std::unique_ptr<Graph> graph;
    size_t count;
    size_t dimension;
};

namespace {

// No exception leaves this file.
template <typename Body>
int guarded(char *error, size_t size, Body body) {
    try {
        body();
        return 0;
    } catch (const std::exception &failure) {
        std::snprintf(error, size, "%s", failure.what());
    } catch (...) {
        std::snprintf(error, size, "hnswlib failed without a reason");
    }
    return 1;
}

using Found = std::vector<std::pair<float, uint64_t>>;  // the distance, 1 - product, and the place

Found exact(const motet_nearest &nearest, const float *query, size_t count) {
    const auto distance = const_cast<hnswlib::InnerProductSpace &>(nearest.space).get_dist_func();
    const size_t dimension = nearest.dimension;
    Found all(nearest.count);
    for (size_t place = 0; place < nearest.count; place++) {
        all[place] = {distance(query, &nearest.vectors[place * dimension], &dimension), place};
    }
    std::partial_sort(all.begin(), all.begin() + count, all.end());
    all.resize(count);
    return all;
}

Found approximate(const motet_nearest &nearest, const float *query, size_t count) {
    auto queue = nearest.graph->searchKnn(query, count);
    Found all;
    all.reserve(queue.size());
    for (; !queue.empty(); queue.pop()) all.emplace_back(queue.top().first, queue.top().second);
    std::sort(all.begin(), all.end());
    return all;
}

}  // namespace

int motet_nearest_create(
    const motet_nearest_settings *settings, const float *vectors, size_t count, size_t dimension,
    motet_nearest **result, char *error, size_t error_size) {
    return guarded(error, error_size, [&] {
        std::unique_ptr<motet_nearest> nearest(
            new motet_nearest{hnswlib::InnerProductSpace(dimension), {}, nullptr, count, dimension});
        if (settings->is_exact) {
            nearest->vectors.assign(vectors, vectors + count * dimension);
        } else {
            nearest->graph = std::make_unique<Graph>(
                &nearest->space, std::max<size_t>(count, 1), settings->links, settings->construction,
                settings->seed);
            nearest->graph->setEf(settings->search);
            // One after the other: the graph is a function of the vectors and the seed.
            for (size_t place = 0; place < count; place++) {
                nearest->graph->addPoint(vectors + place * dimension, place);
            }
        }
        *result = nearest.release();
    });
}

int motet_nearest_search(
    const motet_nearest *nearest, const float *query, size_t count, uint64_t *places, float *products,
    size_t *found, char *error, size_t error_size) {
    return guarded(error, error_size, [&] {
        const size_t wanted = std::min(count, nearest->count);
        const Found all =
            nearest->graph ? approximate(*nearest, query, wanted) : exact(*nearest, query, wanted);
        for (size_t place = 0; place < all.size(); place++) {
            places[place] = all[place].second;
            products[place] = 1 - all[place].first;
        }
        *found = all.size();
    });
}

void motet_nearest_destroy(motet_nearest *nearest) { delete nearest; }
