"""Goldens of drift, by scipy.

    python3 Tests/Goldens/metrics/drift.py

Writes drift.json: pairs of samples, with and without ties, with the two-sample Kolmogorov-Smirnov statistic of
scipy.stats.ks_2samp and the limit probability of scipy.special.kolmogorov; and stability indexes by numpy.
"""

import json
from pathlib import Path

import numpy as np
import scipy
from scipy import special, stats

SEED = 31


def pair(rng, first, second, shift, decimals):
    one = np.round(rng.normal(size=first), decimals).astype(np.float32)
    other = np.round(rng.normal(shift, 1 + shift / 4, size=second), decimals).astype(np.float32)
    distance = stats.ks_2samp(one, other, method="asymp").statistic
    factor = np.sqrt(first * second / (first + second))
    return {
        "first": np.sort(one).tolist(), "second": np.sort(other).tolist(), "distance": float(distance),
        "probability": float(special.kolmogorov(factor * distance)),
    }


def stability(rng, groups, count, shift):
    shares = rng.dirichlet(np.full(groups, 5.0))
    counts = rng.multinomial(count, rng.dirichlet(np.full(groups, 5.0)) * shift + shares * (1 - shift))
    live = (counts + 0.5) / (count + 0.5 * groups)
    return {
        "shares": shares.tolist(), "counts": counts.tolist(),
        "index": float(((live - shares) * np.log(live / shares)).sum()),
    }


def main():
    rng = np.random.default_rng(SEED)
    pairs = [
        pair(rng, 200, 300, 0.0, 6), pair(rng, 200, 300, 0.3, 6), pair(rng, 500, 50, 0.1, 1),
        pair(rng, 40, 400, 1.5, 0), pair(rng, 1, 1, 0.0, 6), pair(rng, 400, 400, 0.05, 2),
    ]
    limits = [{"value": v, "probability": float(special.kolmogorov(v))} for v in [0.05, 0.2, 0.5, 0.8, 0.999, 1, 1.001, 1.36, 2, 4]]
    indexes = [stability(rng, 10, 500, 0.0), stability(rng, 6, 2000, 0.5), stability(rng, 3, 40, 1.0)]
    golden = {
        "generator": "Tests/Goldens/metrics/drift.py", "seed": SEED,
        "versions": f"numpy {np.__version__}, scipy {scipy.__version__}",
        "pairs": pairs, "limits": limits, "indexes": indexes,
    }
    path = Path(__file__).with_name("drift.json")
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
