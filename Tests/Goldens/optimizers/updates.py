"""Trajectories of parameters under fixed gradients.

A dense case `c` stores `c/initial` [N], `c/gradients` [steps, N] and `c/parameters` [steps, N]: the
parameters after each step. Gradients do not depend on the parameters, so each step can be checked
alone; some of them are 0.

A table case stores `c/initial` [V, D], `c/ids` [steps, n], `c/gradients` [steps, n, D] (the
gradient of each looked-up row, repeated ids not yet added up), `c/tables` [steps, V, D], and the
optimizer's state after the last step. Rows that a step does not name keep row and state.
"""

import numpy as np
import torch

STEPS, SIZE, ROWS, DIMENSION, LOOKUPS = 10, 7, 12, 4, 6

DENSE = {
    "sgd": (torch.optim.SGD, {"lr": 0.1}),
    "sgd_weight_decay": (torch.optim.SGD, {"lr": 0.1, "weight_decay": 0.05}),
    "momentum": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
    "nesterov": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    "adagrad": (torch.optim.Adagrad, {"lr": 0.1, "eps": 1e-10}),
    "adagrad_initial_accumulator": (
        torch.optim.Adagrad,
        {"lr": 0.1, "eps": 1e-10, "initial_accumulator_value": 0.1},
    ),
    "adam": (torch.optim.Adam, {"lr": 0.05, "betas": (0.9, 0.999), "eps": 1e-8}),
    "adam_large_epsilon": (torch.optim.Adam, {"lr": 0.05, "betas": (0.8, 0.99), "eps": 1e-3}),
    "adam_weight_decay": (
        torch.optim.Adam,
        {"lr": 0.05, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.05},
    ),
    "adamw": (
        torch.optim.AdamW,
        {"lr": 0.05, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.1},
    ),
}


def dense(golden, random):
    """PyTorch's optimizers on a small vector."""
    for name, (kind, settings) in DENSE.items():
        initial = random.standard_normal(SIZE).astype(np.float32)
        gradients = random.standard_normal((STEPS, SIZE)).astype(np.float32)
        gradients[3, :4] = 0
        gradients[:, SIZE - 1] = 0  # never any gradient: only weight decay may move it
        parameter = torch.tensor(initial, dtype=torch.float64, requires_grad=True)
        optimizer, trajectory = kind([parameter], **settings), []
        for gradient in gradients:
            parameter.grad = torch.tensor(gradient, dtype=torch.float64)
            optimizer.step()
            trajectory.append(parameter.detach().numpy().copy())
        golden.case(name, {"optimizer": kind.__name__, **settings})
        golden.add(f"{name}/initial", initial)
        golden.add(f"{name}/gradients", gradients)
        golden.add(f"{name}/parameters", np.array(trajectory))


class RowWiseAdagrad:
    """One accumulator a row: G_r += mean_d(g_rd^2), e_r -= lr g_r / (sqrt(G_r) + eps)."""

    def __init__(self, table, lr, eps, weight_decay=0.0):
        self.lr, self.eps, self.weight_decay = lr, eps, weight_decay
        self.state = {"accumulator": np.zeros(len(table))}

    def step(self, table, rows, gradient):
        gradient = gradient + self.weight_decay * table[rows]
        accumulator = self.state["accumulator"]
        accumulator[rows] += (gradient**2).mean(axis=1)
        table[rows] -= self.lr * gradient / (np.sqrt(accumulator[rows])[:, None] + self.eps)


class LazyAdam:
    """Adam on the named rows alone, bias correction by the global step, starting at 1.

    Rows that are not named keep their moments too: these do not decay in their absence.
    """

    def __init__(self, table, lr, betas, eps, weight_decay=0.0):
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.state = {"first_moment": np.zeros_like(table), "second_moment": np.zeros_like(table)}
        self.steps = 0

    def step(self, table, rows, gradient):
        self.steps += 1
        gradient = gradient + self.weight_decay * table[rows]
        (beta1, beta2), (m, v) = self.betas, self.state.values()
        m[rows] = beta1 * m[rows] + (1 - beta1) * gradient
        v[rows] = beta2 * v[rows] + (1 - beta2) * gradient**2
        corrected_m = m[rows] / (1 - beta1**self.steps)
        corrected_v = v[rows] / (1 - beta2**self.steps)
        table[rows] -= self.lr * corrected_m / (np.sqrt(corrected_v) + self.eps)


TABLES = {
    "row_wise_adagrad": (RowWiseAdagrad, {"lr": 0.1, "eps": 1e-8}),
    "row_wise_adagrad_weight_decay": (
        RowWiseAdagrad,
        {"lr": 0.1, "eps": 1e-8, "weight_decay": 0.05},
    ),
    "lazy_adam": (LazyAdam, {"lr": 0.05, "betas": (0.9, 0.999), "eps": 1e-8}),
    "lazy_adam_weight_decay": (
        LazyAdam,
        {"lr": 0.05, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.05},
    ),
}


def check_lazy_adam(initial, ids, gradients, final, settings):
    """Our formula against torch.optim.SparseAdam, which places epsilon a little differently."""
    parameter = torch.tensor(initial, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SparseAdam([parameter], **settings)
    for step in range(STEPS):
        indices = torch.tensor(ids[step][None], dtype=torch.int64)
        values = torch.tensor(gradients[step], dtype=torch.float64)
        parameter.grad = torch.sparse_coo_tensor(indices, values, initial.shape)
        optimizer.step()
    assert np.allclose(parameter.detach().numpy(), final, rtol=1e-5, atol=1e-6)


def tables(golden, random):
    """Row-sparse updates of a table, from their formulas."""
    for name, (kind, settings) in TABLES.items():
        initial = random.standard_normal((ROWS, DIMENSION)).astype(np.float32)
        ids = random.integers(0, ROWS - 1, (STEPS, LOOKUPS)).astype(np.int32)  # the last row rests
        ids[:, 1] = ids[:, 0]  # at least one repeated id a step
        gradients = random.standard_normal((STEPS, LOOKUPS, DIMENSION)).astype(np.float32)
        table = initial.astype(np.float64)
        optimizer, trajectory = kind(table, **settings), []
        for step in range(STEPS):
            rows, place = np.unique(ids[step], return_inverse=True)
            summed = np.zeros((len(rows), DIMENSION))
            np.add.at(summed, place, gradients[step].astype(np.float64))
            optimizer.step(table, rows, summed)
            trajectory.append(table.copy())
        if kind is LazyAdam and "weight_decay" not in settings:
            check_lazy_adam(initial, ids, gradients, table, settings)
        golden.case(name, {"optimizer": kind.__name__, **settings})
        golden.add(f"{name}/initial", initial)
        golden.add(f"{name}/ids", ids)
        golden.add(f"{name}/gradients", gradients)
        golden.add(f"{name}/tables", np.array(trajectory))
        for key, state in optimizer.state.items():
            golden.add(f"{name}/final_{key}", state)


def record_all(golden, random):
    """Records every case of this file."""
    dense(golden, random)
    tables(golden, random)
