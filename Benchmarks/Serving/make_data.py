"""Writes what the workload `serve-500` needs into a folder: experiment, rows, items, events, requests, serve.yaml.

Usage: make_data.py FOLDER [--rows 20000] [--items 20000] [--users 2000]

The model is that of `aliccp-mmoe`: 23 fields of 16 numbers and 100,000 ids each, 4 experts [512, 256], a gate and a
tower [128, 64] for each of two tasks. Of its fields `u_0` to `u_10` are of the user and come from the store of online
features, made of the events; `i_11` to `i_22` are of the item and come from the table of items. A request is one user
id and 500 item ids. Everything is made up, by a seed. `features.npz` has what the store answers for each user, so that
other servers of the same model can be asked the same; needs numpy.
"""

import argparse
import json
import pathlib
import time

import numpy as np

USER_FIELDS, ITEM_FIELDS, BUCKETS, CANDIDATES = 11, 12, 100_000, 500
KINDS = ["view", "click", "cart", "purchase", "exposure", "search", "return"]
SHARES = [0.35, 0.2, 0.1, 0.05, 0.2, 0.05, 0.05]

FEATURES = [(f"u_{n}", f"type: count, events: {kind}, window: all") for n, kind in enumerate(KINDS)] + [
    ("u_7", "type: count, events: [view, click, cart], window: all"),
    ("u_8", "type: sum, events: purchase, value: quantity, window: all"),
    ("u_9", "type: distinct, events: [view, click], value: item, window: 30d, limit: 100"),
    ("u_10", "type: distinct, events: [view, click], value: category, window: 30d, limit: 100"),
]


def experiment():
    """The experiment's YAML."""
    online = "\n".join(f"    - {{ name: {name}, of: user, {rest} }}" for name, rest in FEATURES)
    names = [name for name, _ in FEATURES]
    names += [f"i_{USER_FIELDS + n}" for n in range(ITEM_FIELDS)]
    features = "\n".join(
        f"  - {{ name: {name}, type: categorical, hash_buckets: {BUCKETS}, dimension: 16 }}" for name in names
    )
    return f"""name: serve-500
seed: 1
data: {{ train: train.csv, validation: valid.csv }}
online_features:
  lateness: 1d
  features:
{online}
features:
{features}
tasks:
  - {{ name: click, label: click, loss: binary_cross_entropy, metrics: [auc] }}
  - {{ name: conversion, label: conversion, loss: binary_cross_entropy, metrics: [auc] }}
model: {{ architecture: mmoe, experts: 4, expert_units: [512, 256], tower_units: [128, 64] }}
training:
  optimizer: {{ name: sgd, learning_rate: 0.1 }}
  batch_size: 2048
  epochs: 1
evaluation: {{ resamples: 0 }}
"""


def serve(threads, workers, precision):
    """A server's YAML."""
    return f"""port: 8091
workers: {workers}
threads_per_request: {threads}
precision: {precision}
log_level: warning
features: {{ store: memory }}
items: {{ files: items.csv, item: item }}
limits: {{ candidates: 500 }}
"""


def rows(random, count, users, items):
    """Rows of a log with labels that depend on some of the fields."""
    user = users[random.integers(0, len(users), count)]
    item = items[random.integers(0, len(items), count)]
    signal = user[:, 1] % 5 + item[:, 0] % 7 - 5
    click = random.random(count) < 1 / (1 + np.exp(-signal / 2))
    conversion = click & (random.random(count) < 0.1 + 0.05 * (item[:, 1] % 5))
    names = [name for name, _ in FEATURES] + [f"i_{USER_FIELDS + n}" for n in range(ITEM_FIELDS)]
    lines = [",".join(names + ["click", "conversion"])]
    table = np.concatenate([user, item, click[:, None], conversion[:, None]], axis=1).astype(np.int64)
    lines += [",".join(map(str, row)) for row in table.tolist()]
    return "\n".join(lines) + "\n"


def main():
    """Reads the arguments and writes the files."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--users", type=int, default=2_000)
    parser.add_argument("--requests", type=int, default=400)
    arguments = parser.parse_args()
    folder = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(1)
    items = random.integers(0, 10**9, (arguments.items, ITEM_FIELDS))
    categories = random.integers(0, 50, arguments.items)

    now = int(time.time() * 1000)
    users = np.zeros((arguments.users, USER_FIELDS), np.int64)
    events = []
    for user in range(arguments.users):
        seen, kinds_of_items = set(), set()
        for number in range(random.integers(5, 60)):
            kind = random.choice(len(KINDS), p=SHARES)
            item = int(random.integers(0, arguments.items))
            quantity = int(random.integers(1, 4))
            users[user, kind] += 1
            if kind < 3:
                users[user, 7] += 1
            if kind == 3:
                users[user, 8] += quantity
            if kind < 2:
                seen.add(item)
                kinds_of_items.add(int(categories[item]))
            event = {
                "id": f"e{user}-{number}", "time": now - int(random.integers(0, 3_600_000)),
                "kind": KINDS[kind], "user": f"u{user}",
            }
            if KINDS[kind] != "search":
                event |= {"item": f"i{item}", "category": f"c{categories[item]}", "quantity": quantity}
            events.append(event)
        users[user, 9], users[user, 10] = min(len(seen), 100), min(len(kinds_of_items), 100)

    write = lambda name, text: (folder / name).write_text(text)
    write("experiment.yaml", experiment())
    for precision in ["f32", "bf16"]:
        write(f"serve-alone-{precision}.yaml", serve(2, 1, precision))
        write(f"serve-load-{precision}.yaml", serve(1, 2, precision))
    write("train.csv", rows(random, arguments.rows, users, items))
    write("valid.csv", rows(random, 4_000, users, items))
    header = ",".join(["item"] + [f"i_{USER_FIELDS + n}" for n in range(ITEM_FIELDS)])
    lines = [f"i{n}," + ",".join(map(str, row)) for n, row in enumerate(items.tolist())]
    write("items.csv", "\n".join([header] + lines) + "\n")
    batches = [events[start : start + 500] for start in range(0, len(events), 500)]
    write("events.jsonl", "\n".join(json.dumps(batch, separators=(",", ":")) for batch in batches) + "\n")
    bodies = []
    for _ in range(arguments.requests):
        chosen = random.choice(arguments.items, CANDIDATES, replace=False)
        body = {"user": {"id": f"u{random.integers(0, arguments.users)}"}, "items": [{"id": f"i{n}"} for n in chosen]}
        bodies.append(json.dumps(body, separators=(",", ":")))
    write("requests.jsonl", "\n".join(bodies) + "\n")
    np.savez(folder / "features.npz", users=users, items=items)


if __name__ == "__main__":
    main()
