"""Times torch-rechub on one benchmark workload, and prints one line of JSON.

Usage: peer.py WORKLOAD [--seconds 25] [--workers 0] [--threads N]
               [--without-normalization]

- `rows_per_second_end_to_end`: the library's trainer over one epoch read by its own data loader
  (`MTLTrainer.train_one_epoch`, `DataGenerator.generate_dataloader`), columns in memory.
- `rows_per_second_step`: forward, loss, backward and optimizer step on batches that are already
  tensors.

Both are the best of several repetitions after a warm-up, and `median_...` their median; each
measurement takes about `--seconds`.
"""

import argparse
import contextlib
import io
import json
import platform
import statistics
import sys
import time
from importlib.metadata import version

import numpy as np
import torch
from torch_rechub.trainers import MTLTrainer
from torch_rechub.utils.data import DataGenerator

from workloads import OPTIMIZER, TASK_TYPES, TASKS, WORKLOADS

SEED = 1


def rates(rows, seconds, work):
    """The best and the median of at least two repetitions of `work`, in rows/s."""
    work()  # warm-up
    measured, end = [], time.perf_counter() + seconds
    while len(measured) < 2 or time.perf_counter() < end:
        start = time.perf_counter()
        work()
        measured.append(rows / (time.perf_counter() - start))
    return round(max(measured)), round(statistics.median(measured))


def quietly(work):
    """Runs something that prints progress, without the printing."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return work()


def make_model(workload, normalized):
    """The library's model; its batch normalization is taken out where we are to do equal work."""
    torch.manual_seed(SEED)
    model = workload.model()
    if not normalized:
        for module in list(model.modules()):
            for name, child in list(module.named_children()):
                if isinstance(child, torch.nn.BatchNorm1d):
                    setattr(module, name, torch.nn.Identity())
    return model


def end_to_end(workload, model, seconds, workers):
    """Rows a second of the library's trainer and loader."""
    columns, labels = workload.data(SEED)
    trainer = MTLTrainer(model, TASK_TYPES, optimizer_params=dict(OPTIMIZER))
    loader, _, _ = DataGenerator(columns, labels).generate_dataloader(
        x_val=columns,
        y_val=labels,
        x_test=columns,
        y_test=labels,
        batch_size=workload.batch_size,
        num_workers=workers,
    )
    return rates(
        workload.epoch_rows, seconds, lambda: quietly(lambda: trainer.train_one_epoch(loader))
    )


def step(workload, model, seconds):
    """Rows a second of the bare training step, with the trainer's loss: the tasks' mean."""
    columns, labels = workload.data(SEED)
    size = workload.batch_size
    optimizer, loss = torch.optim.Adam(model.parameters(), **OPTIMIZER), torch.nn.BCELoss()
    batches = [
        (
            {name: torch.tensor(ids[start : start + size]) for name, ids in columns.items()},
            torch.tensor(labels[start : start + size]),
        )
        for start in range(0, 8 * size, size)
    ]
    model.train()

    def work():
        for features, expected in batches:
            predicted = model(features)
            total = (
                sum(loss(predicted[:, task], expected[:, task]) for task in range(TASKS)) / TASKS
            )
            optimizer.zero_grad()
            total.backward()
            optimizer.step()

    return rates(len(batches) * size, seconds, work)


def main():
    """Reads the arguments, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("workload", choices=sorted(WORKLOADS))
    parser.add_argument("--seconds", type=float, default=25, help="time of each measurement")
    parser.add_argument("--workers", type=int, default=0, help="processes of the data loader")
    parser.add_argument("--threads", type=int, help="threads of PyTorch (default: its own choice)")
    parser.add_argument(
        "--without-normalization",
        action="store_true",
        help="take the batch normalization out that the library puts after every linear layer",
    )
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    workload = WORKLOADS[arguments.workload]
    make = lambda: make_model(workload, not arguments.without_normalization)
    loaded, loaded_median = end_to_end(workload, make(), arguments.seconds, arguments.workers)
    bare, bare_median = step(workload, make(), arguments.seconds)
    result = {
        "workload": arguments.workload,
        "system": "torch-rechub",
        "rows_per_second_end_to_end": loaded,
        "rows_per_second_step": bare,
        "median_rows_per_second_end_to_end": loaded_median,
        "median_rows_per_second_step": bare_median,
        "batch_size": workload.batch_size,
        "normalization": not arguments.without_normalization,
        "parameters": sum(p.numel() for p in make().parameters()),
        "versions": {
            "torch-rechub": version("torch-rechub"),
            "torch": torch.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        "threads": torch.get_num_threads(),
        "loader_workers": arguments.workers,
        "seed": SEED,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    sys.exit(main())
