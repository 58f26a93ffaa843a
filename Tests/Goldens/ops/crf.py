"""Likelihood of a linear chain, by adding up every sequence of tags one by one.

`output` is the weighted mean over rows of `log sum exp` over all tag sequences of their scores, less the
score of the labels; the gradients are PyTorch's through that enumeration. Steps of weight 0 are left
out of the chain, and a row's weight is that of its first step left.
"""

from itertools import product

import numpy as np
import torch

ROWS = 5
SEED_OFFSET = 7


def score(emissions, transitions, start, end, tags):
    """The score of one sequence of tags."""
    total = start[tags[0]] + end[tags[-1]] + sum(e[tag] for e, tag in zip(emissions, tags))
    return total + sum(transitions[a, b] for a, b in zip(tags, tags[1:]))


def loss(emissions, transitions, start, end, labels, weights):
    """The weighted mean over rows."""
    total, weight_sum = 0, 0
    for row in range(emissions.shape[0]):
        steps = [t for t in range(emissions.shape[1]) if weights[row, t] > 0]
        if not steps:
            continue
        chain = (emissions[row, steps], transitions, start, end)
        every = product(range(emissions.shape[2]), repeat=len(steps))
        scores = torch.stack([score(*chain, tags) for tags in every])
        chosen = score(*chain, [int(labels[row, t]) for t in steps])
        weight = weights[row, steps[0]]
        total, weight_sum = total + weight * (scores.logsumexp(0) - chosen), weight_sum + weight
    return total / weight_sum


def record_all(recorder):
    """Records every case of this file."""
    for steps, tags, holes in [(2, 2, False), (5, 3, False), (4, 4, True), (5, 3, True)]:
        weights = np.repeat(np.abs(recorder.normal(ROWS, 1)) + np.float32(0.2), steps, axis=1)
        if holes:
            weights[recorder.random.random((ROWS, steps)) < 0.35] = 0
            weights[2] = 0
        recorder.record(
            f"crf_{steps}x{tags}" + ("_holes" if holes else ""),
            "crf",
            {
                "emissions": recorder.normal(ROWS, steps, tags),
                "transitions": recorder.normal(tags, tags),
                "start": recorder.normal(tags),
                "end": recorder.normal(tags),
                "labels": recorder.random.integers(0, tags, (ROWS, steps)).astype(np.float32),
                "weights": weights,
            },
            loss,
            constants=("labels", "weights"),
        )
