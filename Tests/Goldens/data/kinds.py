"""The same rows as Parquet, with every kind of column, and as CSV.

Run from the package root: python3 Tests/Goldens/data/kinds.py
Writes kinds.parquet and kinds.csv beside it. No random numbers. Made with pyarrow 26.0.1.
"""

import datetime
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

folder = pathlib.Path(__file__).parent
user = [7, 12, None, 7, -3, 12, 7, 9000000000]
code = ["a", "b", "a", None, "c", "a", "b", "12"]
history = [[5, 6], [], None, [6], [5, 5, 7, 8], [9], [6, 6], [7]]
tags = [["x", "y"], ["y"], ["z"], [], ["x"], None, ["z", "x"], ["y"]]
big = [2**64 - 1, 2**63, 1, 2, 2**64 - 1, 3, 2, 1]
price = [1.5, 2.0, None, 4.0, -0.25, 6.0, 7.5, 8.0]
clicked = [True, False, False, True, False, True, False, True]
day = [datetime.date(2024, 1, 1 + index) for index in range(8)]
table = pa.table(
    {
        "user": pa.array(user, pa.int64()),
        "code": pa.array(code).dictionary_encode(),
        "history": pa.array(history, pa.list_(pa.int64())),
        "tags": pa.array(tags, pa.list_(pa.string())),
        "big": pa.array(big, pa.uint64()),
        "price": pa.array(price, pa.float32()),
        "clicked": pa.array(clicked, pa.bool_()),
        "day": pa.array(day, pa.date32()),
    }
)
pq.write_table(table, folder / "kinds.parquet")


def text(value):
    if value is None:
        return ""
    if isinstance(value, list):
        return "[" + "|".join(map(str, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


columns = [user, code, history, tags, big, price, clicked, day]
lines = [",".join(table.column_names)]
lines += [",".join(text(column[row]) for column in columns) for row in range(8)]
(folder / "kinds.csv").write_text("\n".join(lines) + "\n")
