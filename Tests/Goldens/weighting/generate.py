"""Makes the goldens of weights of losses. Run from the repository's root: scripts/goldens.sh weighting.

A shared layer of 8 rectified units and three heads, trained for 50 full-batch steps of Adam, each an
epoch: `clicked` by binary cross-entropy, `amount` by squared error, `kind` by cross-entropy of 3
classes, with the weights `w` of WEIGHTS. Labels are missing where `present` is 0. `<rule>.safetensors`
has what its rule, differentiated as the paper writes it, makes of the same start:

- uncertainty: `sum_k w_k (c_k exp(-s_k) L_k + s_k / 2)`, c = 1, 1/2, 1 (Kendall et al., CVPR 2018)
- impartial: `sum_k w_k (exp(s_k) L_k - s_k)` (IMTL-L, Liu et al., ICLR 2021)
- geometric_mean: `(prod_k L_k)^(1/3)` with w = 1 (GLS, Chennupati et al., 2019)
- smooth_maximum: `mu log sum_k exp(w_k L_k / mu)` (STCH, Lin et al., ICML 2024)
- famo: `z_k log(w_k L_k) / c`, Adam on the logits of z with rate 0.025 and decay 0.001 (FAMO, Liu et al., NeurIPS
  2023), as in the authors' program
- dynamic_average: `sum_k w_k f_k L_k`, f as in LibMTL 1.1.5's DWA (Liu et al., CVPR 2019)

`losses` [steps, K] and `factors` [steps, K], the derivative of the sum by each loss: for learnt numbers
after the update of the step, else those of the step. All is float64 from float32 parameters and rows.
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
MU, TEMPERATURE = 0.5, 2.0


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


def uncertainty(each, learned, _):
    """Kendall's sum."""
    return (WEIGHTS * (FACTORS * torch.exp(-learned) * each + learned / 2)).sum()


def impartial(each, learned, _):
    """IMTL-L's sum."""
    return (WEIGHTS * (torch.exp(learned) * each - learned)).sum()


def geometric_mean(each, *_):
    """GLS."""
    return torch.pow(each.prod(), 1 / len(each))


def smooth_maximum(each, *_):
    """STCH with the ideal point 0."""
    return MU * torch.logsumexp(WEIGHTS * each / MU, dim=0)


def dynamic_average(each, _, curve):
    """DWA: from the third epoch on, by the losses of the two before."""
    factors = torch.ones(len(each), dtype=torch.float64)
    if len(curve) > 1:
        ratio = torch.tensor(curve[-1] / curve[-2])
        factors = len(each) * F.softmax(ratio / TEMPERATURE, dim=-1)
    return (WEIGHTS * factors * each).sum()


def famo(each, logits, _):
    """FAMO's loss, with its logits held."""
    z = F.softmax(logits.detach(), dim=-1)
    weighted = WEIGHTS * each + 1e-8
    return (z * torch.log(weighted)).sum() / (z / weighted).sum().detach()


RULES = {
    "uncertainty": (uncertainty, {}),
    "impartial": (impartial, {}),
    "geometric_mean": (geometric_mean, {}),
    "smooth_maximum": (smooth_maximum, {"mu": MU}),
    "famo": (famo, {"rate": 0.025, "decay": 0.001}),
    "dynamic_average": (dynamic_average, {"temperature": TEMPERATURE}),
}


def record(name):
    """Trains the model by a rule and writes the file."""
    rule, settings = RULES[name]
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
    for layer, shape in widths.items():
        for leaf, size in (("weight", shape), ("bias", shape[1:])):
            values = (0.4 * random.standard_normal(size)).astype(np.float32)
            golden.add(f"parameters/{layer}/{leaf}", values)
            wide = torch.tensor(values.astype(np.float64), requires_grad=True)
            parameters[f"{layer}/{leaf}"] = wide
    learned = torch.zeros(len(TASKS), dtype=torch.float64, requires_grad=True)
    trained = list(parameters.values()) + ([] if name == "famo" else [learned])
    optimizer = torch.optim.Adam(trained, lr=RATE)
    logits = torch.optim.Adam([learned], lr=0.025, weight_decay=0.001)
    wide = [torch.tensor(part.astype(np.float64)) for part in (x, labels, present)]
    curve, factors = [], []
    for _ in range(STEPS):
        optimizer.zero_grad()
        each = losses(parameters, *wide)
        rule(each, learned, curve).backward()
        optimizer.step()
        if name == "famo":
            before = known = each.detach().clone().requires_grad_()
            (factor,) = torch.autograd.grad(rule(known, learned, curve), known)
            after = losses(parameters, *wide).detach()
            gain = torch.log(WEIGHTS * before + 1e-8) - torch.log(WEIGHTS * after + 1e-8)
            z = F.softmax(learned, dim=-1)
            (learned.grad,) = torch.autograd.grad(z, learned, grad_outputs=gain.detach())
            logits.step()
            curve.append(each.detach().numpy())
            factors.append(factor.detach().numpy())
            continue
        known = each.detach().clone().requires_grad_()
        (factor,) = torch.autograd.grad(rule(known, learned, curve), known)
        curve.append(each.detach().numpy())
        factors.append(factor.detach().numpy())
    for column, values in {"x": x, "labels": labels, "present": present}.items():
        golden.add(column, values)
    golden.add("losses", np.array(curve))
    golden.add("factors", np.array(factors))
    weights = [1.0] * len(TASKS) if name == "geometric_mean" else WEIGHTS.tolist()
    golden.case(name, {"learning_rate": RATE, "task_weights": weights, **settings})
    golden.write(HERE / f"{name}.safetensors")


for each_rule in RULES:
    record(each_rule)
