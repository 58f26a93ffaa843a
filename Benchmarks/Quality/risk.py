"""LightGBM on the orders of `swift run -c release SimulatedRisk --tables`, by the same costs and the same truth.

Usage: risk.py [--data FOLDER]

FOLDER (data/simulated-risk) has seed-0.csv and so on. Trees learn reports from the training orders, the number of trees is chosen on
the validation orders, and the last quarter is judged by the decision of least expected cost. `columns` is what Motet's model
reads; `columns and counts` has beside what the rules count. Needs lightgbm, pandas and scikit-learn.
"""

import argparse
import statistics
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score

IDS = ["category", "seller", "weekday", "place"]


def judge(p, fake, amount):
    """PR-AUC, mean cost, and shares missed, refused and reviewed; the costs of Examples/SimulatedRisk."""
    fraud, good = 15 + amount, 5 + 0.25 * amount
    expected = np.stack([p * fraud, 3 + p * 0.1 * fraud, (1 - p) * good])
    decision = expected.argmin(axis=0)
    true = np.stack([fake * fraud, 3 + fake * 0.1 * fraud, (1 - fake) * good])
    cost = true[decision, np.arange(len(p))].mean()
    return {
        "PR-AUC": average_precision_score(fake, p), "cost": cost,
        "missed": ((decision == 0) & (fake == 1)).sum() / fake.sum(),
        "refused": ((decision == 2) & (fake == 0)).sum() / (fake == 0).sum(),
        "reviewed": (decision == 1).mean(),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path("data/simulated-risk"))
    arguments = parser.parse_args()
    results = {}
    for file in sorted(arguments.data.glob("seed-*.csv")):
        orders = pd.read_csv(file)
        for name in IDS:
            orders[name] = orders[name].astype("category")
        parts = {part: orders[orders.part == part] for part in ("train", "validation", "test")}
        all_columns = [name for name in orders.columns if name not in ("part", "label", "fake", "amount", "age_days")]
        own = [name for name in all_columns if not name.startswith("count_")]
        for name, columns in (("columns", own), ("columns and counts", all_columns)):
            model = lightgbm.LGBMClassifier(
                n_estimators=1000, learning_rate=0.03, num_leaves=31, min_child_samples=20, subsample=0.8, subsample_freq=1,
                colsample_bytree=0.8, random_state=0, n_jobs=2, verbose=-1,
            )
            model.fit(
                parts["train"][columns], parts["train"].label,
                eval_set=[(parts["validation"][columns], parts["validation"].label)], eval_metric="logloss",
                callbacks=[lightgbm.early_stopping(50, verbose=False)],
            )
            test = parts["test"]
            p = model.predict_proba(test[columns])[:, 1]
            results.setdefault(f"LightGBM, {name}", []).append(judge(p, test.fake.to_numpy(), test.amount.to_numpy()))
    for name, runs in results.items():
        cells = []
        for metric in ("PR-AUC", "cost", "missed", "refused", "reviewed"):
            values = [run[metric] for run in runs]
            spread = statistics.stdev(values) if len(values) > 1 else 0.0
            cells.append(f"{metric} {statistics.mean(values):.4f} +- {spread:.4f}")
        print(f"{name}: " + ", ".join(cells))
    print(f"lightgbm {lightgbm.__version__}, {len(runs)} seeds")


if __name__ == "__main__":
    main()
