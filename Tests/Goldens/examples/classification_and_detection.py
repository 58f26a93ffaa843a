"""ClassificationAndDetection: shared convolutions; a class, an object or none, and its box.

The program's model with 2 filters instead of 16 (branches of 8, and 16 units) and 3 instead of 19 in its trunk
(then 6 and 12). Class and box are missing in every fourth row. Source of the loss of boxes: Rezatofighi et al., "Generalized Intersection over Union", CVPR 2019.
"""

import numpy as np
import torch
import torch.nn.functional as F

ROWS, FILTERS, TRUNK, CLASSES, SIDE = 8, 2, 3, 10, 64
ATTRIBUTES = {
    "rows": ROWS,
    "filters": FILTERS,
    "trunk_filters": TRUNK,
    "classes": CLASSES,
    "box_weight": 4,
}


def columns(random):
    present = np.arange(ROWS) % 4 != 3
    corner = random.uniform(0, 0.5, (ROWS, 2))
    boxes = np.concatenate([corner, corner + random.uniform(0.2, 0.5, (ROWS, 2))], 1)
    return {
        "image": (random.integers(0, 256, (ROWS, SIDE * SIDE)) / 255).astype(np.float32),
        "label/class": np.where(present, random.integers(0, CLASSES, ROWS), -1).astype(np.float32),
        "label/object": present.astype(np.float32),
        "label/box": np.where(present[:, None], boxes, -1).astype(np.float32),
    }


def convolve(image, weight, bias, strides=1):
    """Padding as TensorFlow's `same`: what is uneven goes to the bottom and the right."""
    size, window = image.shape[-1], weight.shape[0]
    total = max((-(-size // strides) - 1) * strides + window - size, 0)
    before, after = total // 2, total - total // 2
    padded = F.pad(image, (before, after, before, after))
    return F.relu(F.conv2d(padded, weight.permute(3, 2, 0, 1), bias, strides))


def generalised_iou(boxes, labels):
    """Of pairs of boxes that have an area."""

    def area(corners):
        return (corners[:, 2] - corners[:, 0]) * (corners[:, 3] - corners[:, 1])

    low = torch.maximum(boxes[:, :2], labels[:, :2])
    high = torch.minimum(boxes[:, 2:], labels[:, 2:])
    shared = (high - low).clamp(min=0).prod(1)
    union = area(boxes) + area(labels) - shared
    left_top = torch.minimum(boxes[:, :2], labels[:, :2])
    around = area(torch.cat([left_top, torch.maximum(boxes[:, 2:], labels[:, 2:])], 1))
    return shared / union - (around - union) / around


def forward(parameters, columns):
    """Logits of the class and the object, corners of the box; the sum of the losses."""

    def of(layer, *shape):
        return parameters(f"{layer}/weight", *shape), parameters(f"{layer}/bias", shape[-1])

    trunk = columns["image"].reshape(ROWS, 1, SIDE, SIDE)
    trunk = F.max_pool2d(convolve(trunk, *of("conv2d_1", 5, 5, 1, TRUNK), strides=2), 2)
    widths = [TRUNK, 2 * TRUNK, 4 * TRUNK]
    for layer, (before, after) in enumerate(zip(widths, widths[1:]), start=2):
        trunk = F.max_pool2d(convolve(trunk, *of(f"conv2d_{layer}", 3, 3, before, after)), 2)

    def dense(layer, x, units):
        weight, bias = of(layer, x.shape[1], units)
        return x @ weight + bias

    def branch(layer):
        own = convolve(trunk, *of(f"{layer}_features", 3, 3, 4 * TRUNK, 4 * FILTERS))
        # Channels last, as in our layout.
        return F.relu(dense(layer, own.permute(0, 2, 3, 1).reshape(ROWS, -1), 8 * FILTERS))

    what, place = branch("what"), branch("where")
    label, item = dense("class", what, CLASSES), dense("object", place, 1)
    x, y, width, height = torch.sigmoid(dense("box", place, 4)).unbind(1)
    box = torch.stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2], 1)
    there = columns["label/object"] == 1
    loss = (
        F.cross_entropy(label[there], columns["label/class"][there].long())
        + F.binary_cross_entropy_with_logits(item[:, 0], columns["label/object"])
        + ATTRIBUTES["box_weight"]
        * (1 - generalised_iou(box[there], columns["label/box"][there])).mean()
    )
    return {"class": label, "object": item, "box": box}, loss
