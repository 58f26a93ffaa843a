#include "Scan.h"

typedef struct {
    const float *x;
    float *y;
    int64_t rows, columns;
} job;

// Square blocks keep both sides in the first cache.
enum { BLOCK = 32 };

static void blocks(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    for (int64_t block = begin; block < end; block++) {
        const int64_t first = block * BLOCK;
        const int64_t last = first + BLOCK < j->columns ? first + BLOCK : j->columns;
        for (int64_t top = 0; top < j->rows; top += BLOCK) {
            const int64_t bottom = top + BLOCK < j->rows ? top + BLOCK : j->rows;
            for (int64_t column = first; column < last; column++)
                for (int64_t row = top; row < bottom; row++)
                    j->y[column * j->rows + row] = j->x[row * j->columns + column];
        }
    }
}

void motet_scan_transpose(const float *x, float *y, int64_t rows, int64_t columns) {
    job j = {x, y, rows, columns};
    motet_parallel_for((columns + BLOCK - 1) / BLOCK, 4, blocks, &j);
}
