"""Quality of LightGBM and torch-rechub on the data sets of docs/results.md, on the rows Motet is measured on.

Usage: results.py DATASET [--models lightgbm,single,shared_bottom,mmoe,ple] [--seeds 1,2,3]
                  [--rows N] [--results FILE.jsonl]

DATASET is census_income, xmarket, online_retail or complete_journey: the folder of the same name under data/, as
`motet data fetch` writes it, with the features and tasks of its experiment under Examples/.

- LightGBM: a model for each task; categories as categories, numbers as they are, a list as its length and its last
  element; learning rate 0.05, 31 leaves, 100 rows a leaf, stopped early on validation rows. Numbers of the loss
  `poisson` by its Poisson objective.
- torch-rechub: its SharedBottom (one task of it is `single`), MMOE and PLE, given what ours are given: the inputs of the
  experiment, bins and clipped numbers among them, widths, dropout, batches, epochs and task weights, Adam at 1e-3. Its
  layer of embeddings asks for one width for all fields. The loop is this file's, so that a task of the loss `poisson` has
  it too, on the outputs torch-rechub leaves as they are; its own trainer knows squared error alone. The epoch with the
  best mean AUC on validation rows is kept; of `single` the one with the best value of the task's first metric.

Every run is a line of JSON, and those already there are not run again.
"""

import argparse
import copy
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import yaml
from sklearn.metrics import log_loss, roc_auc_score

ROOT = Path(__file__).resolve().parents[2]
EXPERIMENTS = {  # the experiment, one width of embeddings, hidden units, a tower's, experts of PLE: a task's, shared; dropout
    "census_income": ("CensusIncome/binned.yaml", 4, 128, 16, (1, 1), 0.2),
    "xmarket": ("XMarket/experiment.yaml", 16, 128, 16, (1, 1), 0.0),
    "online_retail": ("OnlineRetail/experiment.yaml", 8, 128, 16, (1, 2), 0.0),
    "complete_journey": ("CompleteJourney/ple.yaml", 8, 256, 32, (1, 1), 0.0),
}
PARTS = ("train", "validation", "test")
MODELS = ["lightgbm", "single", "shared_bottom", "mmoe", "ple"]
SEQUENCE = 20


def log_or_same(field):
    return np.log1p if "log1p" in transforms(field) else (lambda x: x)


def transforms(field):
    """The steps of a number, each a name or a map with one argument."""
    steps = field.get("transform", [])
    return steps if isinstance(steps, list) else [steps]


def argument(field, name):
    return next((step[name] for step in transforms(field) if isinstance(step, dict) and name in step), None)


class Table:
    """The parts of a data set as ids, numbers and lists; everything is learnt from the training rows."""

    def __init__(self, dataset, rows):
        path, self.dimension, self.units, self.tower, self.experts, self.dropout = EXPERIMENTS[dataset]
        experiment = yaml.safe_load((ROOT / "Examples" / path).read_text())
        training = experiment["training"]
        self.batch, self.epochs = training["batch_size"], training["epochs"]
        self.tasks = experiment["tasks"]
        fields = experiment["features"]
        scenario = experiment["data"]["scenario"]["column"]
        if scenario not in [field["name"] for field in fields]:
            fields.append({"name": scenario, "type": "categorical"})
        weight = experiment["data"].get("sample_weight")
        frames = {part: pd.read_parquet(ROOT / "data" / dataset / f"{part}.parquet") for part in PARTS}
        if rows and rows < len(frames["train"]):
            frames["train"] = frames["train"].sample(rows, random_state=0)
        self.binned = [f for f in fields if argument(f, "quantile_bins")]
        self.categorical = [f["name"] for f in fields if f["type"] == "categorical"]
        self.numeric = [f["name"] for f in fields if f["type"] == "numeric" and not argument(f, "quantile_bins")]
        self.sequences = [f for f in fields if f["type"] == "sequence"]
        self.ids, self.numbers, self.raw, self.lists, self.bins = {}, {}, {}, {}, {}
        self.labels, self.masks, self.weights = {}, {}, {}
        self.encode(fields, frames)
        for part, frame in frames.items():
            self.weights[part] = (
                frame[weight].to_numpy(np.float32) if weight else np.ones(len(frame), np.float32)
            )
            labels = np.stack(
                [frame[task.get("label", task["name"])].to_numpy(np.float32) for task in self.tasks], axis=1
            )
            mask = ~np.isnan(labels)
            for place, task in enumerate(self.tasks):
                if "within" in task:
                    outer = [t["name"] for t in self.tasks].index(task["within"])
                    mask[:, place] &= labels[:, outer] == 1
            self.labels[part], self.masks[part] = np.nan_to_num(labels), mask

    def encode(self, fields, frames):
        """Ids from 1 by frequency, 0 for what training does not know; numbers by the steps of the experiment."""
        by_name = {field["name"]: field for field in fields}
        column = {field["name"]: field.get("column", field["name"]) for field in fields}
        maps = {}
        for name in self.categorical:
            counts = frames["train"][name].astype(str).value_counts()
            least = int(by_name[name].get("minimum_frequency", 1))
            known = [value for value, count in counts.items() if count >= least]
            maps[name] = {value: place + 1 for place, value in enumerate(known)}
        self.sizes = [len(maps[name]) + 1 for name in self.categorical]
        shaping = {}
        for name in self.numeric:
            shape = log_or_same(by_name[name])
            shaped = shape(frames["train"][column[name]].to_numpy(np.float64))
            low, high = np.nanquantile(shaped, argument(by_name[name], "clip") or [0, 1])
            shaped = np.clip(shaped, low, high)
            ends = (low, high) if argument(by_name[name], "clip") else (-np.inf, np.inf)
            shaping[name] = (shape, *ends, np.nanmean(shaped), max(np.nanstd(shaped), 1e-12))
        edges = {}
        for field in self.binned:
            values = frames["train"][column[field["name"]]].to_numpy(np.float64)
            inner = np.linspace(0, 1, argument(field, "quantile_bins") + 1)[1:-1]
            edges[field["name"]] = np.unique(np.nanquantile(values, inner))
        self.bin_sizes = [len(edges[field["name"]]) + 2 for field in self.binned]
        for part, frame in frames.items():
            ids = [frame[n].astype(str).map(maps[n]).fillna(0) for n in self.categorical]
            self.ids[part] = np.stack(ids, axis=1).astype(np.int64)
            raw = frame[[column[n] for n in self.numeric]].to_numpy(np.float64) if self.numeric else np.zeros((len(frame), 0))
            made = []
            for place, name in enumerate(self.numeric):
                shape, low, high, mean, deviation = shaping[name]
                value = (np.clip(shape(raw[:, place]), low, high) - mean) / deviation
                made.append(np.nan_to_num(value))
                if by_name[name].get("missing") == "own_bucket":
                    made.append(np.isnan(raw[:, place]).astype(np.float64))
            self.raw[part] = raw
            self.numbers[part] = (
                np.stack(made, axis=1).astype(np.float32) if made else np.zeros((len(frame), 0), np.float32)
            )
            self.bins[part] = {}
            for field in self.binned:
                values = frame[column[field["name"]]].to_numpy(np.float64)
                places = np.searchsorted(edges[field["name"]], values, side="right") + 1
                self.bins[part][field["name"]] = np.where(np.isnan(values), 0, places).astype(np.int64)
            self.lists[part] = {}
            for field in self.sequences:
                known = maps[field["shares"]]
                lists = np.zeros((len(frame), SEQUENCE), np.int64)
                for row, value in enumerate(frame[field["name"]]):
                    if isinstance(value, str):
                        value = value.split(field.get("delimiter", ",")) if value else []
                    kept = [known.get(str(v), 0) for v in (value if value is not None else [])][-SEQUENCE:]
                    lists[row, : len(kept)] = kept
                self.lists[part][field["name"]] = lists

    def trees(self, part):
        """The columns LightGBM reads."""
        extra = [
            column
            for lists in self.lists[part].values()
            for column in ((lists > 0).sum(axis=1), lists[np.arange(len(lists)), np.maximum((lists > 0).sum(axis=1) - 1, 0)])
        ]
        return np.column_stack([self.ids[part].astype(np.float64), self.raw[part], *extra])


def measure(table, part, predicted):
    """The metrics of each task over the rows that have its label."""
    made = {}
    for place, task in enumerate(table.tasks):
        mask = table.masks[part][:, place]
        y, p = table.labels[part][mask, place], predicted[mask, place]
        w = table.weights[part][mask]
        for metric in task["metrics"]:
            if metric == "auc":
                value = roc_auc_score(y, p, sample_weight=w)
            elif metric == "log_loss":
                value = log_loss(y, np.clip(p.astype(np.float64), 1e-7, 1 - 1e-7), sample_weight=w)
            elif metric == "rmse":
                value = np.sqrt(np.average((y - p) ** 2, weights=w))
            elif metric == "mae":
                value = np.average(np.abs(y - p), weights=w)
            elif metric == "wape":
                value = (w * np.abs(y - p)).sum() / (w * np.abs(y)).sum()
            else:
                raise SystemExit(f"results.py: unknown metric {metric}")
            made[f"{task['name']} {metric}"] = float(value)
    return made


def lightgbm_scores(table, seed):
    """Trees for each task, as predictions of all parts but training."""
    import lightgbm

    scores = {part: np.zeros_like(table.labels[part], dtype=np.float64) for part in PARTS[1:]}
    inputs = {part: table.trees(part) for part in PARTS}
    objectives = {"binary_cross_entropy": "binary", "poisson": "poisson", "mean_squared_error": "regression"}
    categories = [i for i, size in enumerate(table.sizes)]
    for place, task in enumerate(table.tasks):
        rows = {part: table.masks[part][:, place] for part in PARTS}
        data = {
            part: lightgbm.Dataset(
                inputs[part][rows[part]],
                table.labels[part][rows[part], place],
                weight=table.weights[part][rows[part]],
                categorical_feature=categories,
            )
            for part in PARTS[:2]
        }
        objective = objectives[task["loss"]]
        settings = {
            "objective": objective, "metric": "auc" if objective == "binary" else objective,
            "learning_rate": 0.05, "num_leaves": 31, "min_data_in_leaf": 100, "feature_fraction": 0.8,
            "bagging_fraction": 0.8, "bagging_freq": 1, "seed": seed, "num_threads": 1, "verbose": -1,
        }
        model = lightgbm.train(
            settings, data["train"], 1000, valid_sets=[data["validation"]],
            callbacks=[lightgbm.early_stopping(50, verbose=False)],
        )
        for part in scores:
            scores[part][:, place] = model.predict(inputs[part])
    return scores, None


LOSSES = {
    "binary_cross_entropy": lambda p, y: torch.nn.functional.binary_cross_entropy(p, y, reduction="none"),
    "mean_squared_error": lambda p, y: (p - y) ** 2,
    "poisson": lambda p, y: torch.exp(p) - y * p,
}


class Rechub:
    """A model of torch-rechub for some tasks."""

    def __init__(self, name, table, tasks, seed):
        from torch_rechub.basic.features import DenseFeature, SequenceFeature, SparseFeature
        from torch_rechub.models.multi_task import MMOE, PLE, SharedBottom

        torch.manual_seed(seed)
        self.table, self.tasks = table, tasks
        width = table.dimension
        features = [
            SparseFeature(name, size, embed_dim=width)
            for name, size in zip(
                [*table.categorical, *table.bins["train"]], [*table.sizes, *table.bin_sizes]
            )
        ]
        features += [
            SequenceFeature(
                f["name"], table.sizes[table.categorical.index(f["shares"])], embed_dim=width, pooling="mean",
                shared_with=f["shares"], padding_idx=0,
            )
            for f in table.sequences
        ]
        features += [DenseFeature(f"number {i}") for i in range(table.numbers["train"].shape[1])]
        binary = [table.tasks[t]["loss"] == "binary_cross_entropy" for t in tasks]
        kinds = ["classification" if b else "regression" for b in binary]
        hidden = {"dims": [table.units], "dropout": table.dropout}
        towers = [{"dims": [table.tower], "dropout": table.dropout} for _ in tasks]
        if name == "mmoe":
            self.model = MMOE(features, kinds, 4, hidden, towers)
        elif name == "ple":
            self.model = PLE(features, kinds, 1, *table.experts, hidden, towers)
        else:
            self.model = SharedBottom(features, kinds, hidden, towers)
        self.losses = [table.tasks[t]["loss"] for t in tasks]
        self.shares = [1.0 if len(tasks) == 1 else table.tasks[t].get("weight", 1.0) for t in tasks]
        self.data = {part: self.tensors(part) for part in PARTS}

    def tensors(self, part):
        table = self.table
        columns = dict(zip(table.categorical, torch.tensor(table.ids[part]).T.contiguous()))
        columns |= {name: torch.tensor(ids) for name, ids in (table.bins[part] | table.lists[part]).items()}
        numbers = torch.tensor(table.numbers[part]).T.contiguous()
        return columns | {f"number {i}": values for i, values in enumerate(numbers)}

    def predict(self, part):
        self.model.eval()
        made, data = [], self.data[part]
        with torch.no_grad():
            for start in range(0, len(self.table.labels[part]), 8192):
                rows = slice(start, start + 8192)
                made.append(self.model({k: v[rows] for k, v in data.items()}).numpy())
        scores = np.concatenate(made).astype(np.float64)
        return np.where([loss == "poisson" for loss in self.losses], np.exp(np.minimum(scores, 50)), scores)

    def epoch(self, optimizer):
        self.model.train()
        data, table = self.data["train"], self.table
        labels = torch.tensor(table.labels["train"][:, self.tasks], dtype=torch.float32)
        weights = torch.tensor(table.masks["train"][:, self.tasks] * table.weights["train"][:, None])
        for rows in torch.randperm(len(labels)).split(table.batch):
            predicted = self.model({k: v[rows] for k, v in data.items()})
            total = 0
            for place, (name, share) in enumerate(zip(self.losses, self.shares)):
                y, p, w = labels[rows, place], predicted[:, place], weights[rows, place]
                total = total + share * (LOSSES[name](p, y) * w).sum() / w.sum().clamp(min=1e-6)
            optimizer.zero_grad()
            total.backward()
            optimizer.step()

    def fit(self):
        """Keeps the epoch with the best mean AUC on validation rows, of numbers alone the least error."""
        optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3)
        best, kept = -np.inf, None
        for _ in range(self.table.epochs):
            self.epoch(optimizer)
            scores = np.zeros_like(self.table.labels["validation"], dtype=np.float64)
            scores[:, self.tasks] = self.predict("validation")
            names = {self.table.tasks[t]["name"] for t in self.tasks}
            metrics = {
                key: value for key, value in measure(self.table, "validation", scores).items()
                if key.split()[0] in names
            }
            ranked = [value for key, value in metrics.items() if key.endswith(" auc")]
            now = np.mean(ranked) if ranked else -next(iter(metrics.values()))
            if now > best:
                best, kept = now, copy.deepcopy(self.model.state_dict())
        self.model.load_state_dict(kept)
        return {part: self.predict(part) for part in PARTS[1:]}


def rechub_scores(name, table, seed):
    """Predictions of a model of all tasks, or of one for each."""
    every = list(range(len(table.tasks)))
    if name != "single":
        model = Rechub(name, table, every, seed)
        return model.fit(), sum(p.numel() for p in model.model.parameters())
    scores = {part: np.zeros_like(table.labels[part], dtype=np.float64) for part in PARTS[1:]}
    parameters = 0
    for task in every:
        model = Rechub(name, table, [task], seed)
        for part, made in model.fit().items():
            scores[part][:, [task]] = made
        parameters += sum(p.numel() for p in model.model.parameters())
    return scores, parameters


def main():
    parser = argparse.ArgumentParser(description="Quality of peers on real data.")
    parser.add_argument("dataset", choices=EXPERIMENTS)
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--rows", type=int, default=0, help="at most so many training rows")
    parser.add_argument("--results", default=str(Path(__file__).with_name("results.jsonl")))
    arguments = parser.parse_args()
    path = Path(arguments.results)
    done = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    table = Table(arguments.dataset, arguments.rows)
    for name in arguments.models.split(","):
        for seed in map(int, arguments.seeds.split(",")):
            key = {"dataset": arguments.dataset, "model": name, "seed": seed, "rows": len(table.labels["train"])}
            if any(all(run.get(k) == v for k, v in key.items()) for run in done):
                continue
            start = time.perf_counter()
            if name == "lightgbm":
                scores, parameters = lightgbm_scores(table, seed)
            else:
                scores, parameters = rechub_scores(name, table, seed)
            record = key | {
                "test": measure(table, "test", scores["test"]),
                "validation": measure(table, "validation", scores["validation"]),
                "parameters": parameters, "seconds": round(time.perf_counter() - start, 1),
            }
            with path.open("a") as file:
                file.write(json.dumps(record) + "\n")
            print(name, seed, {k: round(v, 4) for k, v in record["test"].items()}, record["seconds"], flush=True)


main()
