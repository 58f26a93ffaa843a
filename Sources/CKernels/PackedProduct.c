// Products with weights that never change: the weights are laid out once in panels of 32 columns.
//
// Every element of a result is one chain of sums over the inner axis in its order, whatever the number of rows,
// of threads, and the place of the row: a row has the same bits alone and among others.
#include "ActivationFunctions.h"
#include "PackedKernels.h"

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>
#define MOTET_HAS_X86 1
#define TARGET_FLOAT32 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#define TARGET_BFLOAT16 \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma")))
#endif

enum { PANEL = 32, TILE = 12, CHUNK = 24 };

static int64_t panels(int64_t columns) { return (columns + PANEL - 1) / PANEL; }

// MARK: Layout

int64_t motet_packed_bytes(int64_t inner, int64_t columns, int32_t bfloat16) {
    const int64_t rows = bfloat16 ? (inner + 1) / 2 * 2 : inner;
    return panels(columns) * PANEL * rows * (bfloat16 ? 2 : 4);
}

// The nearest bfloat16, ties to even; what is not a number stays so.
static uint16_t bfloat16_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7FFFu + (bits >> 16 & 1)) >> 16);
}

void motet_pack_columns(
    const float *b, int64_t stride, int64_t inner, int64_t columns, int32_t bfloat16,
    void *packed) {
    const int64_t rows = bfloat16 ? (inner + 1) / 2 * 2 : inner;
    for (int64_t panel = 0; panel < panels(columns); panel++) {
        for (int64_t k = 0; k < rows; k++) {
            for (int64_t u = 0; u < PANEL; u++) {
                const int64_t column = panel * PANEL + u;
                const float x = column < columns && k < inner ? b[k * stride + column] : 0;
                if (bfloat16) {
                    // Two rows stand together, as the processor multiplies them.
                    ((uint16_t *)packed)[(panel * rows + k / 2 * 2) * PANEL + 2 * u + k % 2] =
                        bfloat16_of(x);
                } else {
                    ((float *)packed)[(panel * rows + k) * PANEL + u] = x;
                }
            }
        }
    }
}

// MARK: Any processor

// `rows` is a constant, so that sums stay in registers.
MOTET_INLINE void tile_anywhere(
    const int rows, const motet_packed_product *p, int64_t row, int64_t column) {
    const int64_t width = p->columns - column < PANEL ? p->columns - column : PANEL;
    const float *a = p->a + row * p->a_stride;
    const float *b = (const float *)p->packed + column * p->inner;
    float sum[2][PANEL];
    for (int r = 0; r < rows; r++) {
        for (int u = 0; u < PANEL; u++) sum[r][u] = p->bias && u < width ? p->bias[column + u] : 0;
    }
    for (int64_t k = 0; k < p->inner; k++) {
        for (int r = 0; r < rows; r++) {
            const float x = a[r * p->a_stride + k];
            for (int u = 0; u < PANEL; u++) sum[r][u] += x * b[k * PANEL + u];
        }
    }
    for (int r = 0; r < rows; r++) {
        float *c = p->c + (row + r) * p->c_stride + column;
        for (int64_t u = 0; u < width; u++) c[u] = sum[r][u];
    }
}

MOTET_CLONES static void rows_anywhere(const motet_packed_product *p, int64_t begin, int64_t end) {
    for (int64_t column = 0; column < p->columns; column += PANEL) {
        int64_t row = begin;
        for (; row + 2 <= end; row += 2) tile_anywhere(2, p, row, column);
        if (row < end) tile_anywhere(1, p, row, column);
    }
}

// MARK: AVX-512

#ifdef MOTET_HAS_X86

typedef struct {
    __m512 low, high;
} pair;

TARGET_FLOAT32 MOTET_INLINE pair load(const float *x, int64_t width) {
    const __mmask16 low = width >= 16 ? 0xFFFF : (__mmask16)((1u << width) - 1);
    const __mmask16 high = width >= 32 ? 0xFFFF
        : width > 16                   ? (__mmask16)((1u << (width - 16)) - 1)
                                       : 0;
    return (pair){_mm512_maskz_loadu_ps(low, x), _mm512_maskz_loadu_ps(high, x + 16)};
}

TARGET_FLOAT32 MOTET_INLINE void store(float *y, pair x, int64_t width, int clips) {
    if (clips) {
        x.low = _mm512_max_ps(x.low, _mm512_setzero_ps());
        x.high = _mm512_max_ps(x.high, _mm512_setzero_ps());
    }
    if (width == PANEL) {
        _mm512_storeu_ps(y, x.low);
        _mm512_storeu_ps(y + 16, x.high);
        return;
    }
    const __mmask16 low = width >= 16 ? 0xFFFF : (__mmask16)((1u << width) - 1);
    _mm512_mask_storeu_ps(y, low, x.low);
    if (width > 16) _mm512_mask_storeu_ps(y + 16, (__mmask16)((1u << (width - 16)) - 1), x.high);
}

TARGET_FLOAT32 MOTET_INLINE void tile_float32(
    const int rows, const motet_packed_product *p, int64_t row, int64_t column) {
    const int64_t width = p->columns - column < PANEL ? p->columns - column : PANEL;
    const pair zero = {_mm512_setzero_ps(), _mm512_setzero_ps()};
    const pair start = p->bias ? load(p->bias + column, width) : zero;
    const float *a = p->a + row * p->a_stride;
    const float *b = (const float *)p->packed + column * p->inner;
    const int64_t stride = p->a_stride, inner = p->inner;
    pair sum[TILE];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sum[r] = start;
    for (int64_t k = 0; k < inner; k++) {
        const __m512 low = _mm512_loadu_ps(b + k * PANEL);
        const __m512 high = _mm512_loadu_ps(b + k * PANEL + 16);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            const __m512 x = _mm512_set1_ps(a[r * stride + k]);
            sum[r].low = _mm512_fmadd_ps(x, low, sum[r].low);
            sum[r].high = _mm512_fmadd_ps(x, high, sum[r].high);
        }
    }
    float *c = p->c + row * p->c_stride + column;
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
        store(c + r * p->c_stride, sum[r], width, p->activation == KIND_RELU);
    }
}

TARGET_BFLOAT16 MOTET_INLINE void tile_bfloat16(
    const int rows, const motet_packed_product *p, const uint32_t *a, int64_t stride, int64_t row,
    int64_t column) {
    const int64_t width = p->columns - column < PANEL ? p->columns - column : PANEL;
    const int64_t steps = (p->inner + 1) / 2;
    const pair zero = {_mm512_setzero_ps(), _mm512_setzero_ps()};
    const pair start = p->bias ? load(p->bias + column, width) : zero;
    const uint16_t *b = (const uint16_t *)p->packed + column * steps * 2;
    pair sum[TILE];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sum[r] = start;
    for (int64_t k = 0; k < steps; k++) {
        const __m512bh low = (__m512bh)_mm512_loadu_si512(b + k * PANEL * 2);
        const __m512bh high = (__m512bh)_mm512_loadu_si512(b + k * PANEL * 2 + 32);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            const __m512bh x = (__m512bh)_mm512_set1_epi32((int)a[r * stride + k]);
            sum[r].low = _mm512_dpbf16_ps(sum[r].low, x, low);
            sum[r].high = _mm512_dpbf16_ps(sum[r].high, x, high);
        }
    }
    float *c = p->c + row * p->c_stride + column;
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
        store(c + r * p->c_stride, sum[r], width, p->activation == KIND_RELU);
    }
}

// The rows in bfloat16, each filled up with zeros to a multiple of 32.
TARGET_BFLOAT16 static void convert(
    const motet_packed_product *p, int64_t begin, int64_t end, uint32_t *out, int64_t stride) {
    for (int64_t row = begin; row < end; row++) {
        const float *x = p->a + row * p->a_stride;
        uint32_t *y = out + (row - begin) * stride;
        int64_t k = 0;
        for (; k + PANEL <= p->inner; k += PANEL) {
            const __m512bh both =
                _mm512_cvtne2ps_pbh(_mm512_loadu_ps(x + k + 16), _mm512_loadu_ps(x + k));
            _mm512_storeu_si512(y + k / 2, (__m512i)both);
        }
        if (k < p->inner) {
            const pair rest = load(x + k, p->inner - k);
            _mm512_storeu_si512(y + k / 2, (__m512i)_mm512_cvtne2ps_pbh(rest.high, rest.low));
        }
    }
}

#define EACH_TILE(CALL) \
    for (int64_t column = 0; column < p->columns; column += PANEL) { \
        for (int64_t row = begin; row < end; row += TILE) { \
            const int64_t left = end - row; \
            switch (left < TILE ? left : TILE) { \
                case 1: CALL(1) case 2: CALL(2) case 3: CALL(3) case 4: CALL(4) \
                case 5: CALL(5) case 6: CALL(6) case 7: CALL(7) case 8: CALL(8) \
                case 9: CALL(9) case 10: CALL(10) case 11: CALL(11) default: CALL(12) \
            } \
        } \
    }

TARGET_FLOAT32 static void rows_float32(const motet_packed_product *p, int64_t begin, int64_t end) {
#define CALL(ROWS) tile_float32(ROWS, p, row, column); break;
    EACH_TILE(CALL)
#undef CALL
}

TARGET_BFLOAT16 static void rows_bfloat16(
    const motet_packed_product *p, int64_t begin, int64_t end) {
    const int64_t stride = (p->inner + PANEL - 1) / PANEL * (PANEL / 2);
    uint32_t a[(end - begin) * stride];
    convert(p, begin, end, a, stride);
#define CALL(ROWS) \
    tile_bfloat16(ROWS, p, a + (row - begin) * stride, stride, row, column); \
    break;
    EACH_TILE(CALL)
#undef CALL
}

#endif

// MARK: Dispatch

int motet_has_bfloat16_products(void) {
#ifdef MOTET_HAS_X86
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512bf16");
#else
    return 0;
#endif
}

static int has_avx512(void) {
#ifdef MOTET_HAS_X86
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#else
    return 0;
#endif
}

#define ROWS(KIND) \
    for (int64_t r = begin; r < end; r++) { \
        float *y = p->c + r * p->c_stride; \
        for (int64_t u = 0; u < p->columns; u++) y[u] = activate(KIND, p->slope, y[u]); \
    } \
    break;

MOTET_CLONES static void activate_rows(const motet_packed_product *p, int64_t begin, int64_t end) {
    switch (p->activation) {
        case KIND_RELU: ROWS(KIND_RELU)
        case KIND_LEAKY_RELU: ROWS(KIND_LEAKY_RELU)
        case KIND_SIGMOID: ROWS(KIND_SIGMOID)
        case KIND_TANH: ROWS(KIND_TANH)
        case KIND_SOFTPLUS: ROWS(KIND_SOFTPLUS)
        case KIND_GELU: ROWS(KIND_GELU)
        case KIND_SWISH: ROWS(KIND_SWISH)
        default: break;
    }
}

static void rows_of(const motet_packed_product *p, int64_t begin, int64_t end) {
    int is_clipped = 0;
#ifdef MOTET_HAS_X86
    if (p->bfloat16) {
        rows_bfloat16(p, begin, end);
        is_clipped = p->activation == KIND_RELU;
    } else if (has_avx512()) {
        rows_float32(p, begin, end);
        is_clipped = p->activation == KIND_RELU;
    } else
#endif
    {
        rows_anywhere(p, begin, end);
    }
    if (!is_clipped) activate_rows(p, begin, end);
}

typedef struct {
    const motet_packed_product *products;
    int64_t count;
} job;

static void run_chunks(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    for (int64_t chunk = begin; chunk < end; chunk++) {
        int64_t place = chunk;
        for (int64_t index = 0; index < j->count; index++) {
            const motet_packed_product *p = j->products + index;
            const int64_t chunks = (p->rows + CHUNK - 1) / CHUNK;
            if (place < chunks) {
                const int64_t first = place * CHUNK;
                rows_of(p, first, first + CHUNK < p->rows ? first + CHUNK : p->rows);
                break;
            }
            place -= chunks;
        }
    }
}

void motet_packed_products(const motet_packed_product *products, int64_t count) {
    int64_t chunks = 0, work = 0;
    for (int64_t index = 0; index < count; index++) {
        chunks += (products[index].rows + CHUNK - 1) / CHUNK;
        work += products[index].rows * products[index].columns * products[index].inner;
    }
    job j = {products, count};
    // Less than this is done before other threads have woken up.
    if (work < 200000) {
        run_chunks(&j, 0, chunks);
    } else {
        motet_parallel_items(chunks, run_chunks, &j);
    }
}
