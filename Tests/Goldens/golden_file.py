"""Writes golden cases as safetensors, without any other package than numpy.

Layout of a file: an 8-byte little-endian header length, a JSON header padded with spaces to a
multiple of 8, then the tensors' bytes. All tensors are float32 or int32. The header's
`__metadata__` (strings only) says how the file was made and holds `cases`: a JSON object from a
case's name to its attributes.
"""

import json
import platform
import struct
from pathlib import Path

import numpy as np

NAMES = {np.dtype(np.float32): "F32", np.dtype(np.int32): "I32"}


def as_stored(values):
    """Integers as int32, everything else as float32; a scalar becomes one element."""
    array = np.atleast_1d(np.asarray(values))
    kind = np.int32 if array.dtype.kind in "iub" else np.float32
    return np.ascontiguousarray(array, dtype=kind)


class GoldenFile:
    """Collects the tensors and attributes of one file."""

    def __init__(self, generator, seed, versions, notes):
        self.tensors = {}
        self.cases = {}
        self.metadata = {
            "generator": generator,
            "seed": str(seed),
            "versions": ", ".join([f"Python {platform.python_version()}", *versions]),
            "notes": notes,
        }

    def add(self, name, values):
        """Stores a tensor under a name that must be new."""
        assert name not in self.tensors, f"two tensors are called {name}"
        array = as_stored(values)
        assert np.all(np.isfinite(array)), f"{name} is not finite"
        self.tensors[name] = array

    def case(self, name, attributes):
        """Records a case and its attributes."""
        assert name not in self.cases, f"two cases are called {name}"
        self.cases[name] = attributes

    def write(self, path):
        """Writes the file, and prints its size."""
        metadata = dict(self.metadata, cases=json.dumps(self.cases, sort_keys=True))
        header, offset = {"__metadata__": metadata}, 0
        for name, array in self.tensors.items():
            header[name] = {
                "dtype": NAMES[array.dtype],
                "shape": list(array.shape),
                "data_offsets": [offset, offset + array.nbytes],
            }
            offset += array.nbytes
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        with open(path, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            for array in self.tensors.values():
                file.write(array.astype(array.dtype.newbyteorder("<")).tobytes())
        size = Path(path).stat().st_size
        counts = f"{len(self.cases)} cases, {len(self.tensors)} tensors"
        print(f"{Path(path).name}: {counts}, {size:,} bytes")
