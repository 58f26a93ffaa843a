"""AUC of Motet's models on Census-Income, by the protocol of Benchmarks/Peers/census_data.py.

Usage: census.py [--motet PROGRAM] [--data FOLDER] [--models single,shared_bottom,mmoe,ple]
                 [--seeds 0,1,2] [--numeric minmax|standardise] [--results FILE.jsonl]

FOLDER is what `motet data fetch census_income --output FOLDER` wrote: its rows and parts are those
that the peers' program reads. Sizes, learning rate, L2, batch and stopping rule are the peers' too
(Benchmarks/Peers/census_quality.py), so that the two tables can stand side by side; embeddings of 4,
Shared-Bottom [117], MMoE 8 experts [16], PLE 1 level with 1 shared and 2 experts a task [16], towers
[8]. A single-task model is trained for each task. Needs Python 3.11 and nothing else.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

TASKS = ["income", "never_married"]
SCALING = {"minmax": "min_max", "standardise": "standardise"}
MODELS = {
    "single": "{ architecture: single_task, bottom_units: [117], tower_units: [8] }",
    "shared_bottom": "{ architecture: shared_bottom, bottom_units: [117], tower_units: [8] }",
    "mmoe": "{ architecture: mmoe, experts: 8, expert_units: [16], tower_units: [8] }",
    "ple": "{ architecture: ple, levels: 1, shared_experts: 1, task_experts: 2, "
    "expert_units: [16], tower_units: [8] }",
}


def features(experiment, numeric):
    """The feature lines of the recipe's experiment, with the peers' scaling of numbers."""
    lines, inside = [], False
    for line in experiment.read_text().splitlines():
        if line and not line.startswith(" "):
            inside = line == "features:"
        elif inside:
            lines.append(line.replace("[log1p, standardise]", SCALING[numeric]))
    # The peers read the survey year, the recipe's scenario, as one more category.
    return lines + ["  - { name: survey_year, type: categorical, dimension: 4 }"]


def configuration(data, model, tasks, seed, numeric):
    """An experiment as YAML."""
    lines = [f"name: census_{model}", f"seed: {seed}", "data:"]
    lines += [f"  {part}: {data / (part + '.parquet')}" for part in ("train", "validation", "test")]
    lines += ["features:", *features(data / "experiment.yaml", numeric), "tasks:"]
    weight = 1 / len(tasks)  # the peers' loss is the mean of the tasks'
    lines += [
        f"  - {{ name: {task}, label: {task}, loss: binary_cross_entropy, weight: {weight}, "
        "metrics: [auc] }"
        for task in tasks
    ]
    lines += [
        f"model: {MODELS[model]}",
        "training:",
        "  optimizer: { name: adam, learning_rate: 1.0e-3, l2: 1.0e-4, tables: dense }",
        "  batch_size: 1024",
        "  epochs: 60",
        f"  early_stopping: {{ metric: auc, task: {tasks[0]}, patience: 8 }}",
    ]
    return "\n".join(lines) + "\n"


def train(program, data, model, tasks, seed, numeric):
    """Test AUC of each task, the best epoch and the number of parameters."""
    with tempfile.TemporaryDirectory() as folder:
        experiment, run = Path(folder) / "experiment.yaml", Path(folder) / "run"
        experiment.write_text(configuration(data, model, tasks, seed, numeric))
        command = [program, "train", experiment, "--output", run]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"census.py: `motet train` failed: {done.stderr.strip() or done.stdout}")
        metrics = json.loads((run / "metrics.json").read_text())
    entries = {entry["task"]: entry["estimate"]["value"] for entry in metrics["test"]["entries"]}
    return {
        "aucs": {task: entries[task]["value"] for task in tasks},
        "rows": entries[tasks[0]]["rows"],
        "epoch": metrics["epoch"],
        "parameters": metrics["parameters"],
        "seconds": metrics["training_seconds"],
    }


def run(arguments, model, seed):
    """A record of one model and seed."""
    both = [[task] for task in TASKS] if model == "single" else [TASKS]
    fits = [
        train(arguments.motet, arguments.data.resolve(), model, tasks, seed, arguments.numeric)
        for tasks in both
    ]
    aucs = {task: auc for fit in fits for task, auc in fit["aucs"].items()}
    return {
        "model": model,
        "seed": seed,
        "numeric": arguments.numeric,
        **aucs,
        "test_rows": fits[0]["rows"],
        "best_epoch": [fit["epoch"] for fit in fits],
        "parameters": sum(fit["parameters"] for fit in fits),
        "seconds": round(sum(fit["seconds"] for fit in fits), 1),
    }


def table(records):
    """Mean and standard deviation over seeds, as a Markdown table."""
    lines = ["| model | parameters | seeds | income | never married |", "|---|---|---|---|---|"]
    for model in MODELS:
        mine = [record for record in records if record["model"] == model]
        if mine:
            cells = [
                f"{statistics.fmean(r[task] for r in mine):.4f} +- "
                f"{statistics.pstdev(r[task] for r in mine):.4f}"
                for task in TASKS
            ]
            lines.append(
                f"| {model} | {mine[0]['parameters']:,} | {len(mine)} | {' | '.join(cells)} |"
            )
    return "\n".join(lines)


def main():
    """Trains what was asked for, prints a line a model and seed, and the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--motet", default=".build/release/motet")
    parser.add_argument("--data", type=Path, default=Path("data/census_income"))
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--numeric", choices=["minmax", "standardise"], default="standardise")
    parser.add_argument("--results", type=Path)
    arguments = parser.parse_args()
    if not (arguments.data / "experiment.yaml").is_file():
        sys.exit(
            f"census.py: {arguments.data}: no prepared data set; expected the folder that `motet "
            "data fetch census_income` wrote. Name it with --data."
        )
    unknown = set(arguments.models.split(",")) - set(MODELS)
    if unknown:
        sys.exit(f"census.py: unknown models {sorted(unknown)}; expected some of {list(MODELS)}.")
    records = []
    for seed in map(int, arguments.seeds.split(",")):
        for model in arguments.models.split(","):
            records.append(run(arguments, model, seed))
            print(json.dumps(records[-1]), flush=True)
            if arguments.results:
                with arguments.results.open("a") as file:
                    file.write(json.dumps(records[-1]) + "\n")
    print(table(records))


if __name__ == "__main__":
    main()
