"""Writes the small table files that the reading tests compare with, by an independent program.

Run with pyarrow 26.0.1 (no random numbers, so no seed): python3 make_tables.py
"""

import os

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq

folder = os.path.dirname(os.path.abspath(__file__))


def path(name):
    return os.path.join(folder, name)


table = pa.table(
    {
        "i8": pa.array([1, -2, None, 4, 5], pa.int8()),
        "u16": pa.array([1, 65535, 3, None, 5], pa.uint16()),
        "i32": pa.array([1, 2, -3, 4, None], pa.int32()),
        "i64": pa.array([1, None, 3_000_000_000, 4, 5], pa.int64()),
        "half": pa.array([0.5, None, 1.5, 2, 2.5], pa.float32()).cast(pa.float16()),
        "f32": pa.array([0.5, None, float("nan"), float("inf"), 2.5], pa.float32()),
        "f64": pa.array([0.1, 0.2, None, -0.4, 1e300], pa.float64()),
        "decimal": pa.array([1, 2, None, 4, 5], pa.int64()).cast(pa.decimal128(21, 2)),
        "flag": pa.array([True, False, None, True, True], pa.bool_()),
        "text": pa.array(["a", "", None, "déjà", "long enough to leave the inline form"]),
        "large_text": pa.array(["x", "y", None, "x", "z"], pa.large_string()),
        "day": pa.array([0, 1, None, 18628, -1], pa.int32()).cast(pa.date32()),
        "time": pa.array([0, 1_500, None, 3, -1], pa.timestamp("ms", tz="UTC")),
        "items": pa.array([[1, 2, 3], [], None, [4], [5, 6]], pa.list_(pa.int32())),
        "scores": pa.array([[0.5], None, [1.5, 2.5], [], [3.5]], pa.large_list(pa.float64())),
        "names": pa.array([["a", "b"], [], ["c"], None, [None, "d"]], pa.list_(pa.string())),
        "category": pa.array(["red", "blue", None, "red", "green"]).dictionary_encode(),
    }
)

# Two row groups, so that a reader crosses their border.
pq.write_table(
    table.drop(["half"]), path("table.parquet"), row_group_size=3, compression="snappy"
)
with pa.ipc.new_file(path("table.arrow"), table.schema) as writer:
    for batch in table.to_batches(max_chunksize=2):
        writer.write(batch)
with pa.ipc.new_stream(path("table.arrows"), table.schema) as writer:
    for batch in table.to_batches(max_chunksize=2):
        writer.write(batch)
pa.feather.write_feather(table, path("table.feather"), compression="zstd")

nested = pa.table({"id": pa.array([1, 2]), "pair": pa.array([{"a": 1}, {"a": 2}])})
pq.write_table(nested, path("nested.parquet"))
