"""Measures `POST /v1/risk` at a fixed rate: orders of 200 items, seven rules, answers kept in a folder.

Usage: risk.py FOLDER --motet PROGRAM --load PROGRAM [--rate 100] [--seconds 20] [--durabilities process power]
    [--patterns 0]

FOLDER is empty or as a run of this program left it. The run has two tasks, MMoE with 4 experts of 64, on made-up rows; items come
from the shop's table, so that an order names 200 of them; 30 % of the orders share devices and addresses, so that rules count.
Each order is another one. With `--patterns` so many more patterns of e-mail domains are watched, a fiftieth of them
wildcards. Prints a line of JSON for each measurement; needs Python 3.11 and nothing else.
"""

import argparse
import json
import pathlib
import random
import shutil
import subprocess
import urllib.request

from served import server

ITEMS, PER_ORDER = 20_000, 200
USER = [f"u_{n}" for n in range(8)] + ["account_age"]
ITEM = [f"i_{n}" for n in range(8)] + ["price"]

EXPERIMENT = """name: risk-load
seed: 1
data: {{ train: train.csv, validation: valid.csv }}
features:
  - {{ name: category, type: categorical, dimension: 8 }}
  - {{ name: seller, type: categorical, dimension: 8 }}
{numbers}
tasks:
  - {{ name: pay, label: pay, loss: binary_cross_entropy }}
  - {{ name: fraud, label: fraud, loss: binary_cross_entropy, metrics: [pr_auc, log_loss] }}
model: {{ architecture: mmoe, experts: 4, expert_units: [64], tower_units: [32] }}
training: {{ optimizer: {{ name: adam, learning_rate: 1.0e-3 }}, batch_size: 512, epochs: 1 }}
evaluation: {{ resamples: 0 }}
"""

SERVE = """port: 8093
workers: 2
log_level: warning
items: {{ files: items.csv, item: item }}
risk:
  store: {store}
  durability: {durability}
  currency: EUR
  order:
    task: fraud
    costs: {{ fraud_fixed: 15, good_share: 0.25, good_fixed: 2, review: 3, review_catches: 0.9 }}
    rules:
      - orders: {{ code: device_orders, of: device, window: 1h, above: 5, weight: 1.2 }}
      - orders: {{ code: account_orders, of: account, window: 1d, above: 3, weight: 0.5 }}
      - spend: {{ code: card_spend, of: payment, window: 1d, above: 2000, weight: 0.8 }}
      - accounts: {{ code: shared_address, of: address, window: 30d, above: 3, weight: 0.7 }}
      - email: {{ code: disposable_mail, patterns: [ "trash.example", "*######@*" ],{files} weight: 1.5 }}
      - amount: {{ code: large, above: 5000, decision: review }}
      - column: {{ code: young, name: account_age, below: 0.5, weight: 0.3 }}
"""


def write(folder, orders, patterns=0):
    (folder / "patterns.txt").write_text(
        "".join(f"trash{n}.example\n" if n % 50 else f"t?ash{n}.*\n" for n in range(patterns)))
    draws = random.Random(1)
    number = lambda: f"{draws.gauss(0, 1):.4f}"
    item = lambda: [number() for _ in ITEM] + [f"c{draws.randrange(30)}", f"s{draws.randrange(500)}"]
    for name, rows in (("train.csv", 20_000), ("valid.csv", 2_000)):
        with open(folder / name, "w") as file:
            file.write(",".join(USER + ITEM + ["category", "seller", "pay", "fraud"]) + "\n")
            for _ in range(rows):
                user, own = [number() for _ in USER], item()
                labels = [int(draws.random() < 0.5), int(draws.random() < (0.3 if float(user[-1]) < -1 else 0.03))]
                file.write(",".join(user + own + [str(label) for label in labels]) + "\n")
    with open(folder / "items.csv", "w") as file:
        file.write(",".join(["item"] + ITEM + ["category", "seller"]) + "\n")
        for place in range(ITEMS):
            file.write(",".join([f"item-{place}"] + item()) + "\n")
    numbers = "\n".join(f"  - {{ name: {name}, type: numeric, transform: standardise }}" for name in USER + ITEM)
    (folder / "experiment.yaml").write_text(EXPERIMENT.format(numbers=numbers))
    with open(folder / "orders.jsonl", "w") as file:
        for place in range(orders):
            shared = draws.random() < 0.3
            group = draws.randrange(50) if shared else 1000 + place
            user = {"id": f"user-{draws.randrange(20_000)}"} | {name: float(number()) for name in USER}
            file.write(json.dumps({
                "id": f"order-{place}", "amount": round(draws.lognormvariate(4, 1), 2), "currency": "EUR", "user": user,
                "items": [{"id": f"item-{draws.randrange(ITEMS)}"} for _ in range(PER_ORDER)],
                "device": f"device-{group}", "address": f"address-{group}", "payment": f"card-{group}",
                "email": f"jo{place}@mail.example",
            }, separators=(",", ":")) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--motet", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--durabilities", nargs="*", default=["process", "power"])
    parser.add_argument("--patterns", type=int, default=0)
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    # With the warm-up, and some to spare: no order comes twice.
    write(folder, int(arguments.rate * (arguments.seconds + 6)), arguments.patterns)
    run = folder / "run"
    if not run.exists():
        subprocess.run(
            [arguments.motet, "train", str(folder / "experiment.yaml"), "--output", str(run)],
            check=True, stdout=subprocess.DEVNULL,
        )
    for durability in arguments.durabilities:
        shutil.rmtree(folder / "orders", ignore_errors=True)
        (folder / "serve.yaml").write_text(SERVE.format(
            store="orders", durability=durability, files=" files: patterns.txt," if arguments.patterns else ""))
        command = [arguments.motet, "serve", str(run), "--config", str(folder / "serve.yaml")]
        with server(command, 8093, stderr=subprocess.DEVNULL):
            load = subprocess.run(
                [
                    arguments.load, "http://127.0.0.1:8093/v1/risk", "--rate", str(arguments.rate), "--seconds",
                    str(arguments.seconds), "--warmup", "3", "--connections", "16", "--bodies", str(folder / "orders.jsonl"),
                    "--header", "Content-Type: application/json", "--method", "POST", "--json",
                ],
                check=True, capture_output=True, text=True,
            )
            with urllib.request.urlopen("http://127.0.0.1:8093/metrics") as answer:
                metrics = answer.read().decode()
            decisions = {
                line.split('decision="')[1].split('"')[0]: int(float(line.split()[-1]))
                for line in metrics.splitlines() if line.startswith("motet_risk_decisions_total{")
            }
            repeated = [line for line in metrics.splitlines() if line.startswith("motet_risk_repeated_total")]
            print(json.dumps({
                "durability": durability, "load": json.loads(load.stdout), "decisions": decisions,
                "repeated": int(float(repeated[0].split()[-1])),
            }), flush=True)


if __name__ == "__main__":
    main()
