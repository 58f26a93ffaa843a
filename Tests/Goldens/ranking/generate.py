"""Goldens of ranking, from definitions.

    python3 Tests/Goldens/ranking/generate.py

needs numpy. Writes ranking.json: formulas with what Python's own evaluation of them gives for rows of values; and
lists, chosen by definitions taken literally: maximal marginal relevance by comparing every candidate with every chosen
one, the determinantal process by the determinant of the whole matrix of each candidate list (`slogdet`), both within
a quota of each category.
"""

import json
import math
from pathlib import Path

import numpy as np

SEED = 2026
FORMULAS = [
    "click",
    "click^0.7 * purchase^1.2 * price^0.3",
    "-click^2",
    "2^-1 * click",
    "2^3^2 * click",
    "(2^3)^2 * click",
    "- - click - -purchase",
    "click - purchase - price",
    "click / purchase / price",
    "click * -purchase",
    "1 - (1 - click) * (1 - purchase)",
    "max(click, purchase, 0.5) + min(click, purchase) + min(price)",
    "clamp(price, 1, 1.5e1) * log1p(price) + sqrt(abs(click - purchase))",
    "exp(click) / (exp(click) + exp(purchase))",
    "log(price) * .5 + 1. * click + 1E-1",
    "clamp(log(click / (1 - click)), -3, 3) + 0.1 * clamp(price, 20, 10)",
]
FUNCTIONS = {
    "abs": abs, "exp": math.exp, "log": math.log, "log1p": math.log1p, "max": lambda *v: max(v),
    "min": lambda *v: min(v), "sqrt": math.sqrt, "clamp": lambda value, low, high: min(max(value, low), high),
}


def formulas(rng):
    values = {
        "click": rng.uniform(0.001, 0.999, 12),
        "purchase": rng.uniform(0.001, 0.999, 12),
        "price": rng.lognormal(2, 1, 12),
    }
    made = []
    for text in FORMULAS:
        code = compile(text.replace("^", "**"), "formula", "eval")
        rows = [
            eval(code, {"__builtins__": {}}, FUNCTIONS | {name: float(v[row]) for name, v in values.items()})
            for row in range(12)
        ]
        made.append({"formula": text, "scores": [float(value) for value in rows]})
    return {name: v.tolist() for name, v in values.items()}, made


def greedy(gain, scores, categories, maximum, limit):
    """Chooses by the greatest gain of a list; equal gains by score, then by place."""
    chosen = []
    while len(chosen) < limit:
        open_ = [
            i for i in range(len(scores))
            if i not in chosen and sum(categories[j] == categories[i] for j in chosen) < maximum
        ]
        gains = [(gain(chosen, i), scores[i], -i) for i in open_]
        if not gains or max(gains)[0] == -math.inf:
            break
        chosen.append(-max(gains)[2])
    return chosen


def lists(rng):
    made = []
    for case in range(8):
        count, dimension, limit = 40, 16, 12  # fewer places than dimensions: no determinant vanishes
        scores = rng.lognormal(0, 1, count)
        groups = rng.integers(0, 5, count)
        vectors = (rng.normal(size=(5, dimension))[groups] + 0.7 * rng.normal(size=(count, dimension))).astype(np.float32)
        unit = vectors.astype(np.float64)
        unit /= np.linalg.norm(unit, axis=1, keepdims=True)
        similarity = (1 + unit @ unit.T) / 2
        np.fill_diagonal(similarity, 1)
        relevance = (scores - scores.min()) / (scores.max() - scores.min())
        maximum = [count, 3][case % 2]
        weight = [0.9, 0.7, 0.5, 0.2][case // 2]

        def marginal(chosen, i):
            nearest = max((similarity[i, j] for j in chosen), default=0)
            return weight * relevance[i] - (1 - weight) * nearest

        quality = np.exp(weight / (2 * (1 - weight)) * relevance)
        kernel = quality[:, None] * similarity * quality[None, :]

        def determinant(chosen, i):
            places = [*chosen, i]
            sign, value = np.linalg.slogdet(kernel[np.ix_(places, places)])
            return value if sign > 0 else -math.inf

        categories = groups.tolist()
        made.append({
            "scores": scores.tolist(), "vectors": vectors.reshape(-1).tolist(), "dimension": dimension,
            "categories": categories, "maximum": maximum, "weight": weight, "limit": limit,
            "marginal_relevance": greedy(marginal, scores, categories, maximum, limit),
            "determinantal": greedy(determinant, scores, categories, maximum, limit),
        })
    return made


def main():
    rng = np.random.default_rng(SEED)
    values, formula = formulas(rng)
    record = {
        "generator": "python3 Tests/Goldens/ranking/generate.py", "numpy": np.__version__, "seed": SEED,
        "values": values, "formulas": formula, "lists": lists(rng),
    }
    path = Path(__file__).with_name("ranking.json")
    path.write_text(json.dumps(record, indent=None, separators=(",", ":")) + "\n")
    print(f"{path.name}: {len(formula)} formulas, {len(record['lists'])} lists, {path.stat().st_size:,} bytes")


main()
