"""Makes the goldens of training on combined gradients. Run from the repository's root: scripts/goldens.sh combined.

Needs torch 2.15.0 and torchjd 0.18.0, which make bench-peers installs. Two models of three binary tasks on one batch of 24 rows of 5 numbers, trained for 50
full-batch steps of Adam:

- shared_bottom: one shared layer of 7 rectified units, towers of 4, outputs
- mmoe: 3 experts of 6 rectified units, a softmax gate for each task, towers of 4, outputs

Each step has the gradient of every task by autograd: of the shared parameters, and of the shared
representation (the shared layer's result, or the experts' results). TorchJD makes weights of the products of
those named by the case: UPGrad, IMTL-G, or Aligned-MTL (times K: it takes the mean of tasks, we the sum). `gradnorm`
is written from the paper: `sum_k |w_k n_k - c_k|` differentiated by autograd, Adam on w with rate 0.025, alpha 1.5, and
w brought back to the sum 3; `db_mtl` and `moco` likewise (beta 0.9 / sqrt(t); beta 0.5, gamma 0.1), on averages of
the gradients of the shared parameters. With gradnorm own parameters receive `w_k` times their gradient too.
Own parameters, gates among them, receive their task's gradient, shared ones the weighted sum. Task weights are
1, 0.5 and 3, labels of the second task are missing on a third of the rows.

`<model>.safetensors` has rows, parameters, and for each case `<rule>/<place>/losses` [50, 3] and `.../weights`.
All is float64 from float32 parameters and rows.
"""

import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
import torchjd
from torchjd.aggregation import AlignedMTLWeighting, IMTLGWeighting, UPGradWeighting
from torchjd.linalg import QuadprogProjector

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from golden_file import GoldenFile  # noqa: E402

SEED, ROWS, WIDTH, STEPS, TASKS, RATE = 20261126, 24, 5, 50, 3, 0.02
WEIGHTS = torch.tensor([1.0, 0.5, 3.0], dtype=torch.float64)
RULES = {
    "upgrad": (UPGradWeighting(projector=QuadprogProjector(norm_eps=0.0, reg_eps=1e-10)), 1),
    "imtl_g": (IMTLGWeighting(), 1),
    "aligned_mtl": (AlignedMTLWeighting(), TASKS),
}
AVERAGED = ["db_mtl", "moco"]
SHAPES = {
    "shared_bottom": {
        "shared_bottom_1/dense_1/weight": (WIDTH, 7),
        "shared_bottom_1/dense_1/bias": (7,),
        "shared_bottom_1/towers/hidden/dense_1/weight": (TASKS, 7, 4),
        "shared_bottom_1/towers/hidden/dense_1/bias": (TASKS, 4),
    },
    "mmoe": {
        "mmoe_1/experts/dense_1/weight": (3, WIDTH, 6),
        "mmoe_1/experts/dense_1/bias": (3, 6),
        "mmoe_1/gates/dense/weight": (TASKS, WIDTH, 3),
        "mmoe_1/towers/hidden/dense_1/weight": (TASKS, 6, 4),
        "mmoe_1/towers/hidden/dense_1/bias": (TASKS, 4),
    },
}
SHARED = {
    "shared_bottom": ["shared_bottom_1/dense_1/weight", "shared_bottom_1/dense_1/bias"],
    "mmoe": ["mmoe_1/experts/dense_1/weight", "mmoe_1/experts/dense_1/bias"],
}


def representation(model, p, x):
    """What tasks share: [B, 7], or [E, B, 6]."""
    prefix = f"{model}_1"
    if model == "shared_bottom":
        return torch.relu(x @ p[f"{prefix}/dense_1/weight"] + p[f"{prefix}/dense_1/bias"])
    hidden = torch.einsum("bi,eiu->ebu", x, p[f"{prefix}/experts/dense_1/weight"])
    return torch.relu(hidden + p[f"{prefix}/experts/dense_1/bias"][:, None])


def losses(model, p, x, shared, labels, present):
    """Each task's weighted mean loss over its labelled rows."""
    prefix = f"{model}_1"
    each = []
    for task in range(TASKS):
        value = shared
        if model == "mmoe":
            gate = F.softmax(x @ p[f"{prefix}/gates/dense/weight"][task], dim=-1)
            value = torch.einsum("be,ebu->bu", gate, shared)
        tower = f"{prefix}/towers/hidden/dense_1"
        value = torch.relu(value @ p[f"{tower}/weight"][task] + p[f"{tower}/bias"][task])
        output = f"{prefix}/towers/output_t{task}"
        logits = (value @ p[f"{output}/weight"] + p[f"{output}/bias"])[:, 0]
        rows = F.binary_cross_entropy_with_logits(logits, labels[:, task], reduction="none")
        each.append((rows * present[:, task]).sum() / present[:, task].sum())
    return torch.stack(each)


def simplex(values):
    """The nearest point whose elements are at least 0 and add up to 1."""
    ordered = torch.sort(values, descending=True).values
    excess = (torch.cumsum(ordered, 0) - 1) / torch.arange(1, len(values) + 1)
    count = int((ordered > excess).sum())
    return torch.clamp(values - excess[count - 1], min=0)


def train(model, start, x, labels, present, rule, place):
    """Losses and weights of 50 steps."""
    weighting, factor = RULES.get(rule, (None, 1))
    scale = torch.ones(TASKS, requires_grad=True)
    balance, first = torch.optim.Adam([scale], lr=0.025), None
    p = {name: torch.tensor(value.astype(np.float64), requires_grad=True) for name, value in start.items()}
    optimizer = torch.optim.Adam(p.values(), lr=RATE)
    averages, slow = {}, torch.full((TASKS,), 1 / TASKS)
    curve, chosen = [], []
    for _ in range(STEPS):
        shared = representation(model, p, x)
        each = losses(model, p, x, shared, labels, present)
        differentiated = torch.log(WEIGHTS * each) if rule == "db_mtl" else WEIGHTS * each
        gradients = [
            torch.autograd.grad(
                differentiated[task], [shared, *p.values()], retain_graph=True, allow_unused=True
            )
            for task in range(TASKS)
        ]
        named = [dict(zip(["representation", *p], gradient)) for gradient in gradients]
        if rule in AVERAGED:
            kept = 0.9 / (len(curve) + 1) ** 0.5 if rule == "db_mtl" else 0.5
            for task, gradient in enumerate(named):
                for name in SHARED[model]:
                    old = averages.get((task, name), torch.zeros_like(gradient[name]))
                    gradient[name] = averages[task, name] = kept * old + (1 - kept) * gradient[name]
        compared = ["representation"] if place == "representation" else SHARED[model]
        matrix = torch.stack([torch.cat([g[name].flatten() for name in compared]) for g in named])
        own = torch.ones(TASKS)
        if rule == "gradnorm":
            w = own = scale.detach().clone()
            weighted = (WEIGHTS * each).detach()
            first = weighted if first is None else first
            ratio = weighted / first
            ratio = ratio / ratio.mean()
            lengths = scale * matrix.norm(dim=1)
            target = (lengths.mean() * ratio**1.5).detach()
            balance.zero_grad()
            (lengths - target).abs().sum().backward()
            balance.step()
            with torch.no_grad():
                scale *= TASKS / scale.sum()
        elif rule == "db_mtl":
            w = matrix.norm(dim=1).max() / matrix.norm(dim=1)
        elif rule == "moco":
            w = slow = simplex(slow - 0.1 * (matrix @ matrix.T) @ slow)
        else:
            w = factor * weighting(matrix @ matrix.T)
        for name, value in p.items():
            parts = [g[name] for g in named]
            if name in SHARED[model]:
                value.grad = sum(w[task] * parts[task] for task in range(TASKS))
            else:
                value.grad = sum(own[k] * part for k, part in enumerate(parts) if part is not None)
        optimizer.step()
        curve.append(each.detach().numpy())
        chosen.append(w.numpy())
    return np.array(curve), np.array(chosen)


def record(model):
    """Writes the file of one model."""
    random = np.random.default_rng(SEED)
    x = random.standard_normal((ROWS, WIDTH)).astype(np.float32)
    labels = (random.random((ROWS, TASKS)) < 0.4).astype(np.float32)
    # The third task wants what the first does not.
    labels[:, 2] = np.where(random.random(ROWS) < 0.8, 1 - labels[:, 0], labels[:, 2])
    present = np.ones((ROWS, TASKS), np.float32)
    present[::3, 1] = 0
    shapes = dict(SHAPES[model])
    for task in range(TASKS):
        shapes[f"{model}_1/towers/output_t{task}/weight"] = (4, 1)
        shapes[f"{model}_1/towers/output_t{task}/bias"] = (1,)
    golden = GoldenFile(
        "scripts/goldens.sh combined",
        SEED,
        [f"PyTorch {torch.__version__}", "TorchJD 0.18.0", f"NumPy {np.__version__}"],
        __doc__,
    )
    start = {}
    for name, shape in shapes.items():
        start[name] = (0.5 * random.standard_normal(shape)).astype(np.float32)
        golden.add(f"parameters/{name}", start[name])
    for column, values in {"x": x, "labels": labels, "present": present}.items():
        golden.add(column, values)
    wide = [torch.tensor(part.astype(np.float64)) for part in (x, labels, present)]
    for rule in [*RULES, "gradnorm", *AVERAGED]:
        for place in ("parameters",) if rule in AVERAGED else ("representation", "parameters"):
            curve, chosen = train(model, start, *wide, rule, place)
            golden.add(f"{rule}/{place}/losses", curve)
            golden.add(f"{rule}/{place}/weights", chosen)
    golden.case(model, {"learning_rate": RATE, "task_weights": WEIGHTS.tolist()})
    golden.write(HERE / f"{model}.safetensors")


torch.set_default_dtype(torch.float64)
for each_model in SHAPES:
    record(each_model)
