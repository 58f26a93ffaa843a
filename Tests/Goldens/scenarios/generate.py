"""Makes the goldens of multi-scenario models and of interactions of features.

Run from the repository's root: scripts/goldens.sh scenarios.

`batches.safetensors` holds the batches all models share, rows sorted by scenario: `ids` [steps, B, F], `numeric`
[steps, B, N], `labels` [steps, B, K] and `offsets` [steps, S + 1]. Scenario 3 has no rows before step 20, and
some batches lack another one. `<model>.safetensors` holds, under our names of parameters: `parameters/...` before
training, `logits` [B, K] and `gradients/...` at batch 0 (tables' gradients are dense), and `loss/adam` [steps, K]:
at step t, each task's mean binary cross-entropy on batch t before the update of step t. The training loss is the
sum over tasks. Where a model keeps statistics, `statistics/...` are those after the last step.

Everything is computed in float64 from float32 parameters and batches. `drift` in a case's attributes is the
largest relative difference of the loss curve when PyTorch runs the same training in float32: a tolerance below it
asks for more than float32 gives. Adam is dense: an embedding row that no id of the batch names still moves.
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
import experts  # noqa: E402
import interactions  # noqa: E402
import models  # noqa: E402
import pruning  # noqa: E402
from names import our_tensors  # noqa: E402

SEED = 20261126
FIELDS, VOCABULARY, DIMENSION, NUMERIC = 6, 20, 4, 3
TASKS, SCENARIOS, BATCH, STEPS = 2, 4, 32, 50
VERSIONS = [f"PyTorch {torch.__version__}", f"NumPy {np.__version__}"]
INPUT_ATTRIBUTES = {
    "fields": FIELDS,
    "vocabulary_size": VOCABULARY,
    "dimension": DIMENSION,
    "numeric": NUMERIC,
    "tasks": TASKS,
    "scenarios": SCENARIOS,
    "batch_size": BATCH,
    "steps": STEPS,
}
TOWER_UNITS = [5]
ADAM = {"lr": 1e-2, "betas": (0.9, 0.999), "eps": 1e-8}
ADASPARSE = {
    "network_units": [8, 6],
    "scenario_dimension": 3,
    "alpha": (1.0, 0.02, 1.6),
    "sparsity": (0.5, 0.01),
    "sparsity_range": (0.2, 0.3),
}
PEPNET = {"prior_fields": [0, 2], "gate_units": 6, "scenario_dimension": 3}

MODELS = {
    "per_scenario": (models.PerScenario, {"bottom_units": [8, 6]}),
    "star": (
        models.STAR,
        {"star_units": [8, 6], "auxiliary_units": [4], "scenario_dimension": 3},
    ),
    "pepnet": (models.PEPNet, {"gates": "both", **PEPNET}),
    "epnet": (models.PEPNet, {"gates": "embedding", **PEPNET}),
    "ppnet": (models.PEPNet, {"gates": "parameters", **PEPNET}),
    "hmoe": (models.HMoE, {"experts": 3, "expert_units": [8]}),
    "m2m": (
        models.M2M,
        {
            "experts": 3,
            "expert_units": [8, 6],
            "meta_layers": 2,
            "knowledge_units": 4,
            "scenario_dimension": 3,
        },
    ),
    "hamur": (
        models.HAMUR,
        {"bottom_units": [8, 6], "adapter_units": 5, "rank": 3, "hyper_units": [7]},
    ),
    "m3oe": (models.M3oE, {"star_units": [8, 6], "experts": 3, "expert_units": [7]}),
    "adasparse": (pruning.AdaSparse, {"form": "fusion", "epsilon": 0.8, "beta": 2.0, **ADASPARSE}),
    "adasparse_binary": (pruning.AdaSparse, {"form": "binary", "epsilon": 0.45, "beta": 1.0, **ADASPARSE}),
    "adasparse_scaling": (pruning.AdaSparse, {"form": "scaling", "epsilon": 0.8, "beta": 2.0, **ADASPARSE}),
    "sar_net": (
        experts.SARNet,
        {"shared_experts": 3, "scenario_experts": 2, "expert_units": [8, 6], "bias_fields": []},
    ),
    "sar_net_bias": (
        experts.SARNet,
        {"shared_experts": 2, "scenario_experts": 1, "expert_units": [7], "bias_fields": [1, 4]},
    ),
    **{name: (interactions.Interacting, settings) for name, settings in interactions.MODELS.items()},
}
# Two hidden layers, so that layers behind the first are seen as well.
TOWERS = {"pepnet": [6, 5], "epnet": [6, 5], "ppnet": [6, 5]}


def make_offsets(random):
    """Where each scenario's rows start: five rows at least, or none."""
    offsets = []
    for step in range(STEPS):
        there = [s for s in range(SCENARIOS) if s < 3 or step >= 20]
        if step % 5 == 4:
            there.remove(there[random.integers(len(there))])
        counts = np.zeros(SCENARIOS, dtype=int)
        counts[there] = 5
        for _ in range(BATCH - counts.sum()):
            counts[there[random.integers(len(there))]] += 1
        offsets.append(np.concatenate([[0], np.cumsum(counts)]))
    return np.array(offsets, dtype=np.int32)


def make_batches():
    """Uniform ids (zipf-like in field 0), normal numbers, labels from a planted logistic model by scenario."""
    random = np.random.default_rng(SEED)
    shape = (STEPS, BATCH)
    offsets = make_offsets(random)
    scenario = np.array([np.repeat(np.arange(SCENARIOS), np.diff(row)) for row in offsets])
    ids = random.integers(0, VOCABULARY, (*shape, FIELDS))
    ids[..., 0] = np.minimum(random.zipf(1.5, shape) - 1, VOCABULARY - 1)
    numeric = random.standard_normal((*shape, NUMERIC)).astype(np.float32)
    effects = random.standard_normal((TASKS, FIELDS, VOCABULARY))
    slopes = random.standard_normal((SCENARIOS, TASKS, NUMERIC))
    score = sum(effects[:, field][:, ids[..., field]] for field in range(FIELDS))
    score = np.moveaxis(score, 0, -1) + np.einsum("tbn,tbkn->tbk", numeric, slopes[scenario]) - 1
    labels = random.random((*shape, TASKS)) < 1 / (1 + np.exp(-score))
    return ids.astype(np.int32), numeric, labels.astype(np.float32), offsets


def task_losses(model, batch):
    """Each task's mean binary cross-entropy, and the logits."""
    ids, numeric, labels, offsets = batch
    logits = model(ids, numeric, offsets.tolist())
    rows = F.binary_cross_entropy_with_logits(logits, labels, reduction="none")
    return rows.mean(dim=0), logits  # [K], [B, K]


def added_loss(model):
    """What a model adds to the losses of the tasks, or 0."""
    return getattr(model, "added_loss", 0)


def tensors(batches, dtype):
    """Batches as tensors."""
    ids, numeric, labels, offsets = batches
    return (
        torch.tensor(ids, dtype=torch.int64),
        torch.tensor(numeric, dtype=dtype),
        torch.tensor(labels, dtype=dtype),
        torch.tensor(offsets, dtype=torch.int64),
    )


def train(model, batches):
    """Trains on each batch once, and returns the losses before each update, [steps, K]."""
    optimizer = torch.optim.Adam(model.parameters(), **ADAM)
    curve = []
    for batch in zip(*batches):
        optimizer.zero_grad()
        losses, _ = task_losses(model, batch)
        (losses.sum() + added_loss(model)).backward()
        for parameter in model.parameters():  # a scenario without rows has a gradient of zeros
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        optimizer.step()
        curve.append(losses.detach().double().numpy())
    return np.array(curve)


def record(name, batches):
    """Writes one model's file."""
    kind, settings = MODELS[name]
    tower_units = TOWERS.get(name, TOWER_UNITS)
    torch.manual_seed(SEED)
    inputs = models.Inputs([VOCABULARY] * FIELDS, DIMENSION, NUMERIC)
    model = kind(inputs, TASKS, SCENARIOS, tower_units=tower_units, **settings).double()
    with torch.no_grad():
        for parameter in model.parameters():  # exactly what is stored
            parameter.copy_(parameter.float().double())
    golden = GoldenFile("scripts/goldens.sh scenarios", SEED, VERSIONS, __doc__)
    for key, array in our_tensors(model):
        golden.add("parameters/" + key, array)
    wide = tensors(batches, torch.float64)
    probe = copy.deepcopy(model)
    losses, logits = task_losses(probe, [part[0] for part in wide])
    (losses.sum() + added_loss(probe)).backward()
    vars(probe).pop("added_loss", None)  # such a tensor cannot be copied
    golden.add("logits", logits.detach().numpy())
    for key, array in our_tensors(probe, gradients=True):
        golden.add("gradients/" + key, array)
    attributes = {"architecture": name, "tower_units": tower_units, **settings, **INPUT_ATTRIBUTES}
    if "crosses" in settings:
        crosses = [{"kind": cross.__name__, **sizes} for cross, sizes in settings["crosses"]]
        attributes["crosses"] = crosses
    golden.case(name, attributes)
    curves = []
    for dtype in (torch.float64, torch.float32):
        trained = copy.deepcopy(model).to(dtype)
        curves.append(train(trained, tensors(batches, dtype)))
        if dtype == torch.float64 and hasattr(trained, "statistics"):
            for key, value in trained.statistics().items():
                golden.add("statistics/" + key, value.numpy())
    exact, rough = curves
    drift = float(np.max(np.abs(rough - exact) / np.abs(exact)))
    golden.add("loss/adam", exact)
    golden.case("loss/adam", {**ADAM, "drift": drift})
    print(f"{name}: loss {exact[0]} -> {exact[-1]}, float32 drift {drift:.1e}")
    golden.write(HERE / f"{name}.safetensors")


def main():
    """Writes the batches and every model, or the models named."""
    batches = make_batches()
    names = sys.argv[1:] or list(MODELS)
    if not sys.argv[1:]:
        golden = GoldenFile("scripts/goldens.sh scenarios", SEED, VERSIONS, __doc__)
        golden.case("batches", INPUT_ATTRIBUTES)
        for name, array in zip(["ids", "numeric", "labels", "offsets"], batches):
            golden.add(name, array)
        golden.write(HERE / "batches.safetensors")
    for name in names:
        record(name, batches)


main()
