"""Writes what a measurement of ads needs into the folder that make_data.py wrote: requests and serve.yaml.

Usage: make_ads.py FOLDER [--candidates 200]

A request is one user id and 200 ads of 60 campaigns with bids for clicks and conversions, for two places; the model is that
of `serve-500`. The ledger is a folder beside, with commits that survive the process or the machine's power.
"""

import argparse
import json
import pathlib
import random


def serve(durability):
    """A server's YAML."""
    return f"""port: 8091
workers: 2
threads_per_request: 1
log_level: warning
features: {{ store: memory }}
items: {{ files: items.csv, item: item }}
limits: {{ candidates: 500 }}
ads:
  folder: ledger-{durability}
  currency: EUR
  click: click
  conversion: conversion
  maximum_places: 2
  reserve: 1
  durability: {durability}
"""


def main():
    """Reads the arguments and writes the files."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--candidates", type=int, default=200)
    arguments = parser.parse_args()
    draw = random.Random(1)
    bodies = []
    for line in (arguments.folder / "requests.jsonl").read_text().splitlines():
        request = json.loads(line)
        items = request["items"][: arguments.candidates]
        for number, item in enumerate(items):
            item |= {
                "ad": f"a{number}",
                "campaign": f"c{number % 60}",
                "bid": {
                    "type": draw.choice(["cpc", "cpa", "ocpc"]),
                    "amount": round(draw.uniform(0.1, 5), 2),
                    "currency": "EUR",
                },
                "budget": {"amount": 100000, "currency": "EUR"},
            }
        body = {"user": request["user"], "places": 2, "items": items}
        bodies.append(json.dumps(body, separators=(",", ":")))
    (arguments.folder / "ads.jsonl").write_text("\n".join(bodies) + "\n")
    for durability in ["process", "power"]:
        (arguments.folder / f"serve-ads-{durability}.yaml").write_text(serve(durability))


if __name__ == "__main__":
    main()
