"""Makes the goldens of optimizers. Run from the root: scripts/goldens.sh optimizers."""

import sys
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import clipping, schedules, updates  # noqa: E402
from golden_file import GoldenFile  # noqa: E402

SEED = 20260103

for name, module in {"updates": updates, "clipping": clipping, "schedules": schedules}.items():
    golden = GoldenFile(
        "scripts/goldens.sh optimizers",
        SEED,
        [f"PyTorch {torch.__version__}", f"NumPy {np.__version__}"],
        "computed in float64, stored as float32. " + module.__doc__,
    )
    module.record_all(golden, np.random.default_rng(SEED))
    golden.write(HERE / f"{name}.safetensors")
