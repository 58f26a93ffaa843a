#include "COneDNN.h"

#include <cstdio>
#include <exception>

#include "Engine.h"

namespace {

using motet::append_activation;
using motet::cpu;

dnnl::memory::desc matrix(int64_t rows, int64_t columns, int64_t leading, bool transposed) {
    const dnnl::memory::dims sizes = {rows, columns};
    const dnnl::memory::dims strides =
        transposed ? dnnl::memory::dims {1, leading} : dnnl::memory::dims {leading, 1};
    return dnnl::memory::desc(sizes, dnnl::memory::data_type::f32, strides);
}

dnnl::matmul::primitive_desc describe(const motet_matmul_shape &s,
    const dnnl::memory::desc &a, const dnnl::memory::desc &b, const dnnl::memory::desc &bias,
    const dnnl::memory::desc &c) {
    dnnl::post_ops operations;
    if (s.accumulates) operations.append_sum(1.0f);
    append_activation(operations, s.activation, s.slope);
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(operations);
#if DNNL_VERSION_MAJOR >= 3
    return s.has_bias ? dnnl::matmul::primitive_desc(cpu(), a, b, bias, c, attributes)
                      : dnnl::matmul::primitive_desc(cpu(), a, b, c, attributes);
#else
    return s.has_bias
        ? dnnl::matmul::primitive_desc(dnnl::matmul::desc(a, b, bias, c), attributes, cpu())
        : dnnl::matmul::primitive_desc(dnnl::matmul::desc(a, b, c), attributes, cpu());
#endif
}

}  // namespace

struct motet_matmul {
    dnnl::stream stream;
    dnnl::matmul primitive;
    dnnl::memory a, b, bias, c;
    // B in oneDNN's own layout, and the primitive that brings it there.
    dnnl::memory packed;
    dnnl::reorder reorder;
    bool packs = false;
    bool has_bias = false;
};

extern "C" int motet_matmul_create(
    const motet_matmul_shape *shape, motet_matmul **result, char *error, size_t error_size) {
    try {
        const motet_matmul_shape &s = *shape;
        const auto a = matrix(s.m, s.k, s.lda, s.transpose_a != 0);
        const auto b = matrix(s.k, s.n, s.ldb, s.transpose_b != 0);
        const auto c = matrix(s.m, s.n, s.ldc, false);
        const auto bias = matrix(1, s.n, s.n, false);
        const auto wanted = s.packs_b
            ? dnnl::memory::desc({s.k, s.n}, dnnl::memory::data_type::f32,
                dnnl::memory::format_tag::any)
            : b;
        const auto description = describe(s, a, wanted, bias, c);
        auto *made = new motet_matmul;
        made->stream = dnnl::stream(cpu());
        made->primitive = dnnl::matmul(description);
        made->a = dnnl::memory(a, cpu(), nullptr);
        made->b = dnnl::memory(b, cpu(), nullptr);
        made->c = dnnl::memory(c, cpu(), nullptr);
        made->has_bias = s.has_bias != 0;
        if (made->has_bias) made->bias = dnnl::memory(bias, cpu(), nullptr);
        made->packs = s.packs_b && description.weights_desc() != b;
        if (made->packs) {
            made->packed = dnnl::memory(description.weights_desc(), cpu());
            made->reorder = dnnl::reorder(made->b, made->packed);
        }
        *result = made;
        return 0;
    } catch (const std::exception &failure) {
        std::snprintf(error, error_size, "oneDNN has no matrix product for [%lld x %lld x %lld]: %s",
            (long long)shape->m, (long long)shape->k, (long long)shape->n, failure.what());
        return 1;
    }
}

extern "C" int motet_matmul_run(
    motet_matmul *matmul, const float *a, const float *b, const float *bias, float *c) {
    // The C entry points take arguments in an array; the C++ ones would build a map at each run.
    dnnl_memory_set_data_handle(matmul->a.get(), const_cast<float *>(a));
    dnnl_memory_set_data_handle(matmul->b.get(), const_cast<float *>(b));
    dnnl_memory_set_data_handle(matmul->c.get(), c);
    if (matmul->packs) {
        const dnnl_exec_arg_t arguments[] = {
            {DNNL_ARG_FROM, matmul->b.get()}, {DNNL_ARG_TO, matmul->packed.get()}};
        const auto status =
            dnnl_primitive_execute(matmul->reorder.get(), matmul->stream.get(), 2, arguments);
        if (status != dnnl_success) return 1;
    }
    dnnl_exec_arg_t arguments[4] = {
        {DNNL_ARG_SRC, matmul->a.get()},
        {DNNL_ARG_WEIGHTS, matmul->packs ? matmul->packed.get() : matmul->b.get()},
        {DNNL_ARG_DST, matmul->c.get()},
        {DNNL_ARG_BIAS, nullptr},
    };
    int count = 3;
    if (matmul->has_bias) {
        dnnl_memory_set_data_handle(matmul->bias.get(), const_cast<float *>(bias));
        arguments[3].memory = matmul->bias.get();
        count = 4;
    }
    return dnnl_primitive_execute(
               matmul->primitive.get(), matmul->stream.get(), count, arguments)
            == dnnl_success
        ? 0
        : 1;
}

extern "C" void motet_matmul_destroy(motet_matmul *matmul) { delete matmul; }

extern "C" int motet_sgemm(
    const motet_matmul_shape *s, const float *a, const float *b, float *c) {
    return dnnl_sgemm(s->transpose_a ? 'T' : 'N', s->transpose_b ? 'T' : 'N', s->m, s->n, s->k,
               1.0f, a, s->lda, b, s->ldb, s->accumulates ? 1.0f : 0.0f, c, s->ldc)
            == dnnl_success
        ? 0
        : 1;
}

extern "C" int motet_product_of_rows(
    int64_t m, int64_t n, int64_t k, const float *a, const float *b, float *c) {
    return dnnl_sgemm('N', 'N', m, n, k, 1.0f, a, k, b, n, 0.0f, c, n) == dnnl_success ? 0 : 1;
}

extern "C" void motet_strided_product(
    int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float *a,
    int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc) {
    // Sizes were checked when the graph was; with valid ones dnnl_sgemm has no way to fail.
    dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, alpha, a, lda, b, ldb,
        beta, c, ldc);
}

extern "C" void motet_onednn_version(char *text, size_t size) {
    const dnnl_version_t *version = dnnl_version();
    std::snprintf(text, size, "%d.%d.%d", version->major, version->minor, version->patch);
}
