"""A BERT-style sentence encoder written from its papers in plain PyTorch, over the names of checkpoints.

Devlin et al., "BERT", NAACL 2019 (blocks that normalise after the residual, exact GELU); Reimers and Gurevych,
"Sentence-BERT", EMNLP 2019 (mean over the real positions, then length 1).
"""

import torch
import torch.nn.functional as F


def linear(weights, name, x):
    """A dense layer; checkpoints store [out, in]."""
    return F.linear(x, weights[name + ".weight"], weights[name + ".bias"])


def normalise(weights, name, x, epsilon):
    """Layer normalization over the last axis."""
    scale, shift = weights[name + ".weight"], weights[name + ".bias"]
    return F.layer_norm(x, x.shape[-1:], scale, shift, epsilon)


def attention(weights, name, x, mask, heads):
    """Self-attention of several heads, written out."""
    queries, keys, values = (
        linear(weights, f"{name}.self.{part}", x).unflatten(-1, (heads, -1)).transpose(1, 2)
        for part in ("query", "key", "value")
    )
    scores = queries @ keys.transpose(-1, -2) / queries.shape[-1] ** 0.5
    scores = scores.masked_fill(mask[:, None, None, :] == 0, float("-inf"))
    mixed = torch.softmax(scores, -1) @ values  # [B, H, T, d]
    return linear(weights, f"{name}.output.dense", mixed.transpose(1, 2).flatten(2))


def encode(weights, config, ids, mask):
    """Vectors of length 1, `[B, D]`, of ids `[B, T]`."""
    epsilon = config["layer_norm_eps"]
    x = weights["embeddings.word_embeddings.weight"][ids]
    x = x + weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
    x = x + weights["embeddings.token_type_embeddings.weight"][0]
    x = normalise(weights, "embeddings.LayerNorm", x, epsilon)
    for block in range(config["num_hidden_layers"]):
        name = f"encoder.layer.{block}"
        mixed = attention(weights, f"{name}.attention", x, mask, config["num_attention_heads"])
        x = normalise(weights, f"{name}.attention.output.LayerNorm", x + mixed, epsilon)
        hidden = F.gelu(linear(weights, f"{name}.intermediate.dense", x), approximate="none")
        made = linear(weights, f"{name}.output.dense", hidden)
        x = normalise(weights, f"{name}.output.LayerNorm", x + made, epsilon)
    mean = (x * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    return F.normalize(mean, dim=-1)
