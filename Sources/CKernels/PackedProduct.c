// Products with weights that never change: the weights are laid out once in panels of 32 columns.
//
// Every element of a result is one chain of sums over the inner axis in its order, whatever the number of rows,
// of threads, and the place of the row: a row has the same bits alone and among others. With tiles of bfloat16 it is
// two chains for each 32 of the inner axis, of the even and of the odd ones, which are then added to the sum before.
#include "ActivationFunctions.h"
#include "PackedKernels.h"

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <immintrin.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>
#define MOTET_HAS_X86 1
#define TARGET_FLOAT32 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#define TARGET_BFLOAT16 \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma")))
#define TARGET_TILES \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma,amx-tile,amx-bf16")))
#endif

enum { PANEL = 32, TILE = 12, CHUNK = 24, TILES_CHUNK = 32 };
// What `bfloat16` of a product is where tiles may be used.
enum { TILES_OR_VECTORS = 1 };

static int64_t panels(int64_t columns) { return (columns + PANEL - 1) / PANEL; }

// The inner axis as it is laid out: of bfloat16 filled up with zeros to what a tile holds.
static int64_t laid_out(int64_t inner, int32_t bfloat16) {
    return bfloat16 ? (inner + PANEL - 1) / PANEL * PANEL : inner;
}

// MARK: Layout

int64_t motet_packed_bytes(int64_t inner, int64_t columns, int32_t bfloat16) {
    const int64_t rows = laid_out(inner, bfloat16);
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
    const int64_t rows = laid_out(inner, bfloat16);
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
    const int64_t steps = (p->inner + 1) / 2, rows_of_b = laid_out(p->inner, 1);
    const pair zero = {_mm512_setzero_ps(), _mm512_setzero_ps()};
    const pair start = p->bias ? load(p->bias + column, width) : zero;
    const uint16_t *b = (const uint16_t *)p->packed + column * rows_of_b;
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

// MARK: Tiles of bfloat16

// How the eight tile registers are divided, as `LDTILECFG` reads it.
typedef struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t bytes_of_row[16];
    uint8_t rows[16];
} tile_layout;

// Registers 0 to 3 hold sums, 4 and 5 rows of `a`, 6 and 7 columns of `b`; 0, 1 and 4 are of the first 16 rows.
TARGET_TILES static void lay_out_tiles(int64_t rows) {
    tile_layout layout;
    memset(&layout, 0, sizeof layout);
    layout.palette = 1;
    const int64_t first = rows < 16 ? rows : 16, second = rows > 16 ? rows - 16 : 1;
    for (int tile = 0; tile < 8; tile++) {
        layout.bytes_of_row[tile] = 64;
        layout.rows[tile] = tile >= 6 ? 16
            : tile == 0 || tile == 1 || tile == 4 ? (uint8_t)first
                                                  : (uint8_t)second;
    }
    _tile_loadconfig(&layout);
}

TARGET_TILES static void rows_tiles(const motet_packed_product *p, int64_t begin, int64_t end) {
    const int64_t rows = end - begin, inner = laid_out(p->inner, 1), stride = inner / 2;
    uint32_t a[rows * stride];
    float sums[TILES_CHUNK * PANEL] __attribute__((aligned(64)));
    convert(p, begin, end, a, stride);
    lay_out_tiles(rows);
    const int64_t a_bytes = stride * 4, b_bytes = PANEL * 4, sum_bytes = PANEL * 4;
    for (int64_t column = 0; column < p->columns; column += PANEL) {
        const char *b = (const char *)p->packed + column * inner * 2;
        _tile_zero(0);
        _tile_zero(1);
        if (rows > 16) {
            _tile_zero(2);
            _tile_zero(3);
            for (int64_t k = 0; k < stride; k += 16) {
                _tile_loadd(4, a + k, a_bytes);
                _tile_loadd(6, b + k * b_bytes, b_bytes);
                _tile_loadd(7, b + k * b_bytes + 64, b_bytes);
                _tile_loadd(5, a + 16 * stride + k, a_bytes);
                _tile_dpbf16ps(0, 4, 6);
                _tile_dpbf16ps(1, 4, 7);
                _tile_dpbf16ps(2, 5, 6);
                _tile_dpbf16ps(3, 5, 7);
            }
            _tile_stored(2, sums + 16 * PANEL, sum_bytes);
            _tile_stored(3, sums + 16 * PANEL + 16, sum_bytes);
        } else {
            for (int64_t k = 0; k < stride; k += 16) {
                _tile_loadd(4, a + k, a_bytes);
                _tile_loadd(6, b + k * b_bytes, b_bytes);
                _tile_loadd(7, b + k * b_bytes + 64, b_bytes);
                _tile_dpbf16ps(0, 4, 6);
                _tile_dpbf16ps(1, 4, 7);
            }
        }
        _tile_stored(0, sums, sum_bytes);
        _tile_stored(1, sums + 16, sum_bytes);
        const int64_t width = p->columns - column < PANEL ? p->columns - column : PANEL;
        const pair zero = {_mm512_setzero_ps(), _mm512_setzero_ps()};
        const pair bias = p->bias ? load(p->bias + column, width) : zero;
        for (int64_t r = 0; r < rows; r++) {
            pair sum = {_mm512_load_ps(sums + r * PANEL), _mm512_load_ps(sums + r * PANEL + 16)};
            sum.low = _mm512_add_ps(sum.low, bias.low);
            sum.high = _mm512_add_ps(sum.high, bias.high);
            store(
                p->c + (begin + r) * p->c_stride + column, sum, width,
                p->activation == KIND_RELU);
        }
    }
    _tile_release();
}

static int tiles_allowed;

// The system saves and restores tiles for programs that asked for them.
static void ask_for_tiles(void) {
    enum { REQUEST = 0x1023, TILE_DATA = 18, TILE = 1 << 24, TILE_BFLOAT16 = 1 << 22 };
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return;
    if (!(d & TILE) || !(d & TILE_BFLOAT16)) return;
    tiles_allowed = syscall(SYS_arch_prctl, REQUEST, TILE_DATA) == 0;
}

#endif

static int has_tiles(void) {
#ifdef MOTET_HAS_X86
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, ask_for_tiles);
    return tiles_allowed;
#else
    return 0;
#endif
}

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
    if (p->bfloat16 == TILES_OR_VECTORS && has_tiles()) {
        rows_tiles(p, begin, end);
        is_clipped = p->activation == KIND_RELU;
    } else if (p->bfloat16) {
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

// The rows that a thread takes at once: what stays in registers while the weights go by.
static int64_t chunk_rows(const motet_packed_product *p) {
    return p->bfloat16 == TILES_OR_VECTORS && has_tiles() ? TILES_CHUNK : CHUNK;
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
            const int64_t size = chunk_rows(p), chunks = (p->rows + size - 1) / size;
            if (place < chunks) {
                const int64_t first = place * size;
                rows_of(p, first, first + size < p->rows ? first + size : p->rows);
                break;
            }
            place -= chunks;
        }
    }
}

void motet_packed_products(const motet_packed_product *products, int64_t count) {
    int64_t chunks = 0, work = 0;
    for (int64_t index = 0; index < count; index++) {
        const int64_t size = chunk_rows(products + index);
        chunks += (products[index].rows + size - 1) / size;
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
