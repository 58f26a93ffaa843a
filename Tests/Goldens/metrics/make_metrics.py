"""Golden values of the metrics, from scikit-learn and NumPy.

    python3 make_metrics.py > metrics.json

Made with scikit-learn 1.9.1, NumPy 2.4.6; seed 20240601. Columns are rounded to Float32 first and the
metrics computed in float64 from those values.
"""
import json

import numpy as np
import sklearn
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    log_loss,
    mean_absolute_error,
    mean_squared_error,
    roc_auc_score,
)

SEED = 20240601
rng = np.random.default_rng(SEED)
EPSILON = float(np.finfo(np.float32).eps)


def column(values):
    """The shortest decimals that read back as the same Float32."""
    return [float(str(np.float32(value))) for value in values]


def clipped_log_loss(y, p, w):
    return log_loss(y, np.clip(p, EPSILON, 1 - EPSILON), sample_weight=w, labels=[0, 1])


def normalised_entropy(y, p, w):
    mean = np.average(y, weights=w)
    return clipped_log_loss(y, p, w) / -(mean * np.log(mean) + (1 - mean) * np.log(1 - mean))


def bin_error(y, p, w, bin_of_row, bins):
    total = 0.0
    for b in range(bins):
        rows = bin_of_row == b
        if rows.any():
            gap = np.average(y[rows], weights=w[rows]) - np.average(p[rows], weights=w[rows])
            total += w[rows].sum() * abs(gap)
    return total / w.sum()


def equal_width_error(y, p, w, bins=10):
    edges = np.linspace(0, 1, bins + 1)
    bin_of_row = np.searchsorted(edges[1:-1], p)
    error = bin_error(y, p, w, bin_of_row, bins)
    if np.all(w == 1):  # the same bins as scikit-learn's curve
        true, predicted = calibration_curve(y, p, n_bins=bins, strategy="uniform")
        sizes = np.bincount(bin_of_row, minlength=bins)
        sizes = sizes[sizes > 0]
        assert np.isclose(error, (sizes * np.abs(true - predicted)).sum() / len(y), rtol=1e-12)
    return error


def equal_mass_error(y, p, w, bins=10):
    # A distinct prediction belongs to the bin that holds the middle of its weight.
    values, inverse = np.unique(p, return_inverse=True)
    mass = np.bincount(inverse, weights=w)
    middle = (np.cumsum(mass) - mass / 2) / mass.sum()
    return bin_error(y, p, w, np.minimum((middle * bins).astype(int), bins - 1)[inverse], bins)


def gauc(y, p, w, g, weighting):
    total = weight_sum = used = left_out = 0
    for group in np.unique(g):
        rows = g == group
        if len(np.unique(y[rows])) < 2:
            left_out += 1
            continue
        used += 1
        weight = {"sampleWeight": w[rows].sum(), "rows": rows.sum(), "equal": 1}[weighting]
        total += weight * roc_auc_score(y[rows], p[rows], sample_weight=w[rows])
        weight_sum += weight
    return {"value": total / weight_sum, "used": used, "left_out": left_out}


def interval(metric, y, p, resamples=4000, level=0.95):
    values = []
    while len(values) < resamples:
        rows = rng.integers(0, len(y), len(y))
        values.append(metric(y[rows], p[rows]))
    return list(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


def binary_case(name, rows, positives, decimals, weighted, saturated=False):
    y = (rng.random(rows) < positives).astype(np.float64)
    logit = rng.normal(size=rows) + 1.2 * y + np.log(positives / (1 - positives))
    p = np.round(1 / (1 + np.exp(-logit)), decimals)
    if saturated:
        p[:7], p[7:14] = 0, 1
    p = p.astype(np.float32).astype(np.float64)
    w = np.round(rng.gamma(2, 1, rows), 3) + 0.125 if weighted else np.ones(rows)
    w = w.astype(np.float32).astype(np.float64)
    g = rng.integers(-4, rows // 12, rows)
    return {
        "name": name,
        "labels": column(y),
        "predictions": column(p),
        "weights": column(w) if weighted else None,
        "groups": g.tolist(),
        "values": {
            "auc": roc_auc_score(y, p, sample_weight=w),
            "pr_auc": average_precision_score(y, p, sample_weight=w),
            "log_loss": clipped_log_loss(y, p, w),
            "normalised_entropy": normalised_entropy(y, p, w),
            "calibration": (w * p).sum() / (w * y).sum(),
            "calibration_error": equal_mass_error(y, p, w),
            "calibration_error_equal_width": equal_width_error(y, p, w),
            "accuracy": accuracy_score(y, p >= 0.5, sample_weight=w),
            "rmse": np.sqrt(mean_squared_error(y, p, sample_weight=w)),
        },
        "gauc": {k: gauc(y, p, w, g, k) for k in ["sampleWeight", "rows", "equal"]},
    }


def regression_case(name, rows, weighted):
    y = rng.poisson(2.5, rows).astype(np.float64)
    p = (y * rng.uniform(0.5, 1.6, rows) + rng.normal(0, 0.3, rows)).astype(np.float32)
    p = p.astype(np.float64)
    w = (rng.integers(1, 9, rows) / 4).astype(np.float64) if weighted else np.ones(rows)
    return {
        "name": name,
        "labels": column(y),
        "predictions": column(p),
        "weights": column(w) if weighted else None,
        "groups": None,
        "values": {
            "rmse": np.sqrt(mean_squared_error(y, p, sample_weight=w)),
            "mae": mean_absolute_error(y, p, sample_weight=w),
            "wape": (w * np.abs(p - y)).sum() / (w * np.abs(y)).sum(),
            "calibration": (w * p).sum() / (w * y).sum(),
        },
        "gauc": None,
    }


cases = [
    binary_case("distinct scores", 211, 0.4, 9, weighted=False),
    binary_case("many ties", 300, 0.3, 1, weighted=False),
    binary_case("weights", 257, 0.35, 9, weighted=True),
    binary_case("weights and ties", 400, 0.25, 2, weighted=True),
    binary_case("rare positives", 600, 0.04, 4, weighted=True),
    binary_case("saturated", 150, 0.5, 3, weighted=False, saturated=True),
    regression_case("regression", 180, weighted=False),
    regression_case("weighted regression", 220, weighted=True),
]
first = cases[0]
y, p = np.array(first["labels"]), np.array(first["predictions"])
intervals = {
    "auc": interval(roc_auc_score, y, p),
    "log_loss": interval(lambda a, b: clipped_log_loss(a, b, None), y, p),
    "rmse": interval(lambda a, b: np.sqrt(mean_squared_error(a, b)), y, p),
}
generator = f"make_metrics.py, scikit-learn {sklearn.__version__}, NumPy {np.__version__}, seed {SEED}"
print(json.dumps({"generator": generator, "cases": cases, "intervals": intervals}))
