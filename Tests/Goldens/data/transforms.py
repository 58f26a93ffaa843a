"""Numbers, and what NumPy makes of them by each transform.

Run from the package root: python3 Tests/Goldens/data/transforms.py
Writes Tests/Goldens/data/transforms.json. Seed 20; NumPy's version stands in the file.
"""

import json
import pathlib

import numpy as np

generator = np.random.default_rng(20)
columns = {
    "normal": generator.normal(3.0, 2.0, 101),
    "lognormal": generator.lognormal(1.0, 1.5, 200),
    "ties": generator.integers(0, 6, 150).astype(float),
    "constant": np.full(7, 4.25),
    "single": np.array([-2.5]),
    "signs": np.concatenate([generator.normal(0, 1e-300, 20), generator.normal(0, 1e300, 20), [0.0, -0.0]]),
}
levels = [0.0, 0.01, 0.1, 0.25, 0.333, 0.5, 0.75, 0.99, 1.0]
cases = []
for name, values in columns.items():
    case = {
        "name": name,
        "values": values.tolist(),
        "levels": levels,
        "quantiles": np.quantile(values, levels).tolist(),
    }
    if name != "signs":
        mean, deviation = values.mean(), values.std()
        low, high = values.min(), values.max()
        case["standardise"] = ((values - mean) / deviation if deviation > 0 else values * 0).tolist()
        case["minMax"] = ((values - low) / (high - low) if high > low else values * 0).tolist()
        clipped = np.clip(values, np.quantile(values, 0.1), np.quantile(values, 0.9))
        case["clip"] = clipped.tolist()
        edges = np.unique(np.quantile(values, np.arange(1, 8) / 8))
        case["bins"] = (np.searchsorted(edges, values, side="right") + 1).tolist()
        if low > -1:
            case["log1p"] = np.log1p(values).tolist()
            logarithm = np.log1p(clipped)
            spread = logarithm.std()
            case["composed"] = (
                (logarithm - logarithm.mean()) / spread if spread > 0 else logarithm * 0
            ).tolist()
    cases.append(case)

target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(
    json.dumps(
        {
            "command": "python3 Tests/Goldens/data/transforms.py",
            "numpy": np.__version__,
            "seed": 20,
            "cases": cases,
        },
        indent=1,
    )
    + "\n"
)
