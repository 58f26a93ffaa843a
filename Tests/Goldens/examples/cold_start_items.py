"""The model of Examples/ColdStartItems with item numbers and descriptions.

The column `history`, a list, is `columns/history.values` and `columns/history.offsets`.
"""

import numpy as np
import torch
import torch.nn.functional as F

ROWS, ITEMS, VECTOR, NUMBERS = 20, 12, 6, 4
ATTRIBUTES = {"rows": ROWS, "items": ITEMS, "vector": VECTOR, "many_weight": 0.5}


def columns(random):
    """A batch: items, what each customer bought before (some nothing), labels; many among what is bought."""
    lengths = random.integers(0, 5, ROWS)
    lengths[3] = 0
    buys = (random.random(ROWS) < 0.6).astype(np.float32)
    item = random.integers(1, ITEMS, ROWS)
    return {
        # New items, and some known ones in training, hide their number.
        "item": np.where(random.random(ROWS) < 0.3, 0, item).astype(np.int32),
        "description": item.astype(np.int32),
        "history.values": random.integers(1, ITEMS, lengths.sum()).astype(np.int32),
        "history.offsets": np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32),
        "numbers": random.standard_normal((ROWS, NUMBERS)).astype(np.float32),
        "label/buys": buys,
        "label/many": np.where(buys == 1, random.random(ROWS) < 0.4, -1).astype(np.float32),
    }


def dense(p, name, x, units):
    """A layer with a bias."""
    return x @ p(f"{name}/weight", x.shape[1], units) + p(f"{name}/bias", units)


def mean_of_lists(table, values, offsets):
    """The mean of each row's vectors; zeros for an empty list."""
    rows = []
    for start, end in zip(offsets[:-1], offsets[1:]):
        own = table[values[start:end]]
        rows.append(own.mean(dim=0) if len(own) else torch.zeros(table.shape[1], dtype=table.dtype))
    return torch.stack(rows)


def forward(p, batch):
    """Logits of both tasks, and the loss."""
    values, offsets = batch["history.values"].long(), batch["history.offsets"].long()
    table = p("items/weight", ITEMS, 32, scale=0.5)
    own, past = table[batch["item"].long()], mean_of_lists(table, values, offsets)
    parts = [batch["numbers"], own, past, own * past]
    vectors = p("descriptions/weight", ITEMS, VECTOR, scale=1.0)
    own = torch.relu(dense(p, "dense_1", vectors[batch["description"].long()], 48))
    past = torch.relu(dense(p, "dense_2", mean_of_lists(vectors, values, offsets), 48))
    parts += [own, past, own * past]
    shared = torch.relu(dense(p, "shared", torch.cat(parts, dim=1), 64))
    outputs = {"buys": dense(p, "dense_3", shared, 1), "many": dense(p, "dense_4", shared, 1)}
    bought = batch["label/buys"] == 1
    buys = F.binary_cross_entropy_with_logits(outputs["buys"][:, 0], batch["label/buys"])
    many = F.binary_cross_entropy_with_logits(
        outputs["many"][bought, 0], batch["label/many"][bought]
    )
    return outputs, buys + ATTRIBUTES["many_weight"] * many
