"""Learning rates by step, from PyTorch's schedulers.

`c/rates` [steps]: the rate used by step 0, 1, ... (a step may be a batch or an epoch).

- step: base * gamma^floor(t / step_size)
- exponential: base * gamma^t
- cosine: minimum + (base - minimum) (1 + cos(pi t / total)) / 2
- warm-up of w steps: base (t + 1) / w for t < w, then the schedule with t - w in place of t
- plateau: `c/metrics` [steps] is observed after each step; `c/rates[t]` was in force before
  observation t. After more than `patience` observations without relative improvement beyond
  `threshold` the rate is multiplied by `factor`, then `cooldown` observations do not count.
"""

import torch
from torch.optim import lr_scheduler as schedulers

BASE = 0.1


def optimizer():
    """An optimizer with nothing to optimise."""
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=BASE)


def rates(make, steps):
    """The rates a scheduler gives."""
    carrier = optimizer()
    scheduler, values = make(carrier), []
    for _ in range(steps):
        values.append(carrier.param_groups[0]["lr"])
        carrier.step()
        scheduler.step()
    return values


def warmed(carrier, warm_up, after):
    """A linear warm-up of `warm_up` steps, then another scheduler from its own step 0."""
    rise = schedulers.LinearLR(carrier, 1 / warm_up, 1.0, total_iters=warm_up - 1)
    return schedulers.SequentialLR(carrier, [rise, after(carrier)], milestones=[warm_up])


def plain(golden):
    """Schedules that depend on the step alone."""
    cosine = lambda total: lambda o: schedulers.CosineAnnealingLR(o, T_max=total, eta_min=0.01)
    exponential = lambda o: schedulers.ExponentialLR(o, gamma=0.9)
    table = {
        "step": ({"step_size": 4, "gamma": 0.5}, 15, lambda o: schedulers.StepLR(o, 4, 0.5)),
        "exponential": ({"gamma": 0.9}, 15, exponential),
        "cosine": ({"total": 20, "minimum": 0.01}, 21, cosine(20)),
        "cosine_warm_up": (
            {"total": 15, "minimum": 0.01, "warm_up": 5},
            21,
            lambda o: warmed(o, 5, cosine(15)),
        ),
        "exponential_warm_up": (
            {"gamma": 0.9, "warm_up": 4},
            15,
            lambda o: warmed(o, 4, exponential),
        ),
    }
    for name, (attributes, steps, make) in table.items():
        golden.case(name, {"base": BASE, **attributes})
        golden.add(f"{name}/rates", rates(make, steps))


def plateau(golden):
    """Reduction when a metric stalls, for a loss and for a score."""
    losses = [
        1.0,
        0.9,
        0.89999,
        0.9,
        0.91,
        0.9,
        0.92,
        0.95,
        0.8,
        0.81,
        0.82,
        0.83,
        0.84,
        0.85,
        0.86,
    ]
    losses += [0.86] * 12
    scores = [0.6, 0.7, 0.7, 0.7, 0.7, 0.71, 0.7, 0.7, 0.7, 0.72, 0.72, 0.7, 0.7, 0.7, 0.7]
    for name, mode, metrics, extra in [
        ("plateau_min", "min", losses, {"patience": 2, "cooldown": 0, "min_lr": 0.01}),
        ("plateau_cooldown", "min", losses, {"patience": 1, "cooldown": 2, "min_lr": 0.0}),
        ("plateau_max", "max", scores, {"patience": 2, "cooldown": 0, "min_lr": 0.0}),
    ]:
        carrier, values = optimizer(), []
        settings = {"factor": 0.5, "threshold": 1e-4, "eps": 0.0, **extra}
        scheduler = schedulers.ReduceLROnPlateau(carrier, mode=mode, **settings)
        for metric in metrics:
            values.append(carrier.param_groups[0]["lr"])
            scheduler.step(metric)
        golden.case(name, {"base": BASE, "mode": mode, **settings})
        golden.add(f"{name}/metrics", metrics)
        golden.add(f"{name}/rates", values)


def record_all(golden, random):
    """Records every case of this file; nothing here is drawn."""
    plain(golden)
    plateau(golden)
