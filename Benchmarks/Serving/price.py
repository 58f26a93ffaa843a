"""Measures `POST /v1/price` at a fixed rate: the prices of 200 items a request, each kept in a journal.

Usage: price.py FOLDER --motet PROGRAM [--load PROGRAM] [--rate 100] [--seconds 20] [--durabilities process power]
    [--kinds chosen stocked repeated]

FOLDER is empty or as a run of this program left it. The run has two tasks, MMoE with 4 experts of 64, on made-up rows; items come
from the shop's table, so that a request names 200 of them. Of the kind `chosen` a period is a second and each request has items of its
own, so that every price is chosen, by Thompson sampling over 20 to 60 prices, and written; of `stocked` the same where every item has a
stock that bounds what it sells; of `repeated` a period is a day, and after the first second prices are known. Prints a
line of JSON for each measurement; needs Python 3.11 and nothing else. Without `motet-load` (`--load`) sixteen threads of this program
send, by keep-alive connections, each request when it is due; their own time counts then.
"""

import argparse
import json
import math
import pathlib
import random
import shutil
import subprocess
import urllib.request

from served import open_loop, server

ITEMS, PER_REQUEST = 20_000, 200
USER = [f"u_{n}" for n in range(8)] + ["account_age"]
ITEM = [f"i_{n}" for n in range(9)]

EXPERIMENT = """name: price-load
seed: 1
data: {{ train: train.csv, validation: valid.csv }}
features:
  - {{ name: category, type: categorical, dimension: 8 }}
  - {{ name: seller, type: categorical, dimension: 8 }}
{numbers}
tasks:
  - {{ name: pay, label: pay, loss: binary_cross_entropy }}
  - {{ name: units, label: units, loss: poisson, demand: {{ price: price, reference: 20 }} }}
model: {{ architecture: mmoe, experts: 4, expert_units: [64], tower_units: [32] }}
training: {{ optimizer: {{ name: adam, learning_rate: 1.0e-3 }}, batch_size: 512, epochs: 1 }}
evaluation: {{ resamples: 0 }}
"""

SERVE = """port: 8094
workers: 2
log_level: warning
items: {{ files: items.csv, item: item }}
price:
  store: prices
  durability: {durability}
  period: {period}
  task: units
  currency: EUR
  level_deviation: 0.4
  elasticity_deviation: 0.5
  rules: {{ floor: 1, ceiling: 100, step: 0.05, greatest_change: 0.1 }}
  columns: {{ cost: cost, list: list_price, category: category }}
  never_use: [ account_age ]
"""


def write(folder, requests):
    draws = random.Random(1)
    number = lambda: f"{draws.gauss(0, 1):.4f}"
    item = lambda: [number() for _ in ITEM] + [f"c{draws.randrange(30)}", f"s{draws.randrange(500)}"]
    for name, rows in (("train.csv", 20_000), ("valid.csv", 2_000)):
        with open(folder / name, "w") as file:
            file.write(",".join(USER + ITEM + ["category", "seller", "price", "pay", "units"]) + "\n")
            for _ in range(rows):
                user, own = [number() for _ in USER], item()
                price = 20 * math.exp(0.2 * draws.gauss(0, 1))
                mean = 3 * math.exp(0.3 * float(own[0])) * (price / 20) ** -2
                units, product = 0, draws.random()
                while product > math.exp(-mean):
                    units, product = units + 1, product * draws.random()
                file.write(",".join(user + own + [f"{price:.2f}", str(int(draws.random() < 0.5)), str(units)]) + "\n")
    with open(folder / "items.csv", "w") as file:
        file.write(",".join(["item"] + ITEM + ["category", "seller", "cost", "list_price"]) + "\n")
        for place in range(ITEMS):
            file.write(",".join([f"item-{place}"] + item() + [f"{8 + place % 5}", f"{20 + place % 7}.99"]) + "\n")
    numbers = "\n".join(f"  - {{ name: {name}, type: numeric, transform: standardise }}" for name in USER + ITEM)
    (folder / "experiment.yaml").write_text(EXPERIMENT.format(numbers=numbers))
    for name, more in (("chosen", {}), ("stocked", {"stock": 4})):
        with open(folder / f"{name}.jsonl", "w") as file:
            for place in range(requests):
                user = {"id": f"user-{draws.randrange(20_000)}"} | {name: float(number()) for name in USER}
                # A hundred requests have all items among them: none comes twice within a second.
                first = place * PER_REQUEST % ITEMS
                file.write(json.dumps({
                    "currency": "EUR", "user": user,
                    "items": [
                        {"id": f"item-{first + n}", "present": round(18 + draws.random() * 4, 2)} | more
                        for n in range(PER_REQUEST)
                    ],
                }, separators=(",", ":")) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--motet", required=True)
    parser.add_argument("--load")
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--durabilities", nargs="*", default=["process", "power"])
    parser.add_argument("--kinds", nargs="*", default=["chosen", "stocked", "repeated"])
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, int(arguments.rate * (arguments.seconds + 6)))
    run = folder / "run"
    if not run.exists():
        subprocess.run(
            [arguments.motet, "train", str(folder / "experiment.yaml"), "--output", str(run)],
            check=True, stdout=subprocess.DEVNULL,
        )
    for durability in arguments.durabilities:
        for kind in arguments.kinds:
            measure(arguments, folder, run, durability, kind)


def by_program(bodies, arguments):
    load = subprocess.run(
        [
            arguments.load, "http://127.0.0.1:8094/v1/price", "--rate", str(arguments.rate), "--seconds",
            str(arguments.seconds), "--warmup", "3", "--connections", "16", "--bodies", str(bodies),
            "--header", "Content-Type: application/json", "--method", "POST", "--json",
        ],
        check=True, capture_output=True, text=True,
    )
    return json.loads(load.stdout)


def measure(arguments, folder, run, durability, kind):
    shutil.rmtree(folder / "prices", ignore_errors=True)
    period = "1d" if kind == "repeated" else "1s"
    (folder / "serve.yaml").write_text(SERVE.format(durability=durability, period=period))
    bodies = folder / ("stocked.jsonl" if kind == "stocked" else "chosen.jsonl")
    command = [arguments.motet, "serve", str(run), "--config", str(folder / "serve.yaml")]
    with server(command, 8094, stderr=subprocess.DEVNULL):
        if arguments.load is None:
            lines = bodies.read_bytes().splitlines()
            load = open_loop(8094, "/v1/price", lines, arguments.rate, arguments.seconds, 3)
        else:
            load = by_program(bodies, arguments)
        with urllib.request.urlopen("http://127.0.0.1:8094/metrics") as answer:
            metrics = answer.read().decode()
        counts = {
            line.split()[0]: int(float(line.split()[-1]))
            for line in metrics.splitlines()
            if line.startswith(("motet_price_chosen_total", "motet_price_repeated_total", "motet_price_failures_total"))
        }
        print(json.dumps({
            "durability": durability, "kind": kind, "load": load, "counts": counts,
        }), flush=True)


if __name__ == "__main__":
    main()
