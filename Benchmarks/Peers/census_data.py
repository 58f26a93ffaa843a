"""Census-Income (KDD) for the quality comparison: the official test file, split by a fixed rule.

Protocol, so that another program can repeat it exactly:
- The file has no header; fields are separated by a comma and spaces, which are trimmed. Column 24,
  the instance weight, is dropped.
- Tasks: income (the last column is "50000+.") and never-married (column 7 is "Never married").
- Inputs: every other column but education (column 4): 31 categorical, 7 numeric.
- Split: row i (from 0) has u = the top 53 bits of RandomKey(seed: 2026).split("split").bits(i),
  times 2^-53; u < 0.6 trains, u < 0.8 validates, the rest tests.
- Vocabularies and numeric ranges are those of the training part; an unseen value is id 0.
- Numeric columns are scaled to [0, 1] by minimum and maximum, as torch-rechub's example does.
"""

import gzip
import os
from pathlib import Path

import numpy as np

from random_key import RandomKey

WEIGHT, EDUCATION, MARITAL, INCOME = 24, 4, 7, 41
NUMERIC = [0, 5, 16, 17, 18, 30, 39]
CATEGORICAL = [
    column
    for column in range(42)
    if column not in {WEIGHT, EDUCATION, MARITAL, INCOME} and column not in NUMERIC
]
TASKS = ["income", "never_married"]
SPLIT_SEED = 2026
PARTS = ["train", "validation", "test"]


def default_path():
    """The file in the folder of shared data, which lies beside the checkout unless told."""
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "data"
    folder = Path(os.environ.get("MOTET_SHARED_DATA", beside))
    return folder / "census_income" / "census-income.test.gz"


def read(path):
    """The file's fields as an array of strings [rows, 42]."""
    with gzip.open(path, "rt") as file:
        rows = [[field.strip() for field in line.split(",")] for line in file if line.strip()]
    widths = {len(row) for row in rows}
    if widths != {42}:
        raise SystemExit(f"{path}: expected 42 fields in every row; received {sorted(widths)}.")
    return np.array(rows)


def parts(count):
    """Row numbers of each part."""
    uniform = RandomKey(SPLIT_SEED).split("split").uniforms(count)
    number = np.digitize(uniform, [0.6, 0.8])
    return {name: np.flatnonzero(number == index) for index, name in enumerate(PARTS)}


def encode(values, train):
    """Ids from 1 for the training part's values in sorted order; 0 for any other."""
    vocabulary = np.unique(values[train])
    place = np.searchsorted(vocabulary, values)
    known = vocabulary[np.minimum(place, len(vocabulary) - 1)] == values
    return np.where(known, place + 1, 0), len(vocabulary) + 1


class Census:
    """Encoded columns, labels and parts."""

    def __init__(self, path, numeric="minmax"):
        table = read(path)
        self.rows = parts(len(table))
        train = self.rows["train"]
        encoded = [encode(table[:, column], train) for column in CATEGORICAL]
        self.ids = np.stack([ids for ids, _ in encoded], axis=1)  # [rows, 31]
        self.vocabulary_sizes = [size for _, size in encoded]
        values = table[:, NUMERIC].astype(np.float64)  # [rows, 7]
        if numeric == "minmax":
            low, high = values[train].min(axis=0), values[train].max(axis=0)
            values = (values - low) / (high - low)
        else:
            values = (values - values[train].mean(axis=0)) / values[train].std(axis=0)
        self.numeric = values.astype(np.float32)
        labels = [table[:, INCOME] == "50000+.", table[:, MARITAL] == "Never married"]
        self.labels = np.stack(labels, axis=1).astype(np.float32)  # [rows, 2]

    def describe(self):
        """Counts that a repetition of the protocol must meet."""
        return {
            name: {
                "rows": len(rows),
                **dict(zip(TASKS, self.labels[rows].sum(axis=0).astype(int).tolist())),
            }
            for name, rows in self.rows.items()
        }
