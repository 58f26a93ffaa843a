#include "CHNSW.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
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
    // The best so far, the worst of them on top: to keep the distances of all would take longer than to compute them.
    Found best;
    best.reserve(count);
    for (size_t place = 0; place < nearest.count; place++) {
        const std::pair<float, uint64_t> next(distance(query, &nearest.vectors[place * dimension], &dimension), place);
        if (best.size() < count) {
            best.push_back(next);
            std::push_heap(best.begin(), best.end());
        } else if (next < best.front()) {
            std::pop_heap(best.begin(), best.end());
            best.back() = next;
            std::push_heap(best.begin(), best.end());
        }
    }
    std::sort_heap(best.begin(), best.end());
    return best;
}

Found approximate(const motet_nearest &nearest, const float *query, size_t count) {
    auto queue = nearest.graph->searchKnn(query, count);
    Found all;
    all.reserve(queue.size());
    for (; !queue.empty(); queue.pop()) all.emplace_back(queue.top().first, queue.top().second);
    std::sort(all.begin(), all.end());
    return all;
}

// The list of a vector's links in a layer: the number of them, then where they lead.
hnswlib::linklistsizeint *list(const Graph &graph, size_t place, size_t layer) {
    const auto id = static_cast<hnswlib::tableint>(place);
    return layer == 0 ? graph.get_linklist0(id) : graph.get_linklist(id, static_cast<int>(layer));
}

// Words one after the other, and never one behind the last.
class Words {
  public:
    Words(const uint32_t *words, size_t count) : next_(words), end_(words + count) {}

    // A number below a limit.
    uint32_t below(size_t limit, const char *what) {
        if (next_ == end_) throw std::runtime_error("the links end too early");
        if (*next_ >= limit) throw std::runtime_error(what);
        return *next_++;
    }

    bool atEnd() const { return next_ == end_; }

  private:
    const uint32_t *next_;
    const uint32_t *end_;
};

// hnswlib draws a layer above 60 about never.
constexpr size_t layerLimit = 64;

// Gives the next vector its place, its room for links and no link.
void place(Graph &graph, const float *vector, size_t layers) {
    const size_t place = graph.cur_element_count;
    const auto id = static_cast<hnswlib::tableint>(place);
    std::memset(graph.data_level0_memory_ + place * graph.size_data_per_element_, 0, graph.size_links_level0_);
    std::memcpy(graph.getDataByInternalId(id), vector, graph.data_size_);
    graph.setExternalLabel(id, place);
    graph.linkLists_[place] = nullptr;
    if (layers > 0) {
        // One more: hnswlib fetches one link behind the last.
        const size_t bytes = layers * graph.size_links_per_element_ + sizeof(hnswlib::tableint);
        graph.linkLists_[place] = static_cast<char *>(std::calloc(bytes, 1));
        if (graph.linkLists_[place] == nullptr) throw std::bad_alloc();
    }
    graph.element_levels_[place] = static_cast<int>(layers);
    graph.cur_element_count = place + 1;
}

void restore(Graph &graph, const float *vectors, size_t count, size_t dimension, Words words) {
    if (count > 0) {
        graph.enterpoint_node_ = words.below(count, "the first vector is none");
        graph.maxlevel_ = static_cast<int>(words.below(layerLimit, "there are too many layers"));
        const size_t top = graph.maxlevel_;
        for (size_t number = 0; number < count; number++) {
            const size_t layers = words.below(top + 1, "a vector has too many layers");
            place(graph, vectors + number * dimension, layers);
            for (size_t layer = 0; layer <= layers; layer++) {
                const size_t most = layer == 0 ? graph.maxM0_ : graph.maxM_;
                auto *links = list(graph, number, layer);
                const auto own = static_cast<unsigned short>(words.below(most + 1, "a vector has too many links"));
                for (size_t link = 1; link <= own; link++) {
                    links[link] = words.below(count, "a link leads nowhere");
                }
                graph.setListCount(links, own);
            }
        }
        // A search goes down from the first vector, layer by layer, along links to vectors of the same layer.
        bool fits = static_cast<size_t>(graph.element_levels_[graph.enterpoint_node_]) == top;
        for (size_t number = 0; number < count; number++) {
            for (size_t layer = 1; layer <= static_cast<size_t>(graph.element_levels_[number]); layer++) {
                auto *links = list(graph, number, layer);
                for (size_t link = 1; link <= graph.getListCount(links); link++) {
                    fits = fits && static_cast<size_t>(graph.element_levels_[links[link]]) >= layer;
                }
            }
        }
        if (!fits) throw std::runtime_error("a link leads out of its layer");
    }
    if (!words.atEnd()) throw std::runtime_error("there is more behind the links");
}

// An index without vectors yet, with room for `count`.
std::unique_ptr<motet_nearest> empty(const motet_nearest_settings &settings, size_t count, size_t dimension) {
    std::unique_ptr<motet_nearest> nearest(
        new motet_nearest{hnswlib::InnerProductSpace(dimension), {}, nullptr, count, dimension});
    if (!settings.is_exact) {
        nearest->graph = std::make_unique<Graph>(
            &nearest->space, std::max<size_t>(count, 1), settings.links, settings.construction, settings.seed);
        nearest->graph->setEf(settings.search);
    }
    return nearest;
}

}  // namespace

int motet_nearest_create(
    const motet_nearest_settings *settings, const float *vectors, size_t count, size_t dimension,
    motet_nearest **result, char *error, size_t error_size) {
    return guarded(error, error_size, [&] {
        auto nearest = empty(*settings, count, dimension);
        if (settings->is_exact) {
            nearest->vectors.assign(vectors, vectors + count * dimension);
        } else {
            // One after the other: the graph is a function of the vectors and the seed.
            for (size_t place = 0; place < count; place++) {
                nearest->graph->addPoint(vectors + place * dimension, place);
            }
        }
        *result = nearest.release();
    });
}

size_t motet_nearest_link_words(const motet_nearest *nearest) {
    if (!nearest->graph || nearest->count == 0) return 0;
    size_t words = 2;
    for (size_t place = 0; place < nearest->count; place++) {
        words += 1;
        for (int layer = 0; layer <= nearest->graph->element_levels_[place]; layer++) {
            words += 1 + nearest->graph->getListCount(list(*nearest->graph, place, layer));
        }
    }
    return words;
}

void motet_nearest_links(const motet_nearest *nearest, uint32_t *words) {
    if (!nearest->graph || nearest->count == 0) return;
    const Graph &graph = *nearest->graph;
    *words++ = graph.enterpoint_node_;
    *words++ = graph.maxlevel_;
    for (size_t place = 0; place < nearest->count; place++) {
        *words++ = graph.element_levels_[place];
        for (int layer = 0; layer <= graph.element_levels_[place]; layer++) {
            auto *links = list(graph, place, layer);
            const size_t own = graph.getListCount(links);
            *words++ = own;
            words = std::copy(links + 1, links + 1 + own, words);
        }
    }
}

int motet_nearest_restore(
    const motet_nearest_settings *settings, const float *vectors, size_t count, size_t dimension,
    const uint32_t *words, size_t word_count, motet_nearest **result, char *error, size_t error_size) {
    return guarded(error, error_size, [&] {
        if (settings->is_exact) throw std::runtime_error("an exact search has no links");
        auto nearest = empty(*settings, count, dimension);
        restore(*nearest->graph, vectors, count, dimension, Words(words, word_count));
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
