"""Cases of embedding look-ups, plain and pooled. Gradients of tables are dense."""

import numpy as np
import torch.nn.functional as F


def gather(recorder):
    """Rows of a table by id; repeated ids add up in the gradient, row 3 is never touched."""
    for name, ids in [
        ("embedding_gather", [0, 5, 5, 1, 6, 5, 0, 2]),
        ("embedding_gather_rank_2", [[4, 0, 4], [1, 6, 2]]),
    ]:
        recorder.record(
            name,
            "embedding_gather",
            {"ids": np.array(ids, dtype=np.int32), "table": recorder.normal(7, 4)},
            lambda ids, table: F.embedding(ids, table),
        )


def pooled(recorder):
    """Sum and mean over ragged rows: row r holds ids[offsets[r] ..< offsets[r + 1]].

    Empty rows stand first, in the middle and last; their sum and their mean are 0.
    """
    ids = np.array([3, 3, 1, 0, 6, 2, 6, 6, 4], dtype=np.int32)
    offsets = np.array([0, 0, 2, 5, 5, 8, 9, 9], dtype=np.int32)
    for mode in ("sum", "mean"):
        recorder.record(
            f"pooled_embedding_{mode}",
            f"pooled_embedding_{mode}",
            {"ids": ids, "offsets": offsets, "table": recorder.normal(8, 4)},
            lambda ids, offsets, table, mode=mode: F.embedding_bag(
                ids, table, offsets, mode=mode, include_last_offset=True
            ),
        )


def record_all(recorder):
    """Records every case of this file."""
    gather(recorder)
    pooled(recorder)
