"""Makes the goldens of interactions that read lists step by step.

Run from the repository's root: scripts/goldens.sh sequences.

`batches.safetensors` holds the batches all models share: `ids` [steps, B, F], `numeric` [steps, B, N], `labels`
[steps, B, K], `lengths` [steps, B], 0 to 7, and `history` [steps, B, 7], of which the first `length` ids of a row are meant.
A reader takes the last 5. `<model>.safetensors` holds, under our names of parameters: `parameters/...` before
training, `logits` [B, K] and `gradients/...` at batch 0 (tables' gradients are dense), and `loss/adam` [steps, K]: at
step t, each task's mean binary cross-entropy on batch t before the update of step t. The training loss is the sum
over tasks and what a reader adds.

Everything is computed in float64 from float32 parameters and batches. `drift` in a case's attributes is the
largest relative difference of the loss curve when PyTorch runs the same training in float32. Adam is dense.
"""

import copy
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "scenarios")]

import readers  # noqa: E402
from golden_file import GoldenFile  # noqa: E402
from models import Inputs, chain, run, stack, tower_names  # noqa: E402
from names import dense, our_tensors  # noqa: E402

SEED = 20261127
FIELDS, VOCABULARY, DIMENSION, NUMERIC, CANDIDATE = 3, 12, 4, 2, 1
TASKS, BATCH, STEPS, LONGEST, LENGTH = 2, 32, 50, 7, 5
VERSIONS = [f"PyTorch {torch.__version__}", f"NumPy {np.__version__}"]
ADAM = {"lr": 1e-2, "betas": (0.9, 0.999), "eps": 1e-8}
MODELS = {
    "din": (readers.DIN, {"units": [6, 5]}),
    "din_prelu": (readers.DIN, {"units": [6, 5], "activation": "prelu"}),
    "din_dice": (readers.DIN, {"units": [6, 5], "activation": "dice"}),
    "dien": (readers.DIEN, {"auxiliary": 0.0}),
    "dien_auxiliary": (readers.DIEN, {"auxiliary": 0.5}),
    "sasrec": (readers.SASRec, {"layers": 2, "heads": 2}),
    "bst": (readers.BST, {"layers": 1, "heads": 2}),
}


class Model(nn.Module):
    """A Shared-Bottom behind a reader of the list, which shares the candidate's table."""

    def __init__(self, reader, settings):
        super().__init__()
        self.inputs = Inputs([VOCABULARY] * FIELDS, DIMENSION, NUMERIC)
        self.reader = reader(DIMENSION, LENGTH, **settings)
        self.bottom = stack(self.inputs.width + self.reader.width, [8])
        self.towers = nn.ModuleList(stack(8, [5, 1]) for _ in range(TASKS))

    def forward(self, ids, numeric, history, lengths):
        table = self.inputs.tables[CANDIDATE]
        whole = [table(row[:length]) for row, length in zip(history, lengths)]
        # For the auxiliary loss: what stands LENGTH steps further on among all lists, around the end.
        shifted = torch.cat(whole).roll(-LENGTH, 0).split(list(lengths))
        cut = lambda lists: [steps[-LENGTH:] for steps in lists]
        read, self.added_loss = self.reader(cut(whole), table(ids[:, CANDIDATE]), cut(shifted))
        h = run(self.bottom, torch.cat([self.inputs(ids, numeric), read], dim=1))
        return torch.cat([chain(tower, h) for tower in self.towers], dim=1)

    def ours(self):
        return {
            **self.inputs.ours(),
            **self.reader.ours(),
            **dense("shared_bottom_1/dense_{}", [self.bottom], stacked=False),
            **tower_names("shared_bottom_1", self.towers),
        }


def make_batches():
    """Uniform ids, lists of 0 to 7 of them, and labels by whether the candidate's like was in the list."""
    random = np.random.default_rng(SEED)
    shape = (STEPS, BATCH)
    ids = random.integers(0, VOCABULARY, (*shape, FIELDS))
    numeric = random.standard_normal((*shape, NUMERIC)).astype(np.float32)
    lengths = random.integers(0, LONGEST + 1, shape)
    lengths[:, :3] = [0, 1, LONGEST]
    history = random.integers(0, VOCABULARY, (*shape, LONGEST))
    there = np.arange(LONGEST) < lengths[..., None]
    like = ((history % 3 == ids[..., [CANDIDATE]] % 3) & there).sum(-1)
    score = np.stack([like - 1 + numeric[..., 0], numeric[..., 1] - like * 0.5], axis=-1)
    labels = random.random((*shape, TASKS)) < 1 / (1 + np.exp(-score))
    history = np.where(there, history, 0).astype(np.int32)
    return ids.astype(np.int32), numeric, labels.astype(np.float32), history, lengths.astype(np.int32)


def tensors(batches, dtype):
    """Batches as tensors, and lengths as lists."""
    ids, numeric, labels, history, lengths = batches
    return (
        torch.tensor(ids, dtype=torch.int64),
        torch.tensor(numeric, dtype=dtype),
        torch.tensor(labels, dtype=dtype),
        torch.tensor(history, dtype=torch.int64),
        lengths.tolist(),
    )


def losses_of(model, batch):
    """Each task's mean binary cross-entropy, and the logits."""
    ids, numeric, labels, history, lengths = batch
    logits = model(ids, numeric, history, lengths)
    return F.binary_cross_entropy_with_logits(logits, labels, reduction="none").mean(0), logits


def train(model, batches):
    """Trains on each batch once, and returns the losses before each update, [steps, K]."""
    optimizer = torch.optim.Adam(model.parameters(), **ADAM)
    curve = []
    for batch in zip(*batches):
        optimizer.zero_grad()
        losses, _ = losses_of(model, batch)
        (losses.sum() + model.added_loss).backward()
        optimizer.step()
        curve.append(losses.detach().double().numpy())
    return np.array(curve)


def record(name, batches):
    """Writes one model's file."""
    kind, settings = MODELS[name]
    torch.manual_seed(SEED)
    model = Model(kind, settings).double()
    with torch.no_grad():
        for parameter in model.parameters():  # exactly what is stored
            parameter.copy_(parameter.float().double())
    golden = GoldenFile("scripts/goldens.sh sequences", SEED, VERSIONS, __doc__)
    for key, array in our_tensors(model):
        golden.add("parameters/" + key, array)
    probe = copy.deepcopy(model)
    losses, logits = losses_of(probe, [part[0] for part in tensors(batches, torch.float64)])
    (losses.sum() + probe.added_loss).backward()
    del probe.added_loss  # such a tensor cannot be copied
    golden.add("logits", logits.detach().numpy())
    for key, array in our_tensors(probe, gradients=True):
        golden.add("gradients/" + key, array)
    golden.case(name, {"reader": name, "length": LENGTH, **settings})
    exact, rough = (
        train(copy.deepcopy(model).to(dtype), tensors(batches, dtype))
        for dtype in (torch.float64, torch.float32)
    )
    drift = float(np.max(np.abs(rough - exact) / np.abs(exact)))
    golden.add("loss/adam", exact)
    golden.case("loss/adam", {**ADAM, "drift": drift})
    print(f"{name}: loss {exact[0]} -> {exact[-1]}, float32 drift {drift:.1e}")
    golden.write(HERE / f"{name}.safetensors")


def main():
    """Writes the batches and every model, or the models named."""
    batches = make_batches()
    if not sys.argv[1:]:
        golden = GoldenFile("scripts/goldens.sh sequences", SEED, VERSIONS, __doc__)
        golden.case("batches", {"length": LENGTH, "longest": LONGEST})
        for name, array in zip(["ids", "numeric", "labels", "history", "lengths"], batches):
            golden.add(name, array)
        golden.write(HERE / "batches.safetensors")
    for name in sys.argv[1:] or list(MODELS):
        record(name, batches)


main()
