"""Makes the goldens of whole models. Run from the repository's root: scripts/goldens.sh models.

`batches.safetensors` holds the batches all models share: `ids` [steps, B, F], `numeric`
[steps, B, N], `labels` [steps, B, K]. `<model>.safetensors` holds, with the names of names.py:
`parameters/...` before training, `logits` [B, K] and `gradients/...` at batch 0 (tables' gradients
are dense), and `loss/<optimizer>` [steps, K]: at step t, each task's mean binary cross-entropy on
batch t before the update of step t. The training loss is the sum over tasks.

Everything is computed in float64 from float32 parameters and batches. `drift` in a case's
attributes is the largest relative difference of the loss curve when PyTorch runs the same training
in float32: a tolerance below it asks for more than float32 gives. Optimizers are dense (an
embedding row that no id of the batch names still moves by its moments) but for `lazy_adam`, where tables are
trained by torch.optim.SparseAdam, which updates rows and their moments only when they are named.
"""

import copy
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from golden_file import GoldenFile  # noqa: E402
from models import MMoE, PLE, Inputs, SharedBottom  # noqa: E402
from names import clear_name, our_layout, our_tensors  # noqa: E402
import multitask  # noqa: E402
import retrieval  # noqa: E402

SEED = 20260102
FIELDS, VOCABULARY, DIMENSION, NUMERIC = 6, 20, 4, 3
TASKS, BATCH, STEPS = 2, 32, 50
VERSIONS = [f"PyTorch {torch.__version__}", f"NumPy {np.__version__}"]
INPUT_ATTRIBUTES = {
    "fields": FIELDS,
    "vocabulary_size": VOCABULARY,
    "dimension": DIMENSION,
    "numeric": NUMERIC,
    "tasks": TASKS,
    "batch_size": BATCH,
    "steps": STEPS,
}
TOWER_UNITS = [5]

MODELS = {
    "shared_bottom": (SharedBottom, {"bottom_units": [10, 6]}),
    "mmoe": (MMoE, {"experts": 3, "expert_units": [8, 6], "gate_bias": False}),
    "cgc": (
        PLE,
        {
            "levels": 1,
            "shared_experts": 2,
            "task_experts": 2,
            "expert_units": [8, 6],
            "gate_bias": False,
        },
    ),
    "ple": (
        PLE,
        {
            "levels": 2,
            "shared_experts": 2,
            "task_experts": 1,
            "expert_units": [8],
            "gate_bias": False,
        },
    ),
}

# Models whose files have our names of parameters: class, settings, and of which parameters ours are made.
OTHERS = {**multitask.MODELS, **retrieval.MODELS}


class LazyAdam:
    """Adam whose moments and rows of tables change only where the batch names the row."""

    def __init__(self, model, **settings):
        tables = [table.weight for table in model.inputs.tables]
        for table in model.inputs.tables:
            table.sparse = True
        known = {id(weight) for weight in tables}
        rest = [parameter for parameter in model.parameters() if id(parameter) not in known]
        self.parts = [
            torch.optim.SparseAdam(tables, **settings),
            torch.optim.Adam(rest, **settings),
        ]

    def zero_grad(self):
        for part in self.parts:
            part.zero_grad()

    def step(self):
        for part in self.parts:
            part.step()


OPTIMIZERS = {
    "adam": (torch.optim.Adam, {"lr": 1e-2, "betas": (0.9, 0.999), "eps": 1e-8}),
    "adagrad": (torch.optim.Adagrad, {"lr": 5e-2, "eps": 1e-10}),
    "momentum": (torch.optim.SGD, {"lr": 5e-2, "momentum": 0.9}),
    "adamw": (
        torch.optim.AdamW,
        {"lr": 1e-2, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 1e-2},
    ),
    # SparseAdam adds eps before the bias correction, Adam after it: with a tiny eps they are one rule.
    "lazy_adam": (LazyAdam, {"lr": 1e-2, "betas": (0.9, 0.999), "eps": 1e-16}),
}


def make_batches():
    """Uniform ids (zipf-like in field 0), normal numbers, labels from a planted logistic model."""
    random = np.random.default_rng(SEED)
    shape = (STEPS, BATCH)
    ids = random.integers(0, VOCABULARY, (*shape, FIELDS))
    ids[..., 0] = np.minimum(random.zipf(1.5, shape) - 1, VOCABULARY - 1)
    numeric = random.standard_normal((*shape, NUMERIC)).astype(np.float32)
    effects = random.standard_normal((TASKS, FIELDS, VOCABULARY))
    slopes = random.standard_normal((TASKS, NUMERIC))
    score = sum(effects[:, field][:, ids[..., field]] for field in range(FIELDS))
    score = np.moveaxis(score, 0, -1) + numeric @ slopes.T - 1
    labels = random.random((*shape, TASKS)) < 1 / (1 + np.exp(-score))
    return ids.astype(np.int32), numeric, labels.astype(np.float32)


def task_losses(model, batch):
    """Each task's mean binary cross-entropy, or the loss a model has instead, and the logits."""
    ids, numeric, labels = batch
    logits = model(ids, numeric)
    own = getattr(model, "losses", None)
    if own is not None:
        return own(logits, labels), logits
    rows = F.binary_cross_entropy_with_logits(logits, labels, reduction="none")
    return rows.mean(dim=0), logits  # [K], [B, K]


def total_loss(model, losses, logits, batch):
    """What is differentiated: the sum over tasks, and what else a model wants to be small."""
    extra = getattr(model, "extra_loss", None)
    return losses.sum() if extra is None else losses.sum() + extra(logits, batch[2])


def train(model, optimizer, batches):
    """Trains on each batch once, and returns the losses before each update, [steps, K]."""
    curve = []
    for batch in zip(*batches):
        optimizer.zero_grad()
        losses, logits = task_losses(model, batch)
        total_loss(model, losses, logits, batch).backward()
        optimizer.step()
        curve.append(losses.detach().double().numpy())
    return np.array(curve)


def curve_and_drift(model, kind, settings, batches):
    """The loss curve in float64, and how far float32 strays from it."""
    curves = []
    for dtype in (torch.float64, torch.float32):
        trained = copy.deepcopy(model).to(dtype)
        optimizer = kind(trained if kind is LazyAdam else trained.parameters(), **settings)
        cast = (
            torch.tensor(batches[0], dtype=torch.int64),
            *(torch.tensor(b, dtype=dtype) for b in batches[1:]),
        )
        curves.append(train(trained, optimizer, cast))
    exact, rough = curves
    return exact, float(np.max(np.abs(rough - exact) / np.abs(exact)))


def tensors(name, model, value):
    """The stored name and value of each parameter, or of its gradient."""
    if name in MODELS:
        for key, parameter in model.named_parameters():
            yield clear_name(key), our_layout(key, value(parameter))
    else:
        yield from our_tensors(model, OTHERS[name][2](model), value)


def record(name, batches):
    """Writes one model's file."""
    kind, settings = (MODELS.get(name) or OTHERS[name])[:2]
    torch.manual_seed(SEED)
    inputs = Inputs([VOCABULARY] * FIELDS, DIMENSION, NUMERIC)
    model = kind(inputs, TASKS, tower_units=TOWER_UNITS, **settings).double()
    with torch.no_grad():
        for parameter in model.parameters():  # exactly what is stored
            parameter.copy_(parameter.float().double())
    golden = GoldenFile("scripts/goldens.sh models", SEED, VERSIONS, __doc__)
    for key, array in tensors(name, model, lambda parameter: parameter.detach().numpy()):
        golden.add("parameters/" + key, array)
    for key, buffer in model.named_buffers():  # kept, not trained
        golden.add(f"parameters/{name}/{key}", buffer.numpy().reshape(-1, 1))
    wide = (
        torch.tensor(batches[0], dtype=torch.int64),
        *(torch.tensor(b, dtype=torch.float64) for b in batches[1:]),
    )
    first = [part[0] for part in wide]
    losses, logits = task_losses(model, first)
    total_loss(model, losses, logits, first).backward()
    golden.add("logits", logits.detach().numpy())
    for key, array in tensors(name, model, lambda parameter: parameter.grad.numpy()):
        golden.add("gradients/" + key, array)
    model.zero_grad()
    attributes = {"architecture": name, "tower_units": TOWER_UNITS, **settings, **INPUT_ATTRIBUTES}
    golden.case(name, attributes)
    for optimizer in OPTIMIZERS if name == "shared_bottom" else ["adam"]:
        curve, drift = curve_and_drift(model, *OPTIMIZERS[optimizer], batches)
        golden.add(f"loss/{optimizer}", curve)
        golden.case(f"loss/{optimizer}", {**OPTIMIZERS[optimizer][1], "drift": drift})
        print(f"{name} {optimizer}: loss {curve[0]} -> {curve[-1]}, float32 drift {drift:.1e}")
    golden.write(HERE / f"{name}.safetensors")


def main():
    """Writes the batches and every model, or the models named."""
    batches = make_batches()
    for name in sys.argv[1:]:
        record(name, batches)
    if len(sys.argv) > 1:
        return
    golden = GoldenFile("scripts/goldens.sh models", SEED, VERSIONS, __doc__)
    golden.case("batches", INPUT_ATTRIBUTES)
    for name, array in zip(["ids", "numeric", "labels"], batches):
        golden.add(name, array)
    golden.write(HERE / "batches.safetensors")
    for name in [*MODELS, *OTHERS]:
        record(name, batches)


main()
