"""Cases of layer and batch normalization."""

import numpy as np
import torch
import torch.nn.functional as F

EPSILON = 1e-5


def layer_norm(recorder):
    """Normalisation over the last axis, then scale and shift."""
    for name, shape in [("layer_norm", (6, 8)), ("layer_norm_rank_3", (3, 4, 5))]:
        recorder.record(
            name,
            "layer_norm",
            {
                "input": recorder.normal(*shape) + np.float32(0.7),
                "scale": recorder.normal(shape[-1]),
                "shift": recorder.normal(shape[-1]),
            },
            lambda input, scale, shift: F.layer_norm(
                input, input.shape[-1:], scale, shift, EPSILON
            ),
            {"epsilon": EPSILON},
        )


def batch_norm_training(recorder):
    """Normalisation by the batch's mean and biased variance; gradients flow through both.

    Also stores the running statistics before and after one step of
    `new = momentum * old + (1 - momentum) * batch`, with the biased variance (division by B) and,
    as PyTorch does, with the unbiased one (division by B - 1).
    """
    momentum, name = 0.9, "batch_norm_training"
    data = recorder.normal(9, 5, scale=1.7) + np.float32(0.4)
    old_mean, old_variance = recorder.normal(5), np.abs(recorder.normal(5)) + np.float32(0.5)
    recorder.record(
        name,
        "batch_norm_training",
        {"input": data, "scale": recorder.normal(5), "shift": recorder.normal(5)},
        lambda input, scale, shift: F.batch_norm(
            input, None, None, scale, shift, training=True, eps=EPSILON
        ),
        {"epsilon": EPSILON, "momentum": momentum},
    )
    running_mean = torch.tensor(old_mean, dtype=torch.float64)
    running_variance = torch.tensor(old_variance, dtype=torch.float64)
    wide = torch.tensor(data, dtype=torch.float64)
    F.batch_norm(wide, running_mean, running_variance, training=True, momentum=1 - momentum)
    biased = (
        momentum * old_variance.astype(np.float64)
        + (1 - momentum) * wide.var(0, correction=0).numpy()
    )
    add = recorder.golden.add
    add(f"{name}/batch_mean", wide.mean(0).numpy())
    add(f"{name}/batch_variance_biased", wide.var(0, correction=0).numpy())
    add(f"{name}/running_mean_before", old_mean)
    add(f"{name}/running_variance_before", old_variance)
    add(f"{name}/running_mean_after", running_mean.numpy())
    add(f"{name}/running_variance_after_biased", biased)
    add(f"{name}/running_variance_after_unbiased", running_variance.numpy())


def batch_norm_inference(recorder):
    """Normalisation by given statistics, which get no gradient."""
    recorder.record(
        "batch_norm_inference",
        "batch_norm_inference",
        {
            "input": recorder.normal(7, 5),
            "scale": recorder.normal(5),
            "shift": recorder.normal(5),
            "running_mean": recorder.normal(5),
            "running_variance": np.abs(recorder.normal(5)) + np.float32(0.5),
        },
        lambda input, scale, shift, running_mean, running_variance: F.batch_norm(
            input, running_mean, running_variance, scale, shift, training=False, eps=EPSILON
        ),
        {"epsilon": EPSILON},
        constants=("running_mean", "running_variance"),
    )


def grouped_batch_norm(recorder):
    """Batch normalisation of each group of rows, with a scale and shift for each; one group is empty.

    Rows 10 and 11 belong to no group and give zeros.
    """
    bounds = [0, 4, 4, 5, 10]

    def run(input, scale, shift, offsets):
        parts = []
        for group, (first, last) in enumerate(zip(bounds, bounds[1:])):
            rows = input[first:last]
            if last == first:
                continue
            centred = rows - rows.mean(0)
            deviation = (rows.var(0, correction=0) + 0.1).sqrt()
            parts.append(centred / deviation * scale[group] + shift[group])
        return torch.cat([*parts, torch.zeros_like(input[bounds[-1] :])])

    recorder.record(
        "grouped_batch_norm",
        "grouped_batch_norm",
        {
            "input": recorder.normal(12, 5, scale=1.4) + np.float32(0.3),
            "scale": recorder.normal(4, 5),
            "shift": recorder.normal(4, 5),
            "offsets": np.array(bounds),
        },
        run,
        {"epsilon": 0.1},
    )


def stop_gradient(recorder):
    """A product with the input as a constant."""
    recorder.record(
        "stop_gradient",
        "stop_gradient",
        {"input": recorder.normal(4, 3)},
        lambda input: input * input.detach(),
    )


def record_all(recorder):
    """Records every case of this file."""
    for group in (
        layer_norm,
        batch_norm_training,
        batch_norm_inference,
        grouped_batch_norm,
        stop_gradient,
    ):
        group(recorder)
