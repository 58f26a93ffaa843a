"""AUC of torch-rechub's models, and LightGBM, on Census-Income without education as an input.

Usage: census_quality.py [--data FILE] [--models single,shared_bottom,mmoe,ple,lightgbm]
                         [--seeds 0,1,2] [--numeric minmax|standardise] [--results FILE.jsonl]

The data and split are described in census_data.py. Sizes are those of torch-rechub's own example:
embeddings of 4, Shared-Bottom [117], MMoE 8 experts [16], PLE 1 level with 2 + 1 experts [16],
towers [8], Adam with learning rate 1e-3 and weight decay 1e-4 (L2 on every parameter), batches of
1024. The models and the loss (mean of the tasks') are the library's; batches are cut from tensors,
which is faster than its data loader and changes no result but the order of rows. A single-task
model is a Shared-Bottom with one task. Training stops when the first task's validation AUC has not
risen for `--patience` epochs; the best epoch's weights are tested. Results are appended to a file
of JSON lines, one for each model and seed, and those already there are not run again, so a long
comparison can be made in slices.
"""

import argparse
import copy
import json
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch_rechub.basic.features import DenseFeature, SparseFeature
from torch_rechub.models.multi_task import MMOE, PLE, SharedBottom

from census_data import CATEGORICAL, NUMERIC, TASKS, Census, default_path

BATCH, EVALUATION_BATCH = 1024, 8192
ADAM = {"lr": 1e-3, "weight_decay": 1e-4}
TOWER = {"dims": [8]}
MODELS = ["single", "shared_bottom", "mmoe", "ple", "lightgbm"]


def build(name, census, tasks):
    """One of torch-rechub's models with the sizes of its example."""
    features = [
        SparseFeature(f"c{column}", size, embed_dim=4)
        for column, size in zip(CATEGORICAL, census.vocabulary_sizes)
    ]
    features += [DenseFeature(f"n{column}") for column in NUMERIC]
    types, towers = ["classification"] * tasks, [TOWER] * tasks
    if name == "mmoe":
        return MMOE(features, types, 8, {"dims": [16]}, towers)
    if name == "ple":
        return PLE(features, types, 1, 2, 1, {"dims": [16]}, towers)
    return SharedBottom(features, types, {"dims": [117]}, towers)


class Tensors:
    """A part's tensors, cut into the dictionaries that torch-rechub's models read."""

    def __init__(self, census, part, tasks):
        rows = census.rows[part]
        self.ids = torch.tensor(census.ids[rows])
        self.numeric = torch.tensor(census.numeric[rows])
        self.labels = torch.tensor(census.labels[rows][:, tasks])

    def inputs(self, rows):
        """The model's input for some rows."""
        ids, numeric = self.ids[rows].T, self.numeric[rows].T
        features = {f"c{column}": values for column, values in zip(CATEGORICAL, ids)}
        return features | {f"n{column}": values for column, values in zip(NUMERIC, numeric)}


def score(model, data):
    """The model's probabilities for every row of a part."""
    model.eval()
    with torch.no_grad():
        slices = [slice(s, s + EVALUATION_BATCH) for s in range(0, len(data.ids), EVALUATION_BATCH)]
        return torch.cat([model(data.inputs(rows)) for rows in slices]).numpy()


def auc(model, data):
    """The AUC of each task."""
    scores, labels = score(model, data), data.labels.numpy()
    return [float(roc_auc_score(labels[:, k], scores[:, k])) for k in range(labels.shape[1])]


def train_epoch(model, optimizer, data):
    """One pass over the training rows in a new order."""
    model.train()
    loss = torch.nn.BCELoss()
    for rows in torch.randperm(len(data.ids)).split(BATCH):
        predicted, expected = model(data.inputs(rows)), data.labels[rows]
        tasks = expected.shape[1]
        total = sum(loss(predicted[:, k], expected[:, k]) for k in range(tasks)) / tasks
        optimizer.zero_grad()
        total.backward()
        optimizer.step()


def fit(name, census, tasks, seed, arguments):
    """Trains until validation stalls; returns test AUCs, the best epoch and the parameters."""
    torch.manual_seed(seed)
    train, validation, test = (Tensors(census, part, tasks) for part in census.rows)
    model = build(name, census, len(tasks))
    optimizer = torch.optim.Adam(model.parameters(), **ADAM)
    best, best_epoch, weights = 0.0, 0, None
    for epoch in range(1, arguments.epochs + 1):
        train_epoch(model, optimizer, train)
        now = auc(model, validation)[0]
        if now > best:
            best, best_epoch, weights = now, epoch, copy.deepcopy(model.state_dict())
        elif epoch - best_epoch >= arguments.patience:
            break
    model.load_state_dict(weights)
    return auc(model, test), best_epoch, sum(p.numel() for p in model.parameters())


def fit_lightgbm(census, task, seed):
    """Gradient-boosted trees for one task, stopped early on validation AUC."""
    import lightgbm

    features = np.concatenate([census.ids, census.numeric], axis=1)
    categorical = list(range(census.ids.shape[1]))
    part = lambda name: (features[census.rows[name]], census.labels[census.rows[name], task])
    model = lightgbm.LGBMClassifier(
        n_estimators=1000,
        learning_rate=0.05,
        random_state=seed,
        subsample=0.8,
        subsample_freq=1,
        colsample_bytree=0.8,
        verbose=-1,
        n_jobs=2,
    )
    model.fit(
        *part("train"),
        eval_set=[part("validation")],
        eval_metric="auc",
        categorical_feature=categorical,
        callbacks=[lightgbm.early_stopping(50, verbose=False)],
    )
    inputs, labels = part("test")
    return float(roc_auc_score(labels, model.predict_proba(inputs)[:, 1])), model.best_iteration_


def run(name, census, seed, arguments):
    """Test AUCs of one model and seed, as a record."""
    start, both = time.perf_counter(), list(range(len(TASKS)))
    if name == "lightgbm":
        fits = [fit_lightgbm(census, task, seed) for task in both]
        aucs, epochs, parameters = [f[0] for f in fits], [int(f[1]) for f in fits], None
    elif name == "single":
        fits = [fit(name, census, [task], seed, arguments) for task in both]
        aucs, epochs = [f[0][0] for f in fits], [f[1] for f in fits]
        parameters = sum(f[2] for f in fits)
    else:
        aucs, epochs, parameters = fit(name, census, both, seed, arguments)
    return {
        "model": name,
        "seed": seed,
        "numeric": arguments.numeric,
        **dict(zip(TASKS, aucs)),
        "best_epoch": epochs,
        "parameters": parameters,
        "seconds": round(time.perf_counter() - start, 1),
    }


def table(records):
    """Mean and standard deviation over seeds, as a Markdown table."""
    lines = ["| model | seeds | income | never married |", "|---|---|---|---|"]
    for name in MODELS:
        mine = [record for record in records if record["model"] == name]
        if mine:
            cells = [
                f"{np.mean([r[task] for r in mine]):.4f} +- {np.std([r[task] for r in mine]):.4f}"
                for task in TASKS
            ]
            lines.append(f"| {name} | {len(mine)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main():
    """Reads the arguments, runs what is missing, prints the table and a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=default_path())
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--numeric", choices=["minmax", "standardise"], default="minmax")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--patience", type=int, default=8)
    parser.add_argument("--results", type=Path)
    arguments = parser.parse_args()
    if not arguments.data.is_file():
        raise SystemExit(
            f"{arguments.data}: no such file; name the Census-Income file with --data."
        )
    unknown = set(arguments.models.split(",")) - set(MODELS)
    if unknown:
        raise SystemExit(f"unknown models {sorted(unknown)}; expected some of {MODELS}.")
    census = Census(arguments.data, arguments.numeric)
    lines = []
    if arguments.results and arguments.results.is_file():
        lines = arguments.results.read_text().splitlines()
    records = [r for r in map(json.loads, lines) if r["numeric"] == arguments.numeric]
    done = {(record["model"], record["seed"]) for record in records}
    for seed in map(int, arguments.seeds.split(",")):
        for name in arguments.models.split(","):
            if (name, seed) in done:
                continue
            records.append(run(name, census, seed, arguments))
            if arguments.results:
                with arguments.results.open("a") as file:
                    file.write(json.dumps(records[-1]) + "\n")
            print(json.dumps(records[-1]), flush=True)
    print(table(records))
    packages = {p: version(p) for p in ("torch", "torch-rechub", "scikit-learn")}
    summary = {"numeric": arguments.numeric, "parts": census.describe(), "versions": packages}
    print(json.dumps(summary | {"records": records}))


if __name__ == "__main__":
    main()
