"""Cases of scaled dot-product attention, with masks, causal, and of several heads."""

import numpy as np
import torch
import torch.nn.functional as F


def split_heads(x, heads):
    """`[B, T, H d]` to `[B, H, T, d]`."""
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def attend(heads, is_causal):
    """PyTorch's attention; rows without a valid key are made zeros, where PyTorch has NaN."""

    def function(queries, keys, values, mask=None):
        allowed = torch.ones(queries.shape[1], keys.shape[1], dtype=torch.bool)
        if is_causal:
            allowed = allowed.tril()
        allowed = allowed[None, None]
        if mask is not None:
            allowed = allowed & (mask != 0)[:, None, None, :]
        allowed = allowed.expand(queries.shape[0], heads, -1, -1)
        is_seeing = allowed.any(-1, keepdim=True)
        output = F.scaled_dot_product_attention(
            *(split_heads(x, heads) for x in (queries, keys, values)),
            attn_mask=allowed | ~is_seeing,
        )
        output = torch.where(is_seeing, output, 0.0)
        return output.transpose(1, 2).flatten(2)

    return function


def record_all(recorder):
    """Records every case of this file."""
    for name, heads, width, queries, keys, is_causal, has_mask in [
        ("attention_one_head", 1, 4, 3, 3, False, False),
        ("attention_three_heads", 3, 4, 5, 5, False, False),
        ("attention_other_length", 2, 3, 4, 7, False, False),
        ("attention_masked", 2, 4, 5, 6, False, True),
        ("attention_causal", 2, 4, 5, 5, True, False),
        ("attention_causal_masked_other_length", 2, 2, 4, 6, True, True),
    ]:
        inputs = {
            "queries": recorder.normal(3, queries, heads * width),
            "keys": recorder.normal(3, keys, heads * width),
            "values": recorder.normal(3, keys, heads * width),
        }
        if has_mask:
            mask = (recorder.random.random((3, keys)) < 0.6).astype(np.float32)
            mask[1] = 0  # a row without a valid key
            inputs["mask"] = mask
        recorder.record(
            name,
            "attention",
            inputs,
            attend(heads, is_causal),
            {"heads": heads, "is_causal": is_causal, "has_mask": has_mask},
            constants=("mask",),
        )
