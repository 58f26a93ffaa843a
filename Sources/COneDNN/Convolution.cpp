#include "COneDNNConvolution.h"

#include <cstdio>
#include <exception>

#include "Engine.h"

namespace {

using dnnl::memory;
using tag = memory::format_tag;
using motet::cpu;

constexpr size_t alignment = 64;

// What one convolution is about, in oneDNN's words.
struct Geometry {
    memory::dims strides, dilations, before, after;
    // Layouts the primitive is asked for, and those our memory has.
    memory::desc x, w, bias, y;
    memory::desc plain_x, plain_w, plain_y;
    dnnl::algorithm algorithm;

    explicit Geometry(const motet_convolution_shape &s) {
        strides = {s.stride_height, s.stride_width};
        dilations = {s.dilation_height - 1, s.dilation_width - 1};
        before = {s.top, s.left};
        after = {s.bottom, s.right};
        const memory::dims input = {s.batch, s.input_channels, s.input_height, s.input_width};
        const memory::dims output = {s.batch, s.output_channels, s.output_height, s.output_width};
        const auto f32 = memory::data_type::f32;
        const memory::dims weights = s.groups == 1
            ? memory::dims {s.output_channels, s.input_channels, s.kernel_height, s.kernel_width}
            : memory::dims {s.groups, s.output_channels / s.groups, s.input_channels / s.groups,
                  s.kernel_height, s.kernel_width};
        const tag images = s.way == MOTET_CONVOLUTION_PLAIN ? tag::nhwc : tag::any;
        x = memory::desc(input, f32, images);
        y = memory::desc(output, f32, images);
        w = memory::desc(weights, f32, tag::any);
        bias = memory::desc({s.output_channels}, f32, tag::x);
        plain_x = memory::desc(input, f32, tag::nhwc);
        plain_y = memory::desc(output, f32, tag::nhwc);
        plain_w = memory::desc(weights, f32, s.groups == 1 ? tag::hwio : tag::hwigo);
        algorithm = s.way == MOTET_CONVOLUTION_WINOGRAD ? dnnl::algorithm::convolution_winograd
                                                        : dnnl::algorithm::convolution_direct;
    }
};

// Scratch is given at each run, so that all convolutions of a program share it.
dnnl::primitive_attr attributes() {
    dnnl::primitive_attr made;
    made.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    return made;
}

dnnl::convolution_forward::primitive_desc forward(
    const Geometry &g, bool has_bias, const dnnl::primitive_attr &a) {
    const auto kind = dnnl::prop_kind::forward_training;
#if DNNL_VERSION_MAJOR >= 3
    return has_bias
        ? dnnl::convolution_forward::primitive_desc(cpu(), kind, g.algorithm, g.x, g.w, g.bias, g.y,
            g.strides, g.dilations, g.before, g.after, a)
        : dnnl::convolution_forward::primitive_desc(cpu(), kind, g.algorithm, g.x, g.w, g.y,
            g.strides, g.dilations, g.before, g.after, a);
#else
    const auto description = has_bias
        ? dnnl::convolution_forward::desc(kind, g.algorithm, g.x, g.w, g.bias, g.y, g.strides,
            g.dilations, g.before, g.after)
        : dnnl::convolution_forward::desc(
            kind, g.algorithm, g.x, g.w, g.y, g.strides, g.dilations, g.before, g.after);
    return dnnl::convolution_forward::primitive_desc(description, a, cpu());
#endif
}

dnnl::convolution_backward_data::primitive_desc input_gradient(const Geometry &g) {
    const auto hint = forward(g, false, dnnl::primitive_attr());
#if DNNL_VERSION_MAJOR >= 3
    return dnnl::convolution_backward_data::primitive_desc(cpu(), g.algorithm, g.x, g.w, g.y,
        g.strides, g.dilations, g.before, g.after, hint, attributes());
#else
    return dnnl::convolution_backward_data::primitive_desc(
        dnnl::convolution_backward_data::desc(
            g.algorithm, g.x, g.w, g.y, g.strides, g.dilations, g.before, g.after),
        attributes(), cpu(), hint);
#endif
}

dnnl::convolution_backward_weights::primitive_desc weight_gradient(
    const Geometry &g, bool has_bias) {
    const auto hint = forward(g, has_bias, dnnl::primitive_attr());
#if DNNL_VERSION_MAJOR >= 3
    return has_bias
        ? dnnl::convolution_backward_weights::primitive_desc(cpu(), g.algorithm, g.x, g.w, g.bias,
            g.y, g.strides, g.dilations, g.before, g.after, hint, attributes())
        : dnnl::convolution_backward_weights::primitive_desc(cpu(), g.algorithm, g.x, g.w, g.y,
            g.strides, g.dilations, g.before, g.after, hint, attributes());
#else
    const auto description = has_bias
        ? dnnl::convolution_backward_weights::desc(g.algorithm, g.x, g.w, g.bias, g.y, g.strides,
            g.dilations, g.before, g.after)
        : dnnl::convolution_backward_weights::desc(
            g.algorithm, g.x, g.w, g.y, g.strides, g.dilations, g.before, g.after);
    return dnnl::convolution_backward_weights::primitive_desc(
        description, attributes(), cpu(), hint);
#endif
}

// An argument of the primitive: memory of ours, and where its layout is another, a copy in scratch
// with the primitive that makes one from the other.
struct Operand {
    int argument = 0;
    memory outside, inside;
    dnnl::reorder reorder;
    bool reorders = false;
    size_t offset = 0;

    void set(const void *address) {
        dnnl_memory_set_data_handle(outside.get(), const_cast<void *>(address));
    }
    dnnl_memory_t memory_of_primitive() const { return reorders ? inside.get() : outside.get(); }
};

dnnl_status_t run_reorder(const Operand &operand, const dnnl::stream &stream, bool inwards) {
    const dnnl_exec_arg_t arguments[] = {
        {DNNL_ARG_FROM, inwards ? operand.outside.get() : operand.inside.get()},
        {DNNL_ARG_TO, inwards ? operand.inside.get() : operand.outside.get()},
    };
    return dnnl_primitive_execute(operand.reorder.get(), stream.get(), 2, arguments);
}

}  // namespace

struct motet_convolution {
    dnnl::stream stream;
    dnnl::primitive primitive;
    Operand first, second, bias, result;
    bool has_bias = false;
    memory workspace;
    size_t workspace_offset = 0;
    size_t scratch_bytes = 0;
    void *scratch = nullptr;

    size_t reserve(size_t bytes) {
        const size_t offset = scratch_bytes;
        scratch_bytes += (bytes + alignment - 1) / alignment * alignment;
        return offset;
    }

    void bind(Operand &operand, int argument, const memory::desc &outside,
        const memory::desc &inside, bool is_result) {
        operand.argument = argument;
        operand.outside = memory(outside, cpu(), nullptr);
        operand.reorders = outside != inside;
        if (!operand.reorders) return;
        operand.inside = memory(inside, cpu(), nullptr);
        operand.offset = reserve(inside.get_size());
        operand.reorder = is_result ? dnnl::reorder(operand.inside, operand.outside)
                                    : dnnl::reorder(operand.outside, operand.inside);
    }

    void bind_bias(int argument, const memory::desc &description) {
        has_bias = true;
        bind(bias, argument, description, description, false);
    }

    void bind_workspace(const memory::desc &description) {
        workspace = memory(description, cpu(), nullptr);
        workspace_offset = reserve(description.get_size());
    }

    // Setting the address of a blocked memory may write its padding, so it is done only when it moves.
    void move_scratch(void *address) {
        if (address == scratch) return;
        scratch = address;
        char *start = static_cast<char *>(address);
        for (Operand *operand : {&first, &second, &result}) {
            if (operand->reorders)
                dnnl_memory_set_data_handle(operand->inside.get(), start + operand->offset);
        }
        dnnl_memory_set_data_handle(workspace.get(), start + workspace_offset);
    }
};

namespace {

void describe(motet_convolution &made, const motet_convolution_shape &s) {
    const Geometry g(s);
    switch (s.kind) {
        case MOTET_CONVOLUTION_FORWARD: {
            dnnl::post_ops operations;
            motet::append_activation(operations, s.activation, s.slope);
            auto fused = attributes();
            fused.set_post_ops(operations);
            const auto description = forward(g, s.has_bias != 0, fused);
            made.primitive = dnnl::convolution_forward(description);
            made.bind(made.first, DNNL_ARG_SRC, g.plain_x, description.src_desc(), false);
            made.bind(made.second, DNNL_ARG_WEIGHTS, g.plain_w, description.weights_desc(), false);
            made.bind(made.result, DNNL_ARG_DST, g.plain_y, description.dst_desc(), true);
            if (s.has_bias) made.bind_bias(DNNL_ARG_BIAS, g.bias);
            made.bind_workspace(description.scratchpad_desc());
            return;
        }
        case MOTET_CONVOLUTION_INPUT_GRADIENT: {
            const auto description = input_gradient(g);
            made.primitive = dnnl::convolution_backward_data(description);
            made.bind(
                made.first, DNNL_ARG_DIFF_DST, g.plain_y, description.diff_dst_desc(), false);
            made.bind(made.second, DNNL_ARG_WEIGHTS, g.plain_w, description.weights_desc(), false);
            made.bind(
                made.result, DNNL_ARG_DIFF_SRC, g.plain_x, description.diff_src_desc(), true);
            made.bind_workspace(description.scratchpad_desc());
            return;
        }
        default: {
            const auto description = weight_gradient(g, s.has_bias != 0);
            made.primitive = dnnl::convolution_backward_weights(description);
            made.bind(made.first, DNNL_ARG_SRC, g.plain_x, description.src_desc(), false);
            made.bind(
                made.second, DNNL_ARG_DIFF_DST, g.plain_y, description.diff_dst_desc(), false);
            made.bind(made.result, DNNL_ARG_DIFF_WEIGHTS, g.plain_w,
                description.diff_weights_desc(), true);
            if (s.has_bias) made.bind_bias(DNNL_ARG_DIFF_BIAS, g.bias);
            made.bind_workspace(description.scratchpad_desc());
        }
    }
}

}  // namespace

extern "C" int motet_convolution_create(const motet_convolution_shape *shape,
    motet_convolution **result, char *error, size_t error_size) {
    auto *made = new motet_convolution;
    try {
        made->stream = dnnl::stream(cpu());
        describe(*made, *shape);
        *result = made;
        return 0;
    } catch (const std::exception &failure) {
        delete made;
        const motet_convolution_shape &s = *shape;
        std::snprintf(error, error_size,
            "oneDNN has no convolution of [%lld, %lld, %lld, %lld] with a kernel of %lld x %lld: %s",
            (long long)s.batch, (long long)s.input_height, (long long)s.input_width,
            (long long)s.input_channels, (long long)s.kernel_height, (long long)s.kernel_width,
            failure.what());
        return 1;
    }
}

extern "C" size_t motet_convolution_scratch_bytes(const motet_convolution *convolution) {
    return convolution->scratch_bytes;
}

extern "C" int motet_convolution_run(motet_convolution *c, const float *first,
    const float *second, float *bias, float *result, void *scratch) {
    c->move_scratch(scratch);
    c->first.set(first);
    c->second.set(second);
    c->result.set(result);
    for (const Operand *operand : {&c->first, &c->second}) {
        if (operand->reorders && run_reorder(*operand, c->stream, true) != dnnl_success) return 1;
    }
    dnnl_exec_arg_t arguments[5] = {
        {c->first.argument, c->first.memory_of_primitive()},
        {c->second.argument, c->second.memory_of_primitive()},
        {c->result.argument, c->result.memory_of_primitive()},
        {DNNL_ARG_SCRATCHPAD, c->workspace.get()},
        {c->bias.argument, nullptr},
    };
    int count = 4;
    if (c->has_bias) {
        c->bias.set(bias);
        arguments[count++].memory = c->bias.outside.get();
    }
    if (dnnl_primitive_execute(c->primitive.get(), c->stream.get(), count, arguments)
        != dnnl_success)
        return 1;
    if (c->result.reorders && run_reorder(c->result, c->stream, false) != dnnl_success) return 1;
    return 0;
}

extern "C" void motet_convolution_destroy(motet_convolution *convolution) { delete convolution; }
