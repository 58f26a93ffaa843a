"""Times POST /v1/forecast with 200 items at 100 requests a second, against a server that this program starts.

python3 Benchmarks/Serving/forecast.py RUN PANEL --motet .build/release/motet

RUN was trained on PANEL, a folder of `motet data panel` (Examples/DemandForecast). Of the kinds of requests `plain` asks for 200
items, all categories and the total; `reorder` for what to order of each item too; `planned` gives the 200 items planned prices, so
that they are computed anew. An open loop: times count from when a request was due, until the whole answer was read.
"""

import argparse
import json
import pathlib
import random
import subprocess
import tempfile
import threading

import pyarrow.parquet

from served import open_loop


def bodies(panel, kind, horizon, count):
    """Requests of one kind, each of other items."""
    history = pyarrow.parquet.read_table(f"{panel}/history.parquet", columns=["item", "category"]).to_pydict()
    items, categories = sorted(set(history["item"])), sorted(set(history["category"]))
    draw = random.Random(1)
    made = []
    for _ in range(count):
        asked = [{"id": name} for name in draw.sample(items, min(200, len(items)))]
        for item in asked:
            if kind == "reorder":
                item["reorder"] = {"price": 3, "cost": 1, "holding": 0.1, "stock": draw.randrange(50), "pack": 6, "lead": 1}
            if kind == "planned":
                item["planned_prices"] = [round(draw.uniform(1, 5), 2) for _ in range(horizon)]
        made.append(json.dumps({"items": asked, "categories": categories, "total": True}).encode())
    return made


def main():
    """Reads the arguments, serves, asks and prints percentiles."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("run")
    parser.add_argument("panel", type=pathlib.Path)
    parser.add_argument("--motet", default=".build/release/motet")
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=20)
    arguments = parser.parse_args()
    horizon = json.loads((arguments.panel / "panel.json").read_text())["horizon"]
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "serve.yaml"
        config.write_text(
            "log_level: info\nworkers: 2\n"
            f"forecast:\n  history: {arguments.panel.resolve()}\n  task: demand\n  quantiles:\n"
            + "".join(f"    - {{ level: 0.{level}, task: demand_q{level}0 }}\n" for level in (1, 5, 9))
        )
        command = [arguments.motet, "serve", arguments.run, "--port", "0", "--config", str(config)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
            port = None
            for line in server.stderr:
                entry = json.loads(line)
                port = entry.get("port", port) if entry["message"] == "listening" else port
                if entry["message"] == "ready":
                    print(f"ready after {entry.get('seconds')} s")
                    break
            threading.Thread(target=lambda: [None for _ in server.stderr], daemon=True).start()
            for kind in ("plain", "reorder", "planned"):
                asked = bodies(arguments.panel, kind, horizon, 200)
                load = open_loop(port, "/v1/forecast", asked, arguments.rate, arguments.seconds, 3)
                line = ", ".join(f"{name} {load[name]:.1f} ms" for name in ("p50", "p90", "p99", "p99.9"))
                failed = sum(count for status, count in load["statuses"].items() if status != 200)
                print(f"{kind}: {line}; {load['requests']} requests, {failed} failed", flush=True)
            server.terminate()


if __name__ == "__main__":
    main()
