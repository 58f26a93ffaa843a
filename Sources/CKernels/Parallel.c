#include "EngineKernels.h"

// oneDNN as Debian builds it runs on libgomp. Entering the same library's regions lets our loops use
// its threads instead of fighting them; clang cannot link libgomp through -fopenmp, but the entry
// points are plain C.
void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
int omp_get_thread_num(void);
int omp_get_num_threads(void);
int omp_get_max_threads(void);
void omp_set_num_threads(int count);

typedef struct {
    int64_t count;
    motet_range_body body;
    void *context;
} range_job;

static void run_range(void *data) {
    const range_job *job = data;
    const int64_t threads = omp_get_num_threads();
    const int64_t thread = omp_get_thread_num();
    const int64_t begin = job->count * thread / threads;
    const int64_t end = job->count * (thread + 1) / threads;
    if (begin < end) job->body(job->context, begin, end);
}

void motet_parallel_for(int64_t count, int64_t grain, motet_range_body body, void *context) {
    if (count <= 0) return;
    const int64_t pieces = count / (grain > 0 ? grain : 1);
    const int64_t limit = omp_get_max_threads();
    const int64_t threads = pieces < limit ? pieces : limit;
    if (threads < 2) {
        body(context, 0, count);
        return;
    }
    range_job job = {count, body, context};
    GOMP_parallel(run_range, &job, (unsigned)threads, 0);
}

typedef struct {
    int64_t count, next;
    motet_range_body body;
    void *context;
} item_job;

static void run_items(void *data) {
    item_job *job = data;
    for (;;) {
        const int64_t item = __atomic_fetch_add(&job->next, 1, __ATOMIC_RELAXED);
        if (item >= job->count) return;
        job->body(job->context, item, item + 1);
    }
}

void motet_parallel_items(int64_t count, motet_range_body body, void *context) {
    const int64_t limit = omp_get_max_threads();
    const int64_t threads = count < limit ? count : limit;
    if (threads < 2) {
        for (int64_t item = 0; item < count; item++) body(context, item, item + 1);
        return;
    }
    item_job job = {count, 0, body, context};
    GOMP_parallel(run_items, &job, (unsigned)threads, 0);
}

int motet_thread_count(void) { return omp_get_max_threads(); }

void motet_set_thread_count(int count) { omp_set_num_threads(count); }
