"""Times pyarrow reading a CSV file into a table, best of five, and prints one line of JSON.

Usage: csv_read.py FILE
"""

import json
import os
import sys
import time

import pyarrow
from pyarrow import csv

REPETITIONS = 5


def main(path):
    """Reads the file several times; the first reading warms the page cache too."""
    seconds, table = [], None
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        table = csv.read_csv(path)
        seconds.append(time.perf_counter() - start)
    result = {
        "workload": "csv-read",
        "system": "pyarrow",
        "seconds": round(min(seconds), 4),
        "bytes": os.path.getsize(path),
        "rows": table.num_rows,
        "columns": table.num_columns,
        "rows_per_second": round(table.num_rows / min(seconds)),
        "versions": {"pyarrow": pyarrow.__version__},
        "threads": pyarrow.cpu_count(),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    if len(sys.argv) != 2 or not os.path.isfile(sys.argv[1]):
        sys.exit("csv_read.py: expected the path of one CSV file.")
    main(sys.argv[1])
