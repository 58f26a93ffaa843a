"""The softmax of each user's item among the items of a batch, with all its scores in one matrix.

`output` is the weighted mean over rows of PyTorch's cross-entropy, whose classes are the rows of the
batch and whose logits are `scale u_i . v_j - log q_j`; an item's other occurrences get minus infinity
where repeats are masked. (Yi et al., RecSys 2019.)
"""

import numpy as np
import torch
import torch.nn.functional as F

SEED_OFFSET = 8


def loss(scale, masks_repeats):
    """The loss over `(users, items, ids, log_probabilities, weights)`."""

    def mean(users, items, ids, log_probabilities, weights):
        scores = scale * users @ items.T - log_probabilities
        if masks_repeats:
            repeats = (ids[:, None] == ids[None, :]) & ~torch.eye(len(ids), dtype=torch.bool)
            scores = scores.masked_fill(repeats, -torch.inf)
        rows = F.cross_entropy(scores, torch.arange(len(ids)), reduction="none")
        return (rows * weights).sum() / weights.sum()

    return mean


def record_all(recorder):
    """Records every case of this file."""
    for rows, width, scale, masks_repeats in [
        (1, 4, 2.0, True),
        (5, 1, 1.0, False),
        (33, 8, 0.5, True),
        (33, 8, 0.5, False),
        (20, 17, 5.0, True),
    ]:
        weights = np.abs(recorder.normal(rows)) + np.float32(0.1)
        weights[2::5] = 0
        shares = recorder.random.dirichlet(np.ones(rows)).astype(np.float32) + np.float32(1e-4)
        recorder.record(
            f"in_batch_softmax_{rows}x{width}" + ("_masked" if masks_repeats else ""),
            "in_batch_softmax",
            {
                "users": recorder.normal(rows, width),
                "items": recorder.normal(rows, width),
                "ids": recorder.random.integers(0, rows // 3 + 1, rows).astype(np.int32),
                "log_probabilities": np.log(shares),
                "weights": weights,
            },
            loss(scale, masks_repeats),
            {"scale": scale, "masks_repeats": masks_repeats},
            constants=("log_probabilities", "weights"),
        )
