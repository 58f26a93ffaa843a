"""Compares what a run predicts in float32 and in bfloat16: AUC and calibration of binary tasks, errors of regressions.

Usage: precision.py RUN FILE.parquet --motet PROGRAM [--weight weight] --tasks bought=bought quantity=quantity

Runs `motet predict` in both precisions and prints a line of JSON for each task. Calibration is the mean over 20 bins of
equally many rows, by weight, of the distance between the mean prediction and the rate, and the mean prediction divided by the rate. Rows
without a label of a task do not count for it. Needs numpy, pandas, pyarrow and scikit-learn.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

import numpy as np
import pandas
from sklearn.metrics import log_loss, roc_auc_score


def calibration(predicted, label, weight, bins=20):
    """The expected calibration error over bins of equally many rows."""
    parts = np.array_split(np.argsort(predicted, kind="stable"), bins)
    errors = [abs(np.sum(weight[part] * (predicted[part] - label[part]))) for part in parts]
    return float(np.sum(errors) / weight.sum())


def main():
    """Reads the arguments, predicts, and prints."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("run")
    parser.add_argument("file")
    parser.add_argument("--motet", required=True)
    parser.add_argument("--weight", help="the column of the rows' weights")
    parser.add_argument("--tasks", nargs="+", required=True, help="pairs of a task and its label's column")
    arguments = parser.parse_args()
    table = pandas.read_parquet(arguments.file)
    made = {}
    with tempfile.TemporaryDirectory() as folder:
        for precision in ["f32", "bf16"]:
            output = pathlib.Path(folder) / f"{precision}.parquet"
            command = [arguments.motet, "predict", arguments.run, "--input", arguments.file]
            subprocess.run(
                command + ["--output", str(output), "--precision", precision], check=True, stdout=subprocess.DEVNULL
            )
            made[precision] = pandas.read_parquet(output)
    for pair in arguments.tasks:
        task, column = pair.split("=")
        label = table[column].to_numpy(np.float64)
        known = np.isfinite(label)
        shown = {"task": task, "rows": int(known.sum())}
        scores = {name: rows[task].to_numpy(np.float64)[known] for name, rows in made.items()}
        label = label[known]
        weight = table[arguments.weight].to_numpy(np.float64)[known] if arguments.weight else np.ones(len(label))
        for name, predicted in scores.items():
            if set(np.unique(label)) <= {0.0, 1.0}:
                shown[name] = {
                    "auc": float(roc_auc_score(label, predicted, sample_weight=weight)),
                    "log_loss": float(log_loss(label, np.clip(predicted, 1e-7, 1 - 1e-7), sample_weight=weight)),
                    "calibration_error": calibration(predicted, label, weight),
                    "mean_prediction_to_rate": float(np.sum(weight * predicted) / np.sum(weight * label)),
                }
            else:
                error = predicted - label
                shown[name] = {
                    "mean_absolute_error": float(np.average(np.abs(error), weights=weight)),
                    "root_mean_square_error": float(np.sqrt(np.average(error**2, weights=weight))),
                }
        difference = np.abs(scores["f32"] - scores["bf16"])
        shown["difference"] = {"mean": float(difference.mean()), "greatest": float(difference.max())}
        print(json.dumps(shown), flush=True)


if __name__ == "__main__":
    main()
