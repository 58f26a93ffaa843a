"""Golden of demand: Poisson regression of units on the logarithm of the price, by statsmodels.

    pip install statsmodels==0.15.0
    python3 Tests/Goldens/demand/generate.py

Writes poisson.json: four groups with an elasticity each, their prices and units, and level (the logarithm of the units at the
reference price) and elasticity of greatest likelihood.
"""

import json
from pathlib import Path

import numpy as np
import statsmodels
import statsmodels.api as sm

SEED, REFERENCE = 17, 12.0


def main():
    rng = np.random.default_rng(SEED)
    groups = []
    for level, elasticity in [(2.5, -0.6), (1.5, -1.3), (3.0, -2.0), (2.0, -3.2)]:
        prices = np.round(REFERENCE * np.exp(rng.uniform(-0.6, 0.6, 80)), 2)
        logarithms = np.log(prices / REFERENCE)
        units = rng.poisson(np.exp(level + elasticity * logarithms))
        fit = sm.GLM(units, sm.add_constant(logarithms), family=sm.families.Poisson()).fit(tol=1e-12)
        groups.append({
            "level": fit.params[0], "elasticity": fit.params[1],
            "prices": prices.tolist(), "units": units.tolist(),
        })
    golden = {
        "generator": "Tests/Goldens/demand/generate.py", "seed": SEED,
        "versions": f"statsmodels {statsmodels.__version__}, numpy {np.__version__}",
        "reference": REFERENCE, "groups": groups,
    }
    path = Path(__file__).with_name("poisson.json")
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
