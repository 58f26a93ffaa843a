"""Cases of matrix products, activations, softmax and element-wise ops."""

import numpy as np
import torch
import torch.nn.functional as F

ACTIVATIONS = {
    "relu": F.relu,
    "leaky_relu": lambda x: F.leaky_relu(x, 0.01),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    # The exact log(1 + exp(x)); PyTorch's softplus turns linear above its threshold of 20.
    "softplus": lambda x: torch.logaddexp(x, torch.zeros_like(x)),
    "gelu": lambda x: F.gelu(x, approximate="none"),
    "swish": F.silu,
}


def matmul(recorder):
    """Every transpose of a matrix product, one with a single row, and a batched one."""
    for rows, inner, columns in [(5, 7, 3), (1, 9, 4)]:
        for left in (False, True):
            for right in (False, True):
                tags = ("t" if left else "n") + ("t" if right else "n")
                recorder.record(
                    f"matmul_{tags}_{rows}x{inner}x{columns}",
                    "matmul",
                    {
                        "left": recorder.normal(*((inner, rows) if left else (rows, inner))),
                        "right": recorder.normal(
                            *((columns, inner) if right else (inner, columns))
                        ),
                    },
                    lambda left, right, l=left, r=right: (left.T if l else left)
                    @ (right.T if r else right),
                    {"transpose_left": left, "transpose_right": right},
                )
    recorder.record(
        "batched_matmul",
        "batched_matmul",
        {"left": recorder.normal(3, 5, 4), "right": recorder.normal(3, 4, 6)},
        lambda left, right: left @ right,
    )


def linear(recorder):
    """`x W + b` with W `[I, U]`, plain and followed by an activation."""
    for name, activation in [
        ("linear", None),
        ("linear_relu", "relu"),
        ("linear_sigmoid", "sigmoid"),
    ]:
        function = ACTIVATIONS.get(activation, lambda x: x)
        recorder.record(
            name,
            "linear",
            {
                "input": recorder.normal(6, 5),
                "weight": recorder.normal(5, 4),
                "bias": recorder.normal(4),
            },
            lambda input, weight, bias, f=function: f(input @ weight + bias),
            {"activation": activation or "none"},
        )


def activations(recorder):
    """Each activation on ordinary numbers, and the smooth ones far out in their tails."""
    for name, function in ACTIVATIONS.items():
        attributes = {"slope": 0.01} if name == "leaky_relu" else {}
        recorder.record(name, name, {"input": recorder.away_from_zero(6, 7)}, function, attributes)
    tails = np.array([-80, -30, -12, -4, -1e-3, 0, 1e-3, 4, 12, 30, 80], dtype=np.float32)
    for name in ("sigmoid", "tanh", "softplus", "gelu", "swish"):
        recorder.record(f"{name}_tails", name, {"input": tails}, ACTIVATIONS[name])
    recorder.record(
        "prelu",
        "prelu",
        {"input": recorder.away_from_zero(8, 5), "slope": recorder.normal(5, scale=0.3)},
        lambda input, slope: F.prelu(input, slope),
    )


def softmax(recorder):
    """Softmax over the last axis, with rows far from 0 too."""
    recorder.record(
        "softmax",
        "softmax",
        {"input": recorder.normal(6, 5)},
        lambda input: torch.softmax(input, -1),
    )
    large = recorder.normal(4, 3, scale=30.0) + np.float32(200)
    recorder.record(
        "softmax_large", "softmax", {"input": large}, lambda input: torch.softmax(input, -1)
    )
    recorder.record(
        "softmax_rank_3",
        "softmax",
        {"input": recorder.normal(3, 2, 4)},
        lambda input: torch.softmax(input, -1),
    )


def logarithm(recorder):
    """Natural logarithms of numbers from 0.001 to 1000."""
    positive = 10.0 ** np.linspace(-3, 3, 24).reshape(4, 6)
    recorder.record("logarithm", "logarithm", {"input": positive}, torch.log)


def mixtures(recorder):
    """A gate's weighted sum of experts: `out[b, h] = sum_e weights[b, e] * experts[e, b, h]`."""
    recorder.record(
        "expert_mixture",
        "expert_mixture",
        {"weights": np.abs(recorder.normal(5, 3)), "experts": recorder.normal(3, 5, 4)},
        lambda weights, experts: torch.einsum("be,ebh->bh", weights, experts),
    )


def record_all(recorder):
    """Records every case of this file."""
    for group in (matmul, linear, activations, softmax, mixtures, logarithm):
        group(recorder)
