"""Measures `POST /v1/recommend` over large catalogues: the start, the search's recall, the load, a reload under load.

Usage: recommend.py make|start|recall|load|reload FOLDER --motet PROGRAM [--load PROGRAM] [--items 100000] [--search exact graph kept kept-600]
    [--rates 50 100] [--seconds 10] [--port 8094]

make:   writes a made-up shop into FOLDER and trains on it: a ranking run of two tasks (MMoE, 4 experts of 128, 64), which reads
        columns of items and features of the store, and two towers of 32 numbers; then the vectors of all items.
start:  `motet serve` from its start until it is ready, and its memory, for each search: exact, by a graph that is made, and by one that a
        file keeps (the first such start makes it).
recall: the share of the exact search's candidates that a graph's server brings too, over 200 users.
load:   for each search and rate an open loop (times count from when a request was due), and the mean time of the stages; first
        requests whose candidates the sources bring, then some that name 200 items of the shop's table.
reload: `POST /admin/reload` while requests come at the first rate.

A user likes some categories and, in them, items of a style: the towers learn it from what the user looked at last, so vectors
are not random. Prints a line of JSON for each measurement; needs numpy.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import time
import urllib.request

import numpy as np

from served import post, ready

CATEGORIES, STYLES, USERS, SEEN = 200, 8, 2_000, 20
ITEM = ["category", "brand", "price"] + [f"style_{n}" for n in range(STYLES)]
STORE = """online_features:
  lateness: 1d
  features:
    - { name: recent_items, of: user, type: sequence, events: [view, click], value: item, length: 20 }
    - { name: recent_categories, of: user, type: sequence, events: [view, click], value: category, length: 20 }
    - { name: user_clicks, of: user, type: count, events: click, window: 30d }
    - { name: item_clicks, of: item, type: count, events: click, window: 7d }
    - { name: affinity, of: [user, category], type: decayed, events: { view: 1, click: 2 }, half_life: 3d }
"""


def experiment(name, items, ranks):
    """The YAML of the ranking run, or that of the two towers."""
    buckets = max(10_000, items // 5)
    lines = [f"name: {name}", "seed: 1", "data: { train: train.csv, validation: valid.csv }", STORE.rstrip(), "features:"]
    lines += [
        f"  - {{ name: item, type: categorical, hash_buckets: {buckets}, dimension: 16 }}",
        "  - { name: category, type: categorical, dimension: 16 }",
        "  - { name: brand, type: categorical, hash_buckets: 10000, dimension: 16 }",
        "  - { name: recent_items, type: sequence, shares: item, delimiter: '|', maximum_length: 20, pooling: mean }",
        "  - { name: recent_categories, type: sequence, shares: category, delimiter: '|', maximum_length: 20, pooling: mean }",
    ]
    numbers = ["price"] + [f"style_{n}" for n in range(STYLES)]
    if ranks:
        numbers += ["user_clicks", "item_clicks", "affinity"]
    lines += [f"  - {{ name: {number}, type: numeric, transform: standardise }}" for number in numbers]
    lines += ["tasks:", "  - { name: click, label: click, loss: binary_cross_entropy, metrics: [auc] }"]
    if ranks:
        lines += [
            "  - { name: buy, label: buy, loss: binary_cross_entropy, metrics: [auc] }",
            "model: { architecture: mmoe, experts: 4, expert_units: [128, 64], tower_units: [32] }",
        ]
    else:
        lines += [
            "model:", "  architecture: two_tower", f"  item_features: [item, {', '.join(ITEM)}]", "  units: [64]",
            "  dimension: 32", "  temperature: 0.1",
        ]
    lines += [
        "training:", "  optimizer: { name: adam, learning_rate: 2.0e-3 }", "  batch_size: 2048", "  epochs: 2",
        "evaluation: { resamples: 0 }",
    ]
    return "\n".join(lines) + "\n"


def serve(port, search, rules=True):
    """A server's YAML; without rules it shows all candidates. `kept-600` looks at 600 candidates of a graph."""
    name, _, width = search.partition("-")
    wider = f", search: {width}" if width else ""
    method = f"{{ name: graph, file: items.graph{wider} }}" if name == "kept" else search
    shown = """  rules: { in_stock: true, per_category: 5 }
  diversity: { name: mmr, relevance: 0.9 }
""" if rules else ""
    return f"""port: {port}
workers: 2
log_level: warning
admin: {{ port: {port + 1} }}
features: {{ store: memory, items: {{ files: items.csv, item: item, category: category }} }}
items: {{ files: items.csv, item: item }}
limits: {{ candidates: 500 }}
recommend:
  catalogue: {{ files: items.csv, item: item, category: category, stock: stock, numbers: [price] }}
  sources:
    - {{ name: retrieval, run: towers, vectors: vectors.parquet, candidates: 300, search: {method} }}
    - {{ name: recently_viewed, feature: recent_items, candidates: 20 }}
    - {{ name: popular, feature: item_clicks, candidates: 100 }}
  formula: click * buy^0.5 * price^0.1
{shown}  limit: 20
  maximum_limit: 300
"""


class Shop:
    """Items of styles, and users who like some."""

    def __init__(self, random, items):
        self.random, self.items = random, items
        self.category = np.minimum(random.exponential(CATEGORIES / 4, items).astype(int), CATEGORIES - 1)
        self.brand = random.integers(0, max(100, items // 100), items)
        centre = random.normal(size=(CATEGORIES, STYLES))
        self.style = centre[self.category] + 0.7 * random.normal(size=(items, STYLES))
        self.price = np.round(np.exp(random.normal(3, 1, items)), 2)
        self.stock = random.integers(0, 50, items)
        self.within = [np.flatnonzero(self.category == n) for n in range(CATEGORIES)]
        some = np.flatnonzero([len(places) > 0 for places in self.within])
        self.likes = some[random.integers(0, len(some), (USERS, 3))]
        self.taste = random.normal(size=(USERS, STYLES))

    def liked(self, users):
        """An item that each user likes: of eight of one of the user's categories the one of the best style."""
        kinds = self.likes[users, self.random.integers(0, 3, len(users))]
        sizes = np.array([len(places) for places in self.within])[kinds]
        drawn = (self.random.random((8, len(users))) * sizes).astype(int)
        places = np.stack([[self.within[kind][place] for kind, place in zip(kinds, row)] for row in drawn])
        fit = np.einsum("nus,us->nu", self.style[places], self.taste[users])
        return places[np.argmax(fit, axis=0), np.arange(len(users))]

    def row(self, item):
        """The columns of an item as texts."""
        numbers = [f"{number:.3f}" for number in self.style[item]]
        return [f"i{item}", f"c{self.category[item]}", f"b{self.brand[item]}", f"{self.price[item]:.2f}"] + numbers


def make(arguments, folder):
    """Writes the shop and trains on it."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(1)
    shop = Shop(random, arguments.items)
    seen = np.stack([shop.liked(np.arange(USERS)) for _ in range(SEEN)], axis=1)

    with open(folder / "items.csv", "w", encoding="utf-8") as file:
        file.write(",".join(["item"] + ITEM + ["stock"]) + "\n")
        for item in range(arguments.items):
            file.write(",".join(shop.row(item) + [str(shop.stock[item])]) + "\n")
    for name, count in [("train.csv", 200_000), ("valid.csv", 10_000)]:
        users = random.integers(0, USERS, count)
        likes = random.random(count) < 0.5
        chosen = np.where(likes, shop.liked(users), random.integers(0, arguments.items, count))
        with open(folder / name, "w", encoding="utf-8") as file:
            heads = ["recent_items", "recent_categories", "user_clicks", "item_clicks", "affinity"]
            file.write(",".join(["item"] + ITEM + heads + ["click", "buy"]) + "\n")
            for user, item, like in zip(users.tolist(), chosen.tolist(), likes.tolist()):
                before = seen[user, : random.integers(1, SEEN + 1)]
                affinity = int(np.sum(shop.category[before] == shop.category[item]))
                click = like and random.random() < 0.8
                buy = click and random.random() < 0.2
                own = ["|".join(f"i{n}" for n in before), "|".join(f"c{shop.category[n]}" for n in before)]
                own += [str(len(before) // 2), str(random.poisson(2)), str(affinity)]
                file.write(",".join(shop.row(item) + own + [str(int(click)), str(int(buy))]) + "\n")
    now = int(time.time() * 1000)
    events = [
        {
            "id": f"e{user}-{place}", "time": now - 1000 * (SEEN - place), "kind": ["view", "click"][place % 2],
            "user": f"u{user}", "item": f"i{item}", "category": f"c{shop.category[item]}",
        }
        for user in range(USERS) for place, item in enumerate(seen[user].tolist())
    ]
    write = lambda name, text: (folder / name).write_text(text, encoding="utf-8")
    short = lambda value: json.dumps(value, separators=(",", ":"))
    write("events.jsonl", "".join(short(events[start : start + 500]) + "\n" for start in range(0, len(events), 500)))
    order = random.permutation(USERS)
    write("requests.jsonl", "".join(short({"user": {"id": f"u{user}"}}) + "\n" for user in order))
    given = [
        {"user": {"id": f"u{user}"}, "items": [{"id": f"i{item}"} for item in random.integers(0, arguments.items, 200)]}
        for user in order[:500]
    ]
    write("given.jsonl", "".join(short(body) + "\n" for body in given))
    write("ranking.yaml", experiment("ranking", arguments.items, True))
    write("towers.yaml", experiment("towers", arguments.items, False))
    motet = lambda *words: subprocess.run([arguments.motet, *words], check=True, stdout=subprocess.DEVNULL, cwd=folder)
    motet("train", "ranking.yaml", "--output", "ranking")
    motet("train", "towers.yaml", "--output", "towers")
    motet("vectors", "towers", "--side", "item", "--input", "items.csv", "--output", "vectors.parquet")


def memory(process):
    """The memory of a process, in MiB: now, and the most it had."""
    lines = pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines()
    told = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith("Vm")}
    return int(told["VmRSS"]) // 1024, int(told["VmHWM"]) // 1024


class Server:
    """`motet serve` with the events of the users, and how long its start took."""

    def __init__(self, arguments, folder, search, rules=True):
        self.port, self.folder = arguments.port, folder
        (folder / f"serve-{search}.yaml").write_text(serve(arguments.port, search, rules))
        command = [arguments.motet, "serve", "ranking", "--config", f"serve-{search}.yaml"]
        start = time.time()
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
        # The graph of a million vectors takes minutes.
        ready(self.port, self.process, seconds=7200)
        self.seconds = time.time() - start
        self.memory = memory(self.process)
        for line in (folder / "events.jsonl").read_bytes().splitlines():
            post(self.port, "/v1/events", line)
        # Of what is popular the first request waits for the count.
        start = time.time()
        post(self.port, "/v1/recommend", b'{"user": {"id": "u0"}}')
        self.first = time.time() - start

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def stages(self):
        """The sums and counts of the stages' times."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics") as answer:
            lines = answer.read().decode().splitlines()
        found = {}
        for line in lines:
            for kind in ["sum", "count"]:
                if line.startswith(f"motet_recommend_stage_seconds_{kind}{{"):
                    found[(line.split('"')[1], kind)] = float(line.split()[-1])
        return found

    def load(self, program, bodies, rate, seconds):
        """Asks at a rate; the report, and the mean milliseconds of each stage."""
        before = self.stages()
        command = [
            program, f"http://127.0.0.1:{self.port}/v1/recommend", "--json", "--bodies", str(self.folder / bodies),
            "--connections", "32", "--rate", str(rate), "--seconds", str(seconds), "--warmup", "2", "--method", "POST",
            "--header", "Content-Type: application/json",
        ]
        report = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        after = self.stages()
        stages = {}
        for stage, kind in after:
            if kind == "count":
                count = after[(stage, kind)] - before.get((stage, kind), 0)
                total = after[(stage, "sum")] - before.get((stage, "sum"), 0)
                stages[stage] = round(1000 * total / max(count, 1), 3)
        return report, stages


def show(**values):
    """Prints a measurement."""
    print(json.dumps(values), flush=True)


def start(arguments, folder):
    """The start for each search."""
    for search in arguments.search:
        with Server(arguments, folder, search) as server:
            now, most = server.memory
            show(
                search=search, ready_seconds=round(server.seconds, 2), mebibytes=now, most_mebibytes=most,
                first_request_seconds=round(server.first, 3),
            )


def recall(arguments, folder):
    """What the graph finds of what there is."""
    found = {}
    for search in ["exact"] + [search for search in arguments.search if search != "exact"]:
        with Server(arguments, folder, search, rules=False) as server:
            lists = []
            for user in range(200):
                body = {"user": {"id": f"u{user}"}, "sources": ["retrieval"], "limit": 300, "explain": True}
                answer = post(server.port, "/v1/recommend", json.dumps(body).encode())
                ranks = {item["id"]: item["explain"]["sources"][0]["rank"] for item in answer["items"]}
                lists.append(ranks)
            found[search] = lists
    exact = found.pop("exact")
    for search, lists in found.items():
        shares = {}
        for limit in [10, 100, 300]:
            wanted = [{item for item, rank in one.items() if rank < limit} for one in exact]
            hits = sum(len(one & set(other)) for one, other in zip(wanted, lists))
            shares[f"recall_of_first_{limit}"] = round(hits / sum(map(len, wanted)), 4)
        show(search=search, users=len(lists), **shares)


def load(arguments, folder):
    """Fixed rates."""
    for search in arguments.search:
        with Server(arguments, folder, search) as server:
            for bodies in arguments.bodies:
                for rate in arguments.rates:
                    report, stages = server.load(arguments.load, f"{bodies}.jsonl", rate, arguments.seconds)
                    show(search=search, bodies=bodies, rate=rate, stages=stages, **report)


def reload(arguments, folder):
    """A reload while requests come."""
    for search in arguments.search:
        with Server(arguments, folder, search) as server:
            rate = arguments.rates[0]
            report, _ = server.load(arguments.load, "requests.jsonl", rate, arguments.seconds)
            show(search=search, reloading=False, rate=rate, **report)
            # As long as the start took, about.
            seconds = max(arguments.seconds, server.seconds)
            process = subprocess.Popen(
                [sys.executable, "-c", "import sys, time, urllib.request as u; t = time.time(); "
                 "u.urlopen(u.Request(sys.argv[1], method='POST'), timeout=3600).read(); print(time.time() - t)",
                 f"http://127.0.0.1:{server.port + 1}/admin/reload"], stdout=subprocess.PIPE, text=True)
            report, _ = server.load(arguments.load, "requests.jsonl", rate, seconds)
            took = float(process.communicate()[0])
            now, most = memory(server.process)
            show(
                search=search, reloading=True, rate=rate, reload_seconds=round(took, 2), mebibytes=now, most_mebibytes=most,
                **report,
            )


def main():
    """Reads the arguments and measures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["make", "start", "recall", "load", "reload"])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--motet", required=True)
    parser.add_argument("--load")
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--search", nargs="+", default=["exact", "kept"])
    parser.add_argument("--bodies", nargs="+", default=["requests", "given"])
    parser.add_argument("--rates", type=float, nargs="+", default=[50, 100])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--port", type=int, default=8094)
    arguments = parser.parse_args()
    arguments.motet = str(pathlib.Path(arguments.motet).resolve())
    what = {"make": make, "start": start, "recall": recall, "load": load, "reload": reload}[arguments.what]
    what(arguments, arguments.folder.resolve())


if __name__ == "__main__":
    main()
