"""Makes the goldens of single ops. Run from the repository's root: scripts/goldens.sh ops."""

import sys
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import convolutions, crf, dense, embeddings, images, losses  # noqa: E402
import normalization, recurrent, retrieval  # noqa: E402
from golden_file import GoldenFile  # noqa: E402
from recorder import Recorder  # noqa: E402

SEED = 20260101

GROUPS = {
    "dense": dense,
    "embeddings": embeddings,
    "losses": losses,
    "normalization": normalization,
    "recurrent": recurrent,
    "convolutions": convolutions,
    "images": images,
    "crf": crf,
    "retrieval": retrieval,
}

for number, (name, module) in enumerate(GROUPS.items()):
    # A seed that stays when other groups come before this one.
    number = getattr(module, "SEED_OFFSET", number)
    golden = GoldenFile(
        "scripts/goldens.sh ops",
        SEED + number,
        [f"PyTorch {torch.__version__}", f"NumPy {np.__version__}"],
        "computed in float64 from float32 inputs, stored as float32; "
        + module.__doc__.split("\n")[0],
    )
    module.record_all(Recorder(golden, SEED + number))
    golden.write(HERE / f"{name}.safetensors")
