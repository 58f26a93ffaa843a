"""LightGBM on the rows of a panel: the peer of Examples/DemandForecast. Writes predictions in the form `motet predict` does.

pip install lightgbm pandas pyarrow pyyaml
python Benchmarks/Quality/lightgbm_demand.py Examples/DemandForecast/retail.yaml data/demand_retail data/retail-lightgbm.parquet
python Examples/DemandForecast/score.py data/demand_retail/test.parquet data/retail-lightgbm.parquet

The features of the experiment, labels (units over `scale`), row weights and parts as the model of Motet: a Poisson model and one for each
quantile, the number of trees chosen on the validation rows. The series is a category; those that do not come in training are
missing.
"""

import sys
import time

import lightgbm
import pandas
import yaml

TEXTS = ["level", "series", "category", "weekday"]
TASKS = {
    "demand": {"objective": "poisson"},
    "demand_q10": {"objective": "quantile", "alpha": 0.1},
    "demand_q50": {"objective": "quantile", "alpha": 0.5},
    "demand_q90": {"objective": "quantile", "alpha": 0.9},
}


def main(experiment, folder, output):
    parts = {name: pandas.read_parquet(f"{folder}/{name}.parquet") for name in ("training", "validation", "test")}
    with open(experiment) as file:
        features = [feature["name"] for feature in yaml.safe_load(file)["features"]]
    for text in [text for text in TEXTS if text in features]:
        known = sorted(parts["training"][text].unique())
        for rows in parts.values():
            rows[text] = pandas.Categorical(rows[text].where(rows[text].isin(known)), categories=known)
    made = {}
    for task, objective in TASKS.items():
        start = time.time()
        data = {
            name: lightgbm.Dataset(rows[features], rows["demand"], weight=rows["weight"], free_raw_data=False)
            for name, rows in parts.items()
            if name != "test"
        }
        booster = lightgbm.train(
            {**objective, "learning_rate": 0.1, "num_leaves": 31, "min_data_in_leaf": 100, "feature_fraction": 0.7,
             "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 1, "seed": 1, "num_threads": 1, "verbosity": -1},
            data["training"],
            num_boost_round=500,
            valid_sets=[data["validation"]],
            callbacks=[lightgbm.early_stopping(30, verbose=False)],
        )
        made[task] = booster.predict(parts["test"][features])
        print(f"{task}: {booster.best_iteration} trees, {time.time() - start:.0f} s", flush=True)
    pandas.DataFrame(made).to_parquet(output, index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
