"""Goldens of gradient aggregation, from independent implementations.

    python3 Tests/Goldens/aggregation/generate.py

needs torch 2.15.0, torchjd 0.18.0, scipy, mpmath, cvxpy with clarabel, and quadprog. Writes aggregation.json: for
each family of gradients [K, N] and each method the direction `sum_k w_k g_k`; what sign dropout makes of them where all
elements keep the positive or the negative gradients; and quadratic programs with the solutions of quadprog.

What is taken from where: UPGrad, IMTL-G, Aligned-MTL, ConFIG, PCGrad and GradVac from TorchJD (the
random orders of the last two replaced by 0, 1, ..., which the tests give too); MGDA from quadprog, since
TorchJD's steps of Frank and Wolfe stop at about 1e-3; CAGrad from its definition by cvxpy, since TorchJD
regularises it; Nash-MTL and FairGrad from scipy's least_squares on their equations, or where that stops early from
Newton's method in 40 digits behind scipy's minimize; MetaBalance from its paper, in NumPy. Departures of conventions:
TorchJD's Aligned-MTL takes the mean of tasks, ours the sum. Where a method's definition gives nothing for a zero gradient
(Nash-MTL, FairGrad) the other tasks' directions are meant; where CAGrad's program has many solutions, that nearest the mean.
"""

import json
import os
import sys

import cvxpy
import mpmath
import numpy as np
import quadprog
import scipy
import torch
from scipy.optimize import least_squares, minimize
from torchjd.aggregation import AlignedMTL, ConFIG, GradDrop, GradVac, IMTLG, PCGrad, UPGrad
from torchjd.linalg import QuadprogProjector

torch.set_default_dtype(torch.float64)
SEED = 2026


def families():
    rng = np.random.default_rng(SEED)
    typical = rng.normal(size=(4, 12)) + rng.normal(size=12)
    conflicting = np.array([[1.0, 0.2, 0.0], [-0.9, 0.3, 0.1], [0.1, -1.0, 0.4]])
    base = rng.normal(size=(2, 8))
    dependent = np.stack([base[0], base[1], base[0] + 0.5 * base[1], base[0] - base[1]])
    zero = rng.normal(size=(3, 6)); zero[1] = 0
    scales = rng.normal(size=(4, 10)) * np.array([[1e-2], [1.0], [10.0], [1e2]])
    return {
        "typical": typical, "conflicting": conflicting, "dependent": dependent, "one zero": zero,
        "one task": rng.normal(size=(1, 5)), "unlike scales": scales,
        "two tasks opposed": np.array([[1.0, 0.0], [-0.5, 0.4]]),
        "orthogonal": np.diag([3.0, 0.1, 1.0]),
        "alike": np.tile(rng.normal(size=6), (3, 1)),
    }


class Ordered:
    """Replaces torch.randperm by 0, 1, ... for a while."""

    def __enter__(self):
        self.original = torch.randperm
        torch.randperm = lambda n, **_: torch.arange(n)

    def __exit__(self, *_):
        torch.randperm = self.original


def torchjd_direction(aggregator, gradients):
    with Ordered():
        return aggregator(torch.tensor(gradients)).numpy()


def mgda(gradients):
    k = len(gradients)
    gramian = gradients @ gradients.T
    unit = np.trace(gramian) / k
    h = gramian / unit + 1e-12 * np.eye(k)
    constraints = np.hstack([np.ones((k, 1)), np.eye(k)])
    bounds = np.concatenate([[1.0], np.zeros(k)])
    return quadprog.solve_qp(h, np.zeros(k), constraints, bounds, meq=1)[0] @ gradients


def fair(gradients, alpha):
    """w with G w = w^(-1/alpha), unknowns in logarithms so that they stay positive."""
    gradients = gradients[np.any(gradients != 0, axis=1)]
    gramian = gradients @ gradients.T
    diagonal = np.diag(gramian)
    start = -alpha / (alpha + 1) * np.log(diagonal)
    def equations(z):
        w = np.exp(z)
        return w ** (1 / alpha) * (gramian @ w) - 1
    solved = least_squares(equations, start, xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=20000)
    if np.abs(solved.fun).max() <= 1e-9:
        return np.exp(solved.x) @ gradients
    # The equations are where a convex function is stationary, near which Newton's method begins.
    def cost(z):
        w = np.exp(z)
        gain = np.log(w) if alpha == 1 else w ** (1 - 1 / alpha) / (1 - 1 / alpha)
        return w @ gramian @ w / 2 - gain.sum()
    near = minimize(cost, start, method="BFGS", options={"gtol": 1e-12, "maxiter": 100000}).x
    mpmath.mp.dps = 40
    def exact(*z):
        w = [mpmath.e**value for value in z]
        return [
            x ** (mpmath.mpf(1) / alpha) * sum(mpmath.mpf(g) * y for g, y in zip(row, w)) - 1
            for x, row in zip(w, gramian.tolist())
        ]
    root = mpmath.findroot(exact, [mpmath.mpf(value) for value in near], tol=1e-25, maxsteps=200)
    return np.array([float(mpmath.e**value) for value in root]) @ gradients


def nash(gradients):
    direction = fair(gradients, 1.0)
    return direction / np.linalg.norm(direction) * np.linalg.norm(gradients.mean(axis=0))


def cagrad(gradients, c):
    """The definition as a convex program; TorchJD divides by norms and stops at 1e-4 of them."""
    k = len(gradients)
    scale = np.sqrt(np.mean(np.sum(gradients**2, axis=1)))
    g = gradients / scale
    mean = g.mean(axis=0)
    pull = c * np.linalg.norm(mean)
    w = cvxpy.Variable(k)
    cost = (g @ mean) @ w + pull * cvxpy.norm(g.T @ w, 2)
    cvxpy.Problem(cvxpy.Minimize(cost), [w >= 0, cvxpy.sum(w) == 1]).solve(
        cvxpy.CLARABEL, tol_gap_abs=1e-13, tol_gap_rel=1e-13, tol_feas=1e-13)
    combined = w.value @ g
    length = np.linalg.norm(combined)
    if length < 1e-5:
        # No direction helps all tasks: those that harm none are solutions, here that nearest the mean.
        n = g.shape[1]
        nearest = quadprog.solve_qp(np.eye(n), mean, g.T, np.zeros(k))[0]
        assert np.linalg.norm(nearest - mean) <= pull * (1 + 1e-9)
        return scale * nearest
    return scale * (mean + pull / length * combined)


def balanced(steps, relax, beta):
    """MetaBalance in steps (He et al., WWW 2022, algorithm 1), the first task being the target: its last direction."""
    lengths = np.zeros(len(steps[0]))
    for gradients in steps:
        lengths = beta * lengths + (1 - beta) * np.linalg.norm(gradients, axis=1)
        moved = gradients * (lengths[0] / lengths)[:, None]
    return (relax * moved + (1 - relax) * gradients).sum(axis=0)


def methods(name, gradients):
    zero = name == "one zero"
    k = len(gradients)
    made = {
        "mgda": mgda(gradients),
        "upgrad": torchjd_direction(
            UPGrad(projector=QuadprogProjector(norm_eps=0, reg_eps=1e-10)), gradients),
        "imtl_g": torchjd_direction(IMTLG(), gradients),
        "aligned_mtl": k * torchjd_direction(AlignedMTL(), gradients),
        "config": torchjd_direction(ConFIG(), gradients),
        "cagrad": cagrad(gradients, 0.5),
        "pcgrad": torchjd_direction(PCGrad(), gradients),
        "nash_mtl": nash(gradients),
    }
    vaccine = GradVac(beta=0.3)
    made["gradvac 1"] = torchjd_direction(vaccine, gradients)
    made["gradvac 2"] = torchjd_direction(vaccine, gradients[::-1].copy())
    for alpha in (0.5, 2.0):
        made[f"fairgrad {alpha}"] = fair(gradients, alpha)
    if not zero:  # whose length no other can be brought to
        made["metabalance 2"] = balanced([gradients, 0.5 * gradients[::-1]], 0.7, 0.9)
    return {key: value.tolist() for key, value in made.items()}


def signs(gradients):
    """Sign dropout with its draws replaced: everywhere positive, then everywhere negative."""
    made = {}
    for leak in (0.0, 0.25):
        for sign, f in (("positive", torch.ones_like), ("negative", torch.zeros_like)):
            leaks = torch.full((len(gradients),), leak)
            made[f"{sign} {leak}"] = GradDrop(f=f, leak=leaks)(torch.tensor(gradients)).tolist()
    return made


def programs():
    rng = np.random.default_rng(SEED + 1)
    made = []
    for size in (1, 2, 3, 5, 8):
        for equalities in (0, 1):
            for trial in range(6):
                count = equalities + int(rng.integers(1, 2 * size + 1))
                root = rng.normal(size=(size, size + 1))
                h = root @ root.T + 1e-3 * np.eye(size)
                a = rng.normal(size=size)
                c = rng.normal(size=(count, size))
                inside = rng.normal(size=size)
                b = c @ inside - np.abs(rng.normal(size=count)) * (trial % 3)
                b[:equalities] = c[:equalities] @ inside
                x = quadprog.solve_qp(h, a, c.T, b, meq=equalities)[0]
                made.append({
                    "hessian": h.ravel().tolist(), "linear": a.tolist(),
                    "constraints": c.tolist(), "bounds": b.tolist(),
                    "equalities": equalities, "solution": x.tolist(),
                })
    return made


def main():
    record = {
        "command": "python3 Tests/Goldens/aggregation/generate.py",
        "versions": {
            "torch": torch.__version__, "torchjd": "0.18.0", "scipy": scipy.__version__,
            "cvxpy": cvxpy.__version__, "numpy": np.__version__, "quadprog": "0.1.14",
            "python": sys.version.split()[0],
        },
        "seed": SEED,
        "families": [
            {"name": name, "gradients": g.tolist(), "directions": methods(name, g),
             "signs": signs(g)}
            for name, g in families().items()
        ],
        "programs": programs(),
    }
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "aggregation.json")
    with open(path, "w") as file:
        json.dump(record, file, indent=1)
        file.write("\n")
    for family in record["families"]:
        print(family["name"], sorted(family["directions"]))


main()
