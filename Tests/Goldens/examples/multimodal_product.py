"""The model of Examples/MultimodalProduct, small, with either text branch, without dropout.

Outputs are those of prediction, with kept statistics; the loss is that of training, with those of the batch.
"""

import numpy as np
import torch
import torch.nn.functional as F

ROWS, SIDE, FILTERS, UNITS, CLASSES = 18, 16, [3, 4], 6, 5
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


def same(image, size, stride):
    """Zeros as TensorFlow's `same`: what is uneven goes to the bottom and the right."""
    total = max((-(-image.shape[-1] // stride) - 1) * stride + size - image.shape[-1], 0)
    before, after = total // 2, total - total // 2
    return F.pad(image, (before, after, before, after))


def photo_branch(p, batch, training):
    """Convolutions, each pooled, normalised and rectified, and the mean over pixels."""
    value = batch["image"].reshape(ROWS, SIDE, SIDE, 3).permute(0, 3, 1, 2)
    for number, filters in enumerate(FILTERS, start=1):
        size, stride = (5, 2) if number == 1 else (3, 1)
        weight = p(f"conv2d_{number}/weight", size, size, value.shape[1], filters)
        value = F.conv2d(same(value, size, stride), weight.permute(3, 2, 0, 1), stride=stride)
        name = f"batch_normalization_{number}"
        scale, shift = p(f"{name}/scale", filters), p(f"{name}/shift", filters)
        mean, variance = p.kept(f"{name}/mean", filters), p.kept(f"{name}/variance", filters)
        pooled = F.max_pool2d(value, 2)
        # Copies: in training it changes the statistics it is given.
        value = torch.relu(
            F.batch_norm(
                pooled, mean.clone(), variance.clone(), scale, shift, training=training, eps=1e-3
            )
        )
    return torch.relu(dense(p, "photo", value.mean((2, 3)), UNITS))


def text_branches(p, batch, kind):
    """What `match` and what `polarity` reads: means of words' vectors over real tokens, or the text's vector."""
    if kind == "vectors":
        sentence = torch.relu(dense(p, "sentence", batch["text_vector"], UNITS))
        return sentence, sentence
    ids = batch["token_ids"].long()
    real = (ids > 0).double()

    def branch(table, layer):
        words = p(f"{table}/weight", VOCABULARY, DIMENSION, scale=0.5)[ids]
        read = (words * real[..., None]).sum(1) / real.sum(1, keepdim=True)
        return torch.relu(dense(p, layer, read, UNITS))

    return branch("words", "sentence"), branch("opinion_words", "opinion")


def answers(p, batch, kind, training):
    """The outputs of the three tasks."""
    photo = photo_branch(p, batch, training)
    sentence, opinion = text_branches(p, batch, kind)
    both = torch.relu(dense(p, "both", torch.cat([photo, sentence, photo * sentence], 1), UNITS))
    return {
        "class": dense(p, "class", photo, CLASSES),
        "polarity": dense(p, "polarity", opinion, 1),
        "match": dense(p, "match", both, 1),
    }


def model(kind):
    """A function that computes outputs and the loss with a text branch."""

    def forward(p, batch):
        learning = answers(p, batch, kind, training=True)
        loss = 0
        for task, weight in ATTRIBUTES["weights"].items():
            labels = batch[f"label/{task}"]
            rows = labels >= 0
            if task == "class":
                part = F.cross_entropy(learning[task][rows], labels[rows].long())
            else:
                part = F.binary_cross_entropy_with_logits(learning[task][rows, 0], labels[rows])
            loss = loss + weight * part
        return answers(p, batch, kind, training=False), loss

    return forward
