"""Goldens of risk, by scipy.

Made by generate.py beside this file. Writes risk.json: orders with rules that apply, a model's logit and the truth, and the weights
that minimise the penalised logistic loss, by scipy's trust-exact method with gradient and Hessian from numpy.
"""

import json
from pathlib import Path

import numpy as np
import scipy
from scipy.optimize import minimize
from scipy.special import expit

SEED = 23


def fit(rng, rows, weights, penalty, intercept, slope=None):
    rules = len(weights)
    hits = rng.random((rows, rules)) < rng.uniform(0.05, 0.4, rules)
    offsets = rng.normal(-1.5, 1.2, rows)
    shift = 0.7 if intercept else 0.0
    labels = rng.random(rows) < expit((1 if slope is None else slope) * offsets + shift + hits @ np.array(weights))
    x = np.hstack([hits, np.ones((rows, 1))]) if intercept else hits.astype(float)
    if slope is not None:
        x = np.hstack([x, offsets[:, None]])
    base = offsets if slope is None else np.zeros(rows)
    held = np.diag([penalty] * rules + [0.0] * (x.shape[1] - rules))
    sign = np.where(labels, 1.0, -1.0)

    def loss(w):
        return np.logaddexp(0, -sign * (base + x @ w)).sum() + w @ held @ w / 2

    def gradient(w):
        return x.T @ (expit(base + x @ w) - labels) + held @ w

    def hessian(w):
        p = expit(base + x @ w)
        return x.T @ (x * (p * (1 - p))[:, None]) + held

    found = minimize(loss, np.zeros(x.shape[1]), jac=gradient, hess=hessian, method="trust-exact", options={"gtol": 1e-11})
    return {
        "hits": [np.flatnonzero(row).tolist() for row in hits], "offsets": offsets.tolist(),
        "labels": labels.astype(bool).tolist(), "rules": rules, "penalty": penalty, "hasIntercept": intercept,
        "weights": found.x[:rules].tolist(), "intercept": float(found.x[rules]) if intercept else 0.0,
        "weighsModel": slope is not None, "modelWeight": 1.0 if slope is None else float(found.x[-1]),
    }


def main():
    rng = np.random.default_rng(SEED)
    fits = [
        fit(rng, 300, [1.5, -0.5, 3.0], 1.0, False),
        fit(rng, 500, [2.0, 0.0, 0.8, -1.0, 4.0], 0.01, True),
        fit(rng, 80, [1.0], 10.0, True),
        fit(rng, 600, [2.0, 1.0, -0.5], 1.0, True, slope=0.4),
    ]
    golden = {
        "generator": "Tests/Goldens/decisions/generate.py", "seed": SEED,
        "versions": f"numpy {np.__version__}, scipy {scipy.__version__}", "fits": fits,
    }
    path = Path(__file__).with_name("risk.json")
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(f"{path.name}: {path.stat().st_size:,} bytes")
