"""Golden calibrators, from scikit-learn.

    python3 make_calibrators.py > calibrators.json

Made with scikit-learn 1.9.1, NumPy 2.4.6; seed 20241127. Columns are rounded to Float32 first. Platt's line is a
LogisticRegression without penalty on the logits, each row given twice, with its label 1 and 0 weighed by its target; weights are
scaled to sum to the effective number of rows; the
rising curve is an IsotonicRegression between the bounds the documentation names. `at` are probabilities that both are
asked for.
"""
import json

import numpy as np
import sklearn
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

SEED = 20241127
rng = np.random.default_rng(SEED)
EPSILON = float(np.finfo(np.float32).eps)


def column(values):
    """The shortest decimals that read back as the same Float32."""
    return [float(str(np.float32(value))) for value in values]


def logit(p):
    p = np.clip(p, EPSILON, 1 - EPSILON)
    return np.log(p) - np.log1p(-p)


def platt(y, p, w):
    positive, negative = w[y == 1].sum(), w[y == 0].sum()
    target = np.where(y == 1, (positive + 1) / (positive + 2), 1 / (negative + 2))
    x = logit(p).reshape(-1, 1)
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-13, max_iter=1000)
    model.fit(
        np.concatenate([x, x]),
        np.concatenate([np.ones_like(y), np.zeros_like(y)]),
        sample_weight=np.concatenate([w * target, w * (1 - target)]),
    )
    return model


def case(name, labels, predictions, weights=None):
    labels, predictions = column(labels), column(predictions)
    y = np.array(labels)
    p = np.array(predictions, dtype=np.float32).astype(float)
    stored = None if weights is None else column(weights)
    w = np.ones_like(y) if stored is None else np.array(stored, dtype=np.float32).astype(float)
    # Parts of the effective number of rows.
    w = w * w.sum() / (w * w).sum()
    line = platt(y, p, w)
    total = w.sum()
    curve = IsotonicRegression(
        y_min=1 / (total + 2), y_max=(total + 1) / (total + 2), out_of_bounds="clip"
    ).fit(p, y, sample_weight=w)
    at = column(np.concatenate([np.linspace(0, 1, 41), p[:20], [1e-6, 0.999999]]))
    asked = np.array(at, dtype=np.float32).astype(float)
    return {
        "name": name,
        "labels": labels,
        "predictions": predictions,
        "weights": stored,
        "slope": float(line.coef_[0, 0]),
        "shift": float(line.intercept_[0]),
        "at": at,
        "platt": line.predict_proba(logit(asked).reshape(-1, 1))[:, 1].tolist(),
        "isotonic": curve.predict(asked).tolist(),
    }


def drawn(rows, base, slope, shift, digits=None):
    """Rows whose probabilities are off by a known line."""
    truth = rng.normal(base, 1.2, rows)
    labels = (rng.uniform(size=rows) < 1 / (1 + np.exp(-truth))).astype(float)
    told = 1 / (1 + np.exp(-(slope * truth + shift)))
    return labels, told if digits is None else np.round(told, digits)


cases = [
    case("too_bold", *drawn(600, -1, 2.0, 0.5)),
    case("too_timid_and_rare", *drawn(900, -4, 0.5, -1)),
    case("ties", *drawn(500, 0, 1.0, 0.3, digits=2)),
    case("weighted", *drawn(400, -1, 1.5, 1), weights=rng.uniform(0.2, 5, 400)),
    case("small_weights", *drawn(400, -1, 1.5, 1), weights=rng.uniform(0.001, 0.02, 400)),
    case("separated", [0] * 20 + [1] * 30, np.linspace(0.01, 0.99, 50)),
    case("saturated", [0, 1, 0, 1, 1, 0, 1, 1], [0, 0, 0.2, 0.2, 0.9, 1, 1, 1]),
]
print(
    json.dumps(
        {
            "generator": "Tests/Goldens/metrics/make_calibrators.py",
            "versions": f"scikit-learn {sklearn.__version__}, NumPy {np.__version__}",
            "seed": SEED,
            "cases": cases,
        }
    )
)
