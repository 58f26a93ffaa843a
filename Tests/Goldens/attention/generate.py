"""Makes the goldens of attention. Run from the repository's root: scripts/goldens.sh attention.

`operations.safetensors` holds single ops; `blocks.safetensors` whole layers by PyTorch's own modules:
for each case `parameters/<ours>`, `inputs/x`, `inputs/mask`, `output`, `cotangent`, `gradients/x` and
`gradients/<ours>`, in our names and layouts (weights `[I, U]`).
"""

import sys
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE.parent / "ops"))

import blocks, operations  # noqa: E402
from golden_file import GoldenFile  # noqa: E402
from recorder import Recorder  # noqa: E402

SEED = 20260301

for number, module in enumerate((operations, blocks)):
    golden = GoldenFile(
        "scripts/goldens.sh attention",
        SEED + number,
        [f"PyTorch {torch.__version__}", f"NumPy {np.__version__}"],
        "computed in float64 from float32 inputs, stored as float32; "
        + module.__doc__.split("\n")[0],
    )
    module.record_all(Recorder(golden, SEED + number))
    golden.write(HERE / f"{module.__name__}.safetensors")
