"""Two towers for retrieval, written from Yi et al., RecSys 2019, in plain PyTorch.

The conventions are those of multitask.py; only the first label is read. Fields 0 and 4 and the second
number describe the item, whose id is field 0; everything else describes the user.
"""

import torch
import torch.nn.functional as F
from torch import nn

from models import run, stack
from names import layers, tables

FIELDS = 6
ITEM_FIELDS, ITEM_NUMBERS, ITEM = [0, 4], [1], 0


class TwoTower(nn.Module):
    """Towers that end in a linear layer, rows at length 1, and the softmax over the items of a batch."""

    def __init__(self, inputs, tasks, units, dimension, temperature, tower_units):
        super().__init__()
        self.inputs = inputs
        self.temperature = temperature
        table = inputs.tables[0].weight
        numbers = inputs.width - FIELDS * table.shape[1]
        self.item_columns = (ITEM_FIELDS, ITEM_NUMBERS)
        self.user_columns = (
            [field for field in range(FIELDS) if field not in ITEM_FIELDS],
            [number for number in range(numbers) if number not in ITEM_NUMBERS],
        )
        for side, (fields, chosen) in [("user", self.user_columns), ("item", self.item_columns)]:
            width = len(fields) * table.shape[1] + len(chosen)
            tower = stack(width, units)
            tower.append(nn.Linear(units[-1], dimension))
            setattr(self, side, tower)
        shares = torch.log_softmax(torch.randn(table.shape[0]), dim=0)
        self.register_buffer("log_shares", shares.float())

    def vectors(self, tower, columns, ids, numeric):
        """The vectors of one side, each of length 1."""
        fields, numbers = columns
        parts = [self.inputs.tables[field](ids[:, field]) for field in fields]
        x = torch.cat([*parts, numeric[:, numbers]], dim=1)
        return F.normalize(tower[-1](run(tower[:-1], x)), dim=1, eps=1e-12)

    def forward(self, ids, numeric):
        users = self.vectors(self.user, self.user_columns, ids, numeric)
        items = self.vectors(self.item, self.item_columns, ids, numeric)
        scores = users @ items.T / self.temperature
        self.ids, self.scores = ids[:, ITEM], scores
        return scores.diagonal().unsqueeze(1)  # [B, 1]

    def losses(self, logits, labels):
        ids, scores = self.ids, self.scores - self.log_shares[self.ids]
        self.ids = self.scores = None
        repeats = (ids[:, None] == ids) & ~torch.eye(len(ids), dtype=torch.bool)
        scores = scores.masked_fill(repeats, -torch.inf)
        rows = F.cross_entropy(scores, torch.arange(len(ids)), reduction="none")
        return (rows * labels[:, 0]).sum(dim=0, keepdim=True) / labels[:, 0].sum()


def two_tower_parts(model):
    parts = tables(FIELDS)
    for side in ["user", "item"]:
        parts.update(
            {
                name: theirs[0]
                for name, theirs in layers(
                    f"{side}_tower/dense_" + "{}", [f"{side}." + "{}"], len(getattr(model, side))
                ).items()
            }
        )
    return parts


MODELS = {
    "two_tower": (
        TwoTower,
        {"units": [8], "dimension": 5, "temperature": 0.25},
        two_tower_parts,
    ),
}
