"""Cases of whole layers: multi-head attention and encoder blocks, by torch.nn modules."""

import numpy as np
import torch
from torch import nn

WIDTH, HEADS, HIDDEN = 8, 2, 12


def attention_names(prefix, module):
    """Our parameters of a multi-head attention, as (name, its tensor, a view in our layout)."""
    return [
        (prefix + "projection/weight", module.in_proj_weight, lambda w: w.T),
        (prefix + "projection/bias", module.in_proj_bias, lambda b: b),
        (prefix + "output/weight", module.out_proj.weight, lambda w: w.T),
        (prefix + "output/bias", module.out_proj.bias, lambda b: b),
    ]


def cross_names(module):
    """Our parameters of attention to another sequence: queries apart from keys and values."""
    weight, bias = module.in_proj_weight, module.in_proj_bias
    return [
        ("query/weight", weight, lambda w: w[:WIDTH].T),
        ("query/bias", bias, lambda b: b[:WIDTH]),
        ("key_value/weight", weight, lambda w: w[WIDTH:].T),
        ("key_value/bias", bias, lambda b: b[WIDTH:]),
        ("output/weight", module.out_proj.weight, lambda w: w.T),
        ("output/bias", module.out_proj.bias, lambda b: b),
    ]


def block_names(block):
    """Our parameters of an encoder block."""
    return attention_names("attention/", block.self_attn) + [
        ("attention_normalization/scale", block.norm1.weight, lambda w: w),
        ("attention_normalization/shift", block.norm1.bias, lambda b: b),
        ("hidden/weight", block.linear1.weight, lambda w: w.T),
        ("hidden/bias", block.linear1.bias, lambda b: b),
        ("output/weight", block.linear2.weight, lambda w: w.T),
        ("output/bias", block.linear2.bias, lambda b: b),
        ("output_normalization/scale", block.norm2.weight, lambda w: w),
        ("output_normalization/shift", block.norm2.bias, lambda b: b),
    ]


def prepare(recorder, module):
    """Draws parameters, exactly representable in float32."""
    module.double()
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            drawn = recorder.normal(*parameter.shape, scale=0.4)
            if "norm" in name and name.endswith("weight"):
                drawn = drawn + np.float32(1)
            parameter.copy_(torch.tensor(drawn, dtype=torch.float64))


def record(recorder, name, attributes, names, inputs, mask, function):
    """Runs a layer and stores parameters, inputs, result and gradients."""
    golden = recorder.golden
    golden.case(name, attributes)
    tensors = {
        key: torch.tensor(array, dtype=torch.float64, requires_grad=True)
        for key, array in inputs.items()
    }
    output = function(*tensors.values())
    cotangent = recorder.normal(*output.shape)
    (output * torch.tensor(cotangent, dtype=torch.float64)).sum().backward()
    for key, tensor in tensors.items():
        golden.add(f"{name}/inputs/{key}", inputs[key])
        golden.add(f"{name}/gradients/{key}", tensor.grad.numpy())
    golden.add(f"{name}/inputs/mask", mask)
    for ours, parameter, layout in names:
        golden.add(f"{name}/parameters/{ours}", layout(parameter.detach()).numpy())
        golden.add(f"{name}/gradients/{ours}", layout(parameter.grad).numpy())
    golden.add(f"{name}/output", output.detach().numpy())
    golden.add(f"{name}/cotangent", cotangent)


def lengths_mask(*lengths, time):
    """Ones for the first positions of each row."""
    return (np.arange(time)[None] < np.array(lengths)[:, None]).astype(np.float32)


def record_all(recorder):
    """Records every case of this file."""
    for name, is_causal in [("self_attention", False), ("causal_attention", True)]:
        module = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
        prepare(recorder, module)
        x, mask = recorder.normal(3, 5, WIDTH), lengths_mask(5, 2, 4, time=5)
        padding = torch.tensor(mask == 0)
        causal = torch.ones(5, 5, dtype=torch.bool).triu(1) if is_causal else None

        def attend(x, module=module, padding=padding, causal=causal):
            return module(x, x, x, key_padding_mask=padding, attn_mask=causal)[0]

        record(
            recorder, name, {"layer": "attention", "is_causal": is_causal},
            attention_names("", module), {"x": x}, mask, attend,
        )
    module = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
    prepare(recorder, module)
    x, memory = recorder.normal(3, 4, WIDTH), recorder.normal(3, 6, WIDTH)
    mask = lengths_mask(6, 1, 3, time=6)
    record(
        recorder, "cross_attention", {"layer": "cross_attention"}, cross_names(module),
        {"x": x, "memory": memory}, mask,
        lambda x, memory: module(x, memory, memory, key_padding_mask=torch.tensor(mask == 0))[0],
    )
    for name, norm_first, activation in [
        ("block_post", False, "gelu"), ("block_pre", True, "gelu"), ("block_relu", False, "relu"),
    ]:
        block = nn.TransformerEncoderLayer(
            WIDTH, HEADS, HIDDEN, dropout=0.0, activation=activation, layer_norm_eps=1e-12,
            batch_first=True, norm_first=norm_first,
        )
        prepare(recorder, block)
        x, mask = recorder.normal(3, 5, WIDTH), lengths_mask(5, 1, 3, time=5)
        record(
            recorder, name,
            {"layer": "block", "norm_first": norm_first, "activation": activation},
            block_names(block), {"x": x}, mask,
            lambda x, block=block, mask=mask: block(
                x, src_key_padding_mask=torch.tensor(mask == 0)
            ),
        )
