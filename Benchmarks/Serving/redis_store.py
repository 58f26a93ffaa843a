"""Measures servers whose features are kept in Redis: one, and two behind one Redis.

Usage: redis_store.py one|two|agree FOLDER --motet PROGRAM [--load PROGRAM] [--appendfsync always everysec] [--rates 50 100 200]
    [--score 100] [--seconds 10] [--port 8094] [--redis 7399]

FOLDER is what `recommend.py make FOLDER` wrote; `redis-server` is Debian's, started by this program with an empty log of its own for each
line of figures.

one:   batches of 100 events at each rate (an open loop: times count from when a request was due) beside scores of 200 items of the
       shop's table, whose features of user, items and both come from Redis; and the scores alone.
two:   the same with two servers: events at the rate to each, scores to the second.
agree: what the first takes in the second must know at once: an event is sent to one, and the other is asked for what the user viewed
       last. Then batches are sent to both at the same time: each event must count once.

Prints a line of JSON for each measurement.
"""

import argparse
import concurrent.futures
import contextlib
import json
import pathlib
import random
import subprocess
import tempfile
import time

from served import post, server


@contextlib.contextmanager
def redis(port, appendfsync):
    """An empty Redis that writes a log."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["redis-server", "--port", str(port), "--save", "", "--appendonly", "yes", "--dir", folder]
        process = subprocess.Popen(command + ["--appendfsync", appendfsync], stdout=subprocess.DEVNULL)
        try:
            while subprocess.run(["redis-cli", "-p", str(port), "ping"], capture_output=True).stdout != b"PONG\n":
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait()


def serving(arguments, folder, port):
    """`motet serve` with its features in Redis."""
    (folder / f"serve-redis-{port}.yaml").write_text(f"""port: {port}
workers: 2
log_level: error
features:
  store: redis
  durability: process
  redis: {{ port: {arguments.redis} }}
  items: {{ files: items.csv, item: item, category: category }}
items: {{ files: items.csv, item: item }}
recommend:
  catalogue: {{ files: items.csv, item: item, category: category }}
  sources: [ {{ name: recently_viewed, feature: recent_items, candidates: 20 }} ]
  formula: click
""")
    command = [arguments.motet, "serve", "ranking", "--config", f"serve-redis-{port}.yaml"]
    return server(command, port, cwd=folder, stderr=subprocess.DEVNULL)


def write_events(path, name, batches, items):
    """Batches of 100 made-up events."""
    draw, now = random.Random(name), int(time.time() * 1000)
    with open(path, "w", encoding="utf-8") as file:
        for batch in range(batches):
            events = [
                {
                    "id": f"{name}-{batch}-{n}", "time": now - draw.randrange(1000), "kind": draw.choice(["view", "click", "cart"]),
                    "user": f"u{draw.randrange(100_000)}", "item": f"i{draw.randrange(items)}", "category": f"c{draw.randrange(200)}",
                }
                for n in range(100)
            ]
            file.write(json.dumps(events, separators=(",", ":")) + "\n")


def asking(arguments, port, path, bodies, rate):
    """A load that has begun."""
    command = [
        arguments.load, f"http://127.0.0.1:{port}{path}", "--json", "--bodies", str(bodies), "--connections", "16", "--rate", str(rate),
        "--seconds", str(arguments.seconds), "--warmup", "2", "--method", "POST", "--header", "Content-Type: application/json",
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def report(process):
    """What a load found."""
    told = json.loads(process.communicate()[0])
    times = told["milliseconds"]
    return {"a_second": told["answers_per_second"], "statuses": told["statuses"]} | {k: times[k] for k in ["p50", "p90", "p99"]}


def measure(arguments, folder, ports):
    """Events and scores, together and each by itself."""
    score = folder / "given-score.jsonl"
    bodies = [json.loads(line) for line in (folder / "given.jsonl").read_text().splitlines()]
    score.write_text("".join(json.dumps(body, separators=(",", ":")) + "\n" for body in bodies))
    for appendfsync in arguments.appendfsync:
        for rate in arguments.rates:
            with contextlib.ExitStack() as stack:
                stack.enter_context(redis(arguments.redis, appendfsync))
                for port in ports:
                    stack.enter_context(serving(arguments, folder, port))
                for line in (folder / "events.jsonl").read_bytes().splitlines():
                    post(ports[0], "/v1/events", line)
                loads = {}
                if rate > 0:
                    for port in ports:
                        path = folder / f"redis-events-{port}.jsonl"
                        write_events(path, f"{port}-{rate}", int(rate * (arguments.seconds + 3)) + 10, 100_000)
                        loads[f"events at {port}"] = asking(arguments, port, "/v1/events", path, rate)
                if arguments.score > 0:
                    loads[f"scores at {ports[-1]}"] = asking(arguments, ports[-1], "/v1/score", score, arguments.score)
                found = {name: report(process) for name, process in loads.items()}
                print(json.dumps({"appendfsync": appendfsync, "events_due": 100 * rate * len(ports)} | found), flush=True)


def agree(arguments, folder, ports):
    """What one server knows the other knows."""
    # Of those of the catalogue, for no other is recommended.
    with open(folder / "items.csv", encoding="utf-8") as file:
        items = sum(1 for _ in file) - 1
    with contextlib.ExitStack() as stack:
        stack.enter_context(redis(arguments.redis, arguments.appendfsync[0]))
        for port in ports:
            stack.enter_context(serving(arguments, folder, port))
        stale, count, waits = 0, 1000, []
        for number in range(count):
            sent, asked = (ports[0], ports[1]) if number % 2 == 0 else (ports[1], ports[0])
            item = f"i{number * 37 % items}"
            event = {
                "id": f"seen-{number}", "time": int(time.time() * 1000), "kind": "view", "user": f"u{number % 50}", "item": item,
                "category": "c1",
            }
            post(sent, "/v1/events", json.dumps(event).encode())
            start = time.time()
            body = {"user": {"id": f"u{number % 50}"}, "sources": ["recently_viewed"], "limit": 20, "explain": True}
            # In the time of the event and later nothing else happens to the user.
            answer = post(asked, "/v1/recommend", json.dumps(body | {"time": event["time"] + 1}).encode())
            waits.append(1000 * (time.time() - start))
            first = [one["id"] for one in answer["items"] if one["explain"]["sources"][0]["rank"] == 0]
            stale += first != [item]
        waits.sort()
        print(json.dumps({
            "events_sent_to_one": count, "not_known_to_the_other": stale, "asked_p50": round(waits[count // 2], 2),
            "asked_p99": round(waits[count * 99 // 100], 2),
        }), flush=True)
        path = folder / "redis-twice.jsonl"
        write_events(path, "twice", 200, 100_000)
        outcomes = {"applied": 0, "duplicate": 0, "late": 0}
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            batches = [(port, line) for line in path.read_bytes().splitlines() for port in ports]
            for told in pool.map(lambda one: post(one[0], "/v1/events", one[1]), batches):
                for name in outcomes:
                    outcomes[name] += told[name]
        print(json.dumps({"events": 20_000, "sent_to_both": outcomes}), flush=True)


def main():
    """Reads the arguments and measures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["one", "two", "agree"])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--motet", required=True)
    parser.add_argument("--load")
    parser.add_argument("--appendfsync", nargs="+", default=["always", "everysec"])
    parser.add_argument("--rates", type=float, nargs="+", default=[0, 100, 200])
    parser.add_argument("--score", type=float, default=100)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--port", type=int, default=8094)
    parser.add_argument("--redis", type=int, default=7399)
    arguments = parser.parse_args()
    arguments.motet = str(pathlib.Path(arguments.motet).resolve())
    ports = [arguments.port] if arguments.what == "one" else [arguments.port, arguments.port + 2]
    what = agree if arguments.what == "agree" else measure
    what(arguments, arguments.folder.resolve(), ports)


if __name__ == "__main__":
    main()
