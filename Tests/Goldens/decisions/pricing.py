"""Goldens of prices, by scipy.

Made by generate.py beside this file. Writes pricing.json: beliefs about demand after periods of sales, by minimising the negative
logarithm of the density of level and elasticity with BFGS, and the inverse of its second derivatives by differences;
and mean sales where a stock bounds them, by summing the Poisson distribution.
"""

import json
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.stats import poisson

SEED = 11


def belief(rng, periods, level, elasticity, reference, prior):
    """The most probable level and elasticity after some periods, and their covariance."""
    prices = np.round(reference * np.exp(rng.uniform(-0.4, 0.4, periods)), 2)
    logarithms = np.log(prices / reference)
    units = rng.poisson(np.exp(level + elasticity * logarithms))
    mean, deviation = np.array(prior[:2]), np.array(prior[2:])

    def loss(at):
        rate = at[0] + at[1] * logarithms
        return (np.exp(rate) - units * rate).sum() + (((at - mean) / deviation) ** 2).sum() / 2

    at = minimize(loss, mean, method="BFGS", options={"gtol": 1e-10}).x
    at = minimize(loss, at, method="Nelder-Mead", options={"xatol": 1e-12, "fatol": 1e-14}).x
    step, second = 1e-4, np.zeros((2, 2))
    for i in range(2):
        for j in range(2):
            a, b = step * np.eye(2)[i], step * np.eye(2)[j]
            second[i, j] = (loss(at + a + b) - loss(at + a - b) - loss(at - a + b) + loss(at - a - b)) / (4 * step**2)
    covariance = np.linalg.inv(second)
    return {
        "reference": reference, "prior": list(prior), "prices": prices.tolist(), "units": units.tolist(),
        "mean": at.tolist(), "covariance": [covariance[0, 0], covariance[1, 1], covariance[0, 1]],
    }


def main():
    rng = np.random.default_rng(SEED)
    beliefs = [
        belief(rng, 60, 2.0, -1.8, 20.0, (1.0, -1.0, 2.0, 1.0)),
        belief(rng, 5, 0.5, -0.6, 4.5, (0.0, -1.5, 1.0, 0.5)),
        belief(rng, 400, 4.0, -3.0, 99.0, (0.0, 0.0, 10.0, 10.0)),
    ]
    sales = []
    for mean in [0.01, 0.7, 3.0, 12.5, 80.0, 900.0]:
        for stock in [1, 3, 10, 79, 905]:
            quantities = np.arange(0, 3000)
            value = (poisson.pmf(quantities, mean) * np.minimum(quantities, stock)).sum()
            sales.append({"mean": mean, "stock": stock, "expected": value})
    golden = {"generator": "Tests/Goldens/decisions/generate.py", "seed": SEED, "beliefs": beliefs, "sales": sales}
    path = Path(__file__).with_name("pricing.json")
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(f"{path.name}: {path.stat().st_size:,} bytes")

