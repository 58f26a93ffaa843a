"""Makes the golden of learnt loss weights. Run from the repository's root: scripts/goldens.sh weighting.

A shared layer of 8 rectified units and three heads, trained for 50 full-batch steps of Adam with
`sum_k w_k (c_k exp(-s_k) L_k + s_k / 2)` (Kendall et al., CVPR 2018): `clicked` by binary
cross-entropy (c = 1), `amount` by squared error (c = 1/2), `kind` by cross-entropy of 3 classes
(c = 1). Labels are missing where `present` is 0. `losses` [steps, K] and `factors` [steps, K],
`w_k c_k exp(-s_k)`, are those before and after the update of each step. Everything is computed in
float64 from float32 parameters and rows.
"""

import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from golden_file import GoldenFile  # noqa: E402

SEED, ROWS, WIDTH, UNITS, CLASSES, STEPS = 20260311, 32, 5, 8, 3, 50
TASKS = ["clicked", "amount", "kind"]
FACTORS = torch.tensor([1.0, 0.5, 1.0], dtype=torch.float64)
WEIGHTS = torch.tensor([1.0, 0.5, 2.0], dtype=torch.float64)
RATE = 0.02


def losses(parameters, x, labels, present):
    """Each task's mean loss over its labelled rows."""
    hidden = torch.relu(x @ parameters["shared/weight"] + parameters["shared/bias"])
    clicked, amount, kind = (
        hidden @ parameters[f"{task}/weight"] + parameters[f"{task}/bias"] for task in TASKS
    )
    rows = torch.stack(
        [
            F.binary_cross_entropy_with_logits(clicked[:, 0], labels[:, 0], reduction="none"),
            (amount[:, 0] - labels[:, 1]) ** 2,
            F.cross_entropy(kind, labels[:, 2].long(), reduction="none"),
        ],
        dim=1,
    )
    return (rows * present).sum(0) / present.sum(0)


def main():
    """Trains the model and writes the file."""
    random = np.random.default_rng(SEED)
    x = random.standard_normal((ROWS, WIDTH)).astype(np.float32)
    labels = np.stack(
        [
            random.random(ROWS) < 0.4,
            (3 * x[:, 0] + random.standard_normal(ROWS)).astype(np.float32),
            random.integers(0, CLASSES, ROWS),
        ],
        axis=1,
    ).astype(np.float32)
    present = (random.random((ROWS, len(TASKS))) < 0.8).astype(np.float32)
    widths = {"shared": (WIDTH, UNITS), "clicked": (UNITS, 1), "amount": (UNITS, 1)}
    widths["kind"] = (UNITS, CLASSES)
    golden = GoldenFile(
        "scripts/goldens.sh weighting",
        SEED,
        [f"PyTorch {torch.__version__}", f"NumPy {np.__version__}"],
        __doc__,
    )
    parameters = {}
    for name, shape in widths.items():
        for leaf, size in (("weight", shape), ("bias", shape[1:])):
            values = (0.4 * random.standard_normal(size)).astype(np.float32)
            golden.add(f"parameters/{name}/{leaf}", values)
            parameters[f"{name}/{leaf}"] = torch.tensor(values.astype(np.float64), requires_grad=True)
    variances = torch.zeros(len(TASKS), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([*parameters.values(), variances], lr=RATE)
    wide = [torch.tensor(part.astype(np.float64)) for part in (x, labels, present)]
    curve, factors = [], []
    for _ in range(STEPS):
        optimizer.zero_grad()
        each = losses(parameters, *wide)
        terms = WEIGHTS * (FACTORS * torch.exp(-variances) * each + variances / 2)
        terms.sum().backward()
        optimizer.step()
        curve.append(each.detach().numpy())
        factors.append((WEIGHTS * FACTORS * torch.exp(-variances)).detach().numpy())
    for name, values in {"x": x, "labels": labels, "present": present}.items():
        golden.add(name, values)
    golden.add("losses", np.array(curve))
    golden.add("factors", np.array(factors))
    golden.case("uncertainty", {"learning_rate": RATE, "task_weights": WEIGHTS.tolist()})
    golden.write(HERE / "uncertainty.safetensors")


main()
