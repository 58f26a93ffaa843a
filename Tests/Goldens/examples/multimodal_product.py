"""The model of Examples/MultimodalProduct, small, with either text branch."""

import numpy as np
import torch
import torch.nn.functional as F

ROWS, SIDE, FILTERS, UNITS, CLASSES = 18, 8, [3, 4, 5], 6, 5
VOCABULARY, LENGTH, DIMENSION, WIDTH = 12, 7, 4, 9
ATTRIBUTES = {"rows": ROWS, "weights": {"class": 0.5, "polarity": 2.0, "match": 1.5}}


def columns(random):
    """A batch of photos with descriptions, and sentences without a photo."""
    has_photo = np.arange(ROWS) % 3 != 2
    image = random.random((ROWS, SIDE * SIDE * 3)) * has_photo[:, None]
    ids = random.integers(1, VOCABULARY, (ROWS, LENGTH))
    ids *= np.arange(LENGTH) < random.integers(1, LENGTH + 1, (ROWS, 1))
    isOwn = random.random(ROWS) < 0.5
    return {
        "image": image.astype(np.float32),
        "token_ids": ids.astype(np.int32),
        "text_vector": random.standard_normal((ROWS, WIDTH)).astype(np.float32),
        "label/class": np.where(
            has_photo & isOwn, random.integers(0, CLASSES, ROWS), -1
        ).astype(np.float32),
        "label/polarity": np.where(has_photo, -1, random.random(ROWS) < 0.5).astype(np.float32),
        "label/match": np.where(has_photo, isOwn, -1).astype(np.float32),
    }


def dense(p, name, x, units):
    """A layer with a bias."""
    return x @ p(f"{name}/weight", x.shape[1], units) + p(f"{name}/bias", units)


def photo_branch(p, batch):
    """Convolutions on channels-last pictures."""
    value = batch["image"].reshape(ROWS, SIDE, SIDE, 3)
    for number, filters in enumerate(FILTERS, start=1):
        weight = p(f"conv2d_{number}/weight", 3, 3, value.shape[3], filters)
        bias = p(f"conv2d_{number}/bias", filters)
        value = F.conv2d(value.permute(0, 3, 1, 2), weight.permute(3, 2, 0, 1), bias, padding=1)
        value = F.max_pool2d(torch.relu(value), 2).permute(0, 2, 3, 1)
    return torch.relu(dense(p, "photo", value.reshape(ROWS, -1), UNITS))


def text_branch(p, batch, kind):
    """The mean of the words' vectors over real tokens, or the vector of the text."""
    if kind == "vectors":
        read = batch["text_vector"]
    else:
        ids = batch["token_ids"].long()
        real = (ids > 0).double()
        words = p("words/weight", VOCABULARY, DIMENSION, scale=0.5)[ids]
        read = (words * real[..., None]).sum(1) / real.sum(1, keepdim=True)
    return torch.relu(dense(p, "sentence", read, UNITS))


def model(kind):
    """A function that computes outputs and the loss with a text branch."""

    def forward(p, batch):
        photo, sentence = photo_branch(p, batch), text_branch(p, batch, kind)
        both = torch.relu(dense(p, "both", torch.cat([photo, sentence, photo * sentence], 1), UNITS))
        outputs = {
            "class": dense(p, "class", photo, CLASSES),
            "polarity": dense(p, "polarity", sentence, 1),
            "match": dense(p, "match", both, 1),
        }
        loss = 0
        for task, weight in ATTRIBUTES["weights"].items():
            labels = batch[f"label/{task}"]
            rows = labels >= 0
            if task == "class":
                part = F.cross_entropy(outputs[task][rows], labels[rows].long())
            else:
                part = F.binary_cross_entropy_with_logits(outputs[task][rows, 0], labels[rows])
            loss = loss + weight * part
        return outputs, loss

    return forward
