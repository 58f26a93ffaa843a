"""The catalogue of XMarket, and what its users liked together, for `motet serve` (docs/serving/recommend.md).

    motet data fetch xmarket --output data/xmarket
    .deps/peers/bin/python Examples/XMarket/catalogue.py data/xmarket

Writes into the folder of the data, from its training rows alone:
  catalogue.parquet  each item once: item_id, likes (how many users liked it), likes_s2 ... (those of a market)
  liked.parquet      user_id and item_id of every liked row: the baskets of `motet data together`
"""

import sys
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq


def main():
    folder = Path(sys.argv[1])
    train = pq.read_table(folder / "train.parquet", columns=["user_id", "item_id", "market", "like"])
    items = list(dict.fromkeys(train.column("item_id").to_pylist()))
    liked = train.filter(pa.compute.equal(train.column("like"), 1))
    markets = sorted(set(train.column("market").to_pylist()))
    counts = {market: Counter() for market in markets}
    for item, market in zip(liked.column("item_id").to_pylist(), liked.column("market").to_pylist()):
        counts[market][item] += 1
    columns = {"item_id": items, "likes": [sum(counts[m][i] for m in markets) for i in items]}
    for market in markets:
        columns[f"likes_{market}"] = [counts[market][item] for item in items]
    pq.write_table(pa.table(columns), folder / "catalogue.parquet")
    pq.write_table(liked.select(["user_id", "item_id"]), folder / "liked.parquet")
    print(f"{len(items)} items, {liked.num_rows} liked rows")


main()
