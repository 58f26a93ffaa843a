"""Measures `motet learn` over a million exposures, and a server's answers of scores beside it.

Usage: learn.py FOLDER --motet PROGRAM [--rate 100] [--seconds 10] [--rounds 2] [--ways none pinned nice plain]
    [--exposures 170000]

FOLDER is empty or as a run of this program left it: the logs of a made-up shop of 400 users and 30 items whose tastes turn by 0.3 a day,
four days that a `shared_bottom` of two tasks is trained on and six, of `--exposures` each, that it learns on from in one step; the tests'
`DriftingShop` makes the same shop, smaller. The server follows the link; requests are of a user and 200 items, sixteen threads of this
program send each when it is due, and its time counts from then. In a round each way has its turn: nothing beside it (`none`), or `motet
learn` again and again, with the link set back in between, so that models are swapped all the while: on one processor below everything else
(`pinned`: `taskset -c 1 nice -n 19`), below everything else (`nice`), and as it is (`plain`). Prints a line of JSON for each turn; needs
Python 3.11, `nice` and `taskset`.
"""

import argparse
import json
import math
import os
import pathlib
import random
import shutil
import subprocess
import threading
import time

from served import open_loop, server

PORT, DAY, ORIGIN = 8095, 86_400_000, 20_000 * 86_400_000
USERS, ITEMS, PER_REQUEST = 400, 30, 200
WAYS = {"pinned": ["taskset", "-c", "1", "nice", "-n", "19"], "nice": ["nice", "-n", "19"], "plain": []}

EXPERIMENT = """name: drift
seed: 3
data: { train: train.csv, scenario: { column: market, values: [home, search] } }
features:
  - { name: user, type: categorical, hash_buckets: 2000, dimension: 8 }
  - { name: item, type: categorical, hash_buckets: 200, dimension: 8 }
  - { name: market, type: categorical, dimension: 2 }
tasks:
  - { name: click, label: clicked, loss: binary_cross_entropy, metrics: [auc, log_loss] }
  - { name: buy, label: bought, loss: binary_cross_entropy, within: click, metrics: [auc, log_loss] }
model: { architecture: shared_bottom, bottom_units: [32], tower_units: [16] }
training: { optimizer: { name: adam, learning_rate: 3.0e-3 }, batch_size: 128, epochs: 8, threads: 1 }
evaluation: { resamples: 0 }
"""

LEARN = """run: current
output: learned
exposures: { files: shown.csv }
outcomes: [ { files: events.csv, kind: { column: kind }, item: item } ]
tasks:
  - { name: click, event: click, window: 1h }
  - { name: buy, event: purchase, window: 5d, learn: at_once, gate_age: 1d }
optimizer: { name: adagrad, learning_rate: 0.02 }
gate: { share: 0.2, window: 2d }
"""

SERVE = f"port: {PORT}\nworkers: 2\nwatch_seconds: 1\nlog_level: warning\n"


def rates(user, item, market, turned):
    """The true rates of a click, and of a purchase after one."""
    angle = user % 8 * math.pi / 4 - item % 6 * math.pi / 3 + turned
    logit = -1.2 + 1.8 * math.cos(angle) + (0.4 if market == "search" else 0)
    return 1 / (1 + math.exp(-logit)), 1 / (1 + math.exp(0.8 - 1.2 * math.cos(angle)))


def write(folder, exposures):
    draws = random.Random(12)
    header = "time,user,item,market,clicked,bought\n"
    with (
        open(folder / "train.csv", "w") as train, open(folder / "shown.csv", "w") as shown,
        open(folder / "events.csv", "w") as events,
    ):
        train.write(header)
        shown.write(header)
        events.write("time,kind,user,item\n")
        for first, days, a_day in ((-4, 4, 1500), (0, 6, exposures)):
            for step in range(days * a_day):
                day = first + step / a_day
                moment = ORIGIN + int(day * DAY)
                user, item = draws.randrange(USERS), draws.randrange(ITEMS)
                market = draws.choice(["home", "search"])
                click, buy = rates(user, item, market, 0.3 * max(day, 0))
                clicks = draws.random() < click
                buys = clicks and draws.random() < buy
                line = f"{moment},u{user},i{item},{market},"
                if day < 0:
                    train.write(f"{line}{int(clicks)},{int(buys)}\n")
                    continue
                shown.write(f"{line},\n")
                if clicks:
                    events.write(f"{moment + 30_000},click,u{user},i{item}\n")
                if buys:
                    late = int(draws.expovariate(1) * 0.5 * DAY)
                    events.write(f"{moment + 60_000 + late},purchase,u{user},i{item}\n")
    (folder / "experiment.yaml").write_text(EXPERIMENT)
    (folder / "learn.yaml").write_text(LEARN)
    (folder / "serve.yaml").write_text(SERVE)


def relink(folder):
    """Sets the link back to the trained run, in one step, and forgets what was learnt."""
    (folder / "next").unlink(missing_ok=True)
    (folder / "next").symlink_to("run")
    os.replace(folder / "next", folder / "current")
    shutil.rmtree(folder / "learned", ignore_errors=True)


def learn(folder, command, stop, took):
    """Learns again and again until it is told to stop; the last time is finished."""
    while not stop.is_set():
        relink(folder)
        start = time.perf_counter()
        step = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
        took.append((round(time.perf_counter() - start, 2), "promoted" in step.stdout))
        # The server looks at the link once a second, and loads what it finds; then it is set back.
        time.sleep(2.5)


def sent(rate, seconds):
    """Sends each request when it is due, and takes its time from then."""
    draws = random.Random(5)
    bodies = [
        json.dumps({
            "user": {"id": "u", "user": f"u{draws.randrange(USERS)}"}, "context": {"market": draws.choice(["home", "search"])},
            "items": [{"id": n, "item": f"i{draws.randrange(ITEMS)}"} for n in range(PER_REQUEST)],
        }, separators=(",", ":")).encode()
        for _ in range(100)
    ]
    models = set()
    load = open_loop(PORT, "/v1/score", bodies, rate, seconds, 1, lambda body: models.add(body[:40].split(b'"')[3]))
    return load | {"models": len(models)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--motet", required=True)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--ways", nargs="*", default=["none", *WAYS])
    parser.add_argument("--exposures", type=int, default=170_000)
    arguments = parser.parse_args()
    folder, motet = arguments.folder.resolve(), str(pathlib.Path(arguments.motet).resolve())
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "run").exists():
        write(folder, arguments.exposures)
        subprocess.run(
            [motet, "train", "experiment.yaml", "--output", "run"], cwd=folder, check=True, stdout=subprocess.DEVNULL
        )
    relink(folder)
    command = [motet, "serve", "current", "--config", "serve.yaml"]
    with server(command, PORT, cwd=folder, stderr=subprocess.DEVNULL):
        for turn in range(arguments.rounds):
            for way in arguments.ways:
                stop, took = threading.Event(), []
                beside = threading.Thread(
                    target=learn, args=(folder, [*WAYS.get(way, []), motet, "learn", "learn.yaml"], stop, took)
                )
                if way != "none":
                    beside.start()
                load = sent(arguments.rate, arguments.seconds)
                stop.set()
                if way != "none":
                    beside.join()
                print(json.dumps({
                    "round": turn + 1, "way": way, "load": load, "learn_seconds": [seconds for seconds, _ in took],
                    "promoted": sum(promoted for _, promoted in took),
                }), flush=True)


if __name__ == "__main__":
    main()
