"""The peers' side of the benchmark workloads: the same fields, sizes and batches as ours.

Ids are uniform random, two binary tasks, Adam with learning rate 1e-3. Models are torch-rechub's as
they come: its MLP puts batch normalization after every linear layer, the gates' included.
"""

from dataclasses import dataclass

import numpy as np
from torch_rechub.basic.features import SparseFeature
from torch_rechub.models.multi_task import MMOE, PLE

TASKS = 2
TASK_TYPES = ["classification"] * TASKS
OPTIMIZER = {"lr": 1e-3}


@dataclass(frozen=True)
class Workload:
    """Sizes of one workload; `epoch_rows` is how many rows one timed epoch reads."""

    fields: int
    dimension: int
    vocabulary_size: int
    batch_size: int
    epoch_rows: int
    architecture: str
    experts: int
    expert_units: tuple
    tower_units: tuple
    levels: int = 1

    def features(self):
        """torch-rechub's description of the categorical fields."""
        return [
            SparseFeature(name, self.vocabulary_size, embed_dim=self.dimension)
            for name in self.names()
        ]

    def names(self):
        """The fields' names."""
        return [f"field_{number}" for number in range(self.fields)]

    def model(self):
        """torch-rechub's model."""
        experts = {"dims": list(self.expert_units)}
        towers = [{"dims": list(self.tower_units)} for _ in range(TASKS)]
        if self.architecture == "mmoe":
            return MMOE(self.features(), TASK_TYPES, self.experts, experts, towers)
        return PLE(
            self.features(), TASK_TYPES, self.levels, self.experts, self.experts, experts, towers
        )

    def data(self, seed):
        """Columns of random ids, and labels `[rows, K]`."""
        random = np.random.default_rng(seed)
        columns = {
            name: random.integers(0, self.vocabulary_size, self.epoch_rows) for name in self.names()
        }
        labels = random.integers(0, 2, (self.epoch_rows, TASKS)).astype(np.float32)
        return columns, labels


ALI_CCP = {
    "fields": 23,
    "dimension": 16,
    "batch_size": 2048,
    "epoch_rows": 24 * 2048,
    "tower_units": (128, 64),
}
MMOE_EXPERTS = {"architecture": "mmoe", "experts": 4, "expert_units": (512, 256)}

WORKLOADS = {
    "census-mmoe": Workload(
        fields=40,
        dimension=4,
        vocabulary_size=100,
        batch_size=1024,
        epoch_rows=96 * 1024,
        architecture="mmoe",
        experts=8,
        expert_units=(16,),
        tower_units=(8,),
    ),
    "aliccp-mmoe-small": Workload(vocabulary_size=1_000, **ALI_CCP, **MMOE_EXPERTS),
    "aliccp-mmoe": Workload(vocabulary_size=100_000, **ALI_CCP, **MMOE_EXPERTS),
    # Two shared experts, and two of its own for each task.
    "aliccp-ple": Workload(
        vocabulary_size=1_000,
        **ALI_CCP,
        architecture="ple",
        levels=2,
        experts=2,
        expert_units=(256,),
    ),
}
