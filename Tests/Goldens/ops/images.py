"""Cases of pooling, of pooling by masks, and of losses of boxes."""

import numpy as np
import torch
import torch.nn.functional as F

SEED_OFFSET = 41

# Name, image [H, W], window, strides, padding (rows, columns): PyTorch's is the same on both sides.
WINDOWS = [
    ("plain", (4, 6), (2, 2), (2, 2), (0, 0)),
    ("leftover", (5, 7), (2, 3), (2, 3), (0, 0)),
    ("overlapping", (6, 5), (3, 3), (1, 2), (0, 0)),
    ("padded", (5, 6), (3, 3), (2, 2), (1, 1)),
    ("uneven", (7, 6), (3, 2), (2, 1), (1, 0)),
]


def pooling(recorder):
    """Greatest and mean of windows; the mean over what lies inside the image."""
    for kind in ("max", "average"):
        for name, image, window, strides, padding in WINDOWS:
            recorder.record(
                f"{kind}_pooling_{name}",
                f"{kind}_pooling",
                {"image": recorder.normal(2, *image, 3)},
                lambda image, k=kind, w=window, s=strides, p=padding: (
                    F.max_pool2d(image.permute(0, 3, 1, 2), w, s, p)
                    if k == "max"
                    else F.avg_pool2d(
                        image.permute(0, 3, 1, 2), w, s, p, count_include_pad=False
                    )
                ).permute(0, 2, 3, 1),
                {
                    "window_height": window[0],
                    "window_width": window[1],
                    "stride_height": strides[0],
                    "stride_width": strides[1],
                    "top": padding[0],
                    "left": padding[1],
                    "bottom": padding[0],
                    "right": padding[1],
                },
            )


def masked_pooling(recorder):
    """Mean and greatest over the steps of a mask that leaves no row empty."""
    mask = np.array([[1, 1, 1, 1], [0, 1, 0, 0], [1, 0, 1, 1]], dtype=np.float32)
    recorder.record(
        "masked_mean",
        "masked_mean",
        {"input": recorder.normal(3, 4, 5), "mask": mask},
        lambda input, mask: (input * mask[..., None]).sum(1) / mask.sum(1, keepdim=True),
        constants=("mask",),
    )
    recorder.record(
        "masked_max",
        "masked_max",
        {"input": recorder.normal(3, 4, 5), "mask": mask},
        lambda input, mask: input.masked_fill(mask[..., None] == 0, -1e9).amax(1),
        constants=("mask",),
    )


def overlap(box, label):
    """IoU, union and the area of the smallest box around both."""
    low = torch.maximum(box[:, :2], label[:, :2])
    high = torch.minimum(box[:, 2:], label[:, 2:])
    shared = (high - low).clamp(min=0).prod(1)
    union = (box[:, 2:] - box[:, :2]).prod(1) + (label[:, 2:] - label[:, :2]).prod(1) - shared
    around = torch.maximum(box[:, 2:], label[:, 2:]) - torch.minimum(box[:, :2], label[:, :2])
    return shared / union, union, around.prod(1)


def generalized(box, label):
    """GIoU: Rezatofighi et al., CVPR 2019, algorithm 1."""
    ratio, union, span = overlap(box, label)
    return ratio - (span - union) / span


def box_losses(recorder):
    """The weighted mean over rows of losses of boxes, some apart."""
    losses = {
        "box_huber": lambda x, y: F.huber_loss(x, y, reduction="none", delta=0.5).mean(1),
        "iou_loss": lambda x, y: 1 - overlap(x, y)[0],
        "giou_loss": lambda x, y: 1 - generalized(x, y),
    }

    def boxes(spread):
        corner = recorder.normal(12, 2, scale=spread)
        return np.concatenate([corner, corner + 0.3 + np.abs(recorder.normal(12, 2))], 1)

    for name, loss in losses.items():
        recorder.record(
            name,
            name,
            {
                "box": boxes(0.8),
                "label": boxes(0.8),
                "weights": np.abs(recorder.normal(12)) + np.float32(0.1),
            },
            lambda box, label, weights, f=loss: (f(box, label) * weights).sum() / weights.sum(),
            {"delta": 0.5},
            constants=("label", "weights"),
        )


def record_all(recorder):
    """Records every case of this file."""
    for group in (pooling, masked_pooling, box_losses):
        group(recorder)
