"""Recall of what users liked in the test or validation rows, among the vectors of two towers.

    motet data fetch xmarket --output data/xmarket
    motet train Examples/XMarket/two_tower.yaml --output runs/xmarket_two_tower
    .deps/peers/bin/python Examples/XMarket/recall.py runs/xmarket_two_tower [another run ...]

Every row of a liked item is a question: is the item among the 50 with the greatest inner products with the user's
vector, of all items of the training rows but those the user has there? An item no training row has is not found. Beside
it stands the same for the items most often liked in the training rows of the user's market.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

LIMIT = 50
CHUNK = 1024


def vectors(motet, run, side, table, name, folder):
    """The vectors of a table's rows."""
    source, output = folder / f"{side}.parquet", folder / f"{side}_vectors.parquet"
    pq.write_table(table, source)
    command = [motet, "vectors", run, "--side", side, "--id", name]
    command += ["--input", str(source), "--output", str(output)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    made = pq.read_table(output)
    assert made.column(name).to_pylist() == [str(value) for value in table.column(name).to_pylist()]
    return np.stack([made.column(c).to_numpy() for c in made.column_names if c != name], axis=1)


class Questions:
    """The liked rows of a part, the catalogue, and what each user has already."""

    def __init__(self, data, part):
        train = pq.read_table(data / "train.parquet")
        asked = pq.read_table(data / f"{part}.parquet")
        items, users = train.column("item_id").to_pylist(), train.column("user_id").to_pylist()
        self.catalogue = list(dict.fromkeys(items))
        places = {item: place for place, item in enumerate(self.catalogue)}
        seen = {}
        for user, item in zip(users, items):
            seen.setdefault(user, set()).add(places[item])
        self.rows = asked.filter(pa.compute.equal(asked.column("like"), 1))
        self.targets = np.array([places.get(i, -1) for i in self.rows.column("item_id").to_pylist()])
        self.seen = [
            np.array(sorted(seen.get(user, set()) - {target}), np.int64)
            for user, target in zip(self.rows.column("user_id").to_pylist(), self.targets)
        ]
        markets = train.column("market").to_pylist()
        likes = train.column("like").to_pylist()
        self.popularity = {m: np.zeros(len(self.catalogue), np.float32) for m in set(markets)}
        for market, item, like in zip(markets, items, likes):
            self.popularity[market][places[item]] += like

    def recall(self, scores):
        """The share of questions whose item is among the first; of equal scores the catalogue's order decides."""
        found = 0
        for start in range(0, len(self.targets), CHUNK):
            rows = range(start, min(start + CHUNK, len(self.targets)))
            values = scores(rows)
            for row, own in zip(rows, values):
                target = self.targets[row]
                if target < 0:
                    continue
                better = own > own[target]
                better[:target] |= own[:target] == own[target]
                better[self.seen[row]] = False
                found += better.sum() < LIMIT
        return found / len(self.targets)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--part", choices=["validation", "test"], default="test")
    parser.add_argument("--data", type=Path, default=Path("data/xmarket"))
    parser.add_argument("--motet", default=".build/release/motet")
    arguments = parser.parse_args()
    questions = Questions(arguments.data, arguments.part)
    print(f"{len(questions.targets)} liked rows of {arguments.part}, {len(questions.catalogue)} items")
    markets = questions.rows.column("market").to_pylist()
    popular = questions.recall(lambda rows: np.stack([questions.popularity[markets[r]] for r in rows]))
    print(f"most liked in the market: recall@{LIMIT} {popular:.4f}")
    for run in arguments.runs:
        with tempfile.TemporaryDirectory() as folder:
            catalogue = pa.table({"item_id": questions.catalogue})
            users = questions.rows.select(["user_id", "market", "history"])
            make = lambda *parts: vectors(arguments.motet, run, *parts, Path(folder))
            items = make("item", catalogue, "item_id")
            asking = make("user", users, "user_id")
        found = questions.recall(lambda rows: asking[rows.start : rows.stop] @ items.T)
        print(f"{run}: recall@{LIMIT} {found:.4f}")
        sys.stdout.flush()


main()
