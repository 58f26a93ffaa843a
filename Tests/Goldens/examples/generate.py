"""Makes the goldens of the examples' models. Run from the repository's root: scripts/goldens.sh examples.

`<example>.safetensors` holds `columns/...`, a batch with the names of the program's columns
(a label of -1 is missing); `parameters/...` with our names and layouts; `outputs/<task>`, logits or
numbers for each row; and `gradients/...` of the program's loss, the weighted sum over tasks of means
over labelled rows. Everything is computed in float64 from float32 parameters and columns.
"""

import sys
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import behavior_recommendation  # noqa: E402
import cold_start_items  # noqa: E402
import multimodal_product  # noqa: E402
import classification_and_detection  # noqa: E402
import sentiment_and_entities  # noqa: E402
from golden_file import GoldenFile  # noqa: E402

SEED = 20260312
MODELS = {
    "behavior_recommendation": (behavior_recommendation, behavior_recommendation.forward),
    "cold_start_items": (cold_start_items, cold_start_items.forward),
    "multimodal_product_words": (multimodal_product, multimodal_product.model("words")),
    "multimodal_product_vectors": (multimodal_product, multimodal_product.model("vectors")),
    "classification_and_detection": (
        classification_and_detection,
        classification_and_detection.forward,
    ),
    "sentiment_and_entities": (sentiment_and_entities, sentiment_and_entities.forward),
    "sentiment_and_entities_chain": (
        sentiment_and_entities.Chain,
        sentiment_and_entities.Chain.forward,
    ),
    "sentiment_and_entities_states": (
        sentiment_and_entities.StateChain,
        sentiment_and_entities.StateChain.forward,
    ),
}


class Parameters:
    """Tensors by our names, drawn when first asked for and rounded to float32."""

    def __init__(self, random):
        self.random = random
        self.tensors = {}

    def __call__(self, name, *shape, scale=None):
        """The tensor of a name; weights are scaled by their inputs."""
        if name not in self.tensors:
            fan = np.prod(shape[:-1]) if len(shape) > 1 else 100
            values = self.random.standard_normal(shape) * (scale or fan**-0.5)
            values = values.astype(np.float32).astype(np.float64)
            self.tensors[name] = torch.tensor(values, requires_grad=True)
        return self.tensors[name]

    def kept(self, name, width):
        """Statistics that are kept and not learnt: positive numbers."""
        if name not in self.tensors:
            values = self.random.uniform(0.5, 1.5, width).astype(np.float32).astype(np.float64)
            self.tensors[name] = torch.tensor(values)
        return self.tensors[name]


def record(name):
    """Writes one example's file."""
    random = np.random.default_rng(SEED)
    program, forward = MODELS[name]
    columns = program.columns(random)
    parameters = Parameters(random)
    wide = {key: torch.tensor(values.astype(np.float64)) for key, values in columns.items()}
    outputs, loss = forward(parameters, wide)
    loss.backward()
    versions = [f"PyTorch {torch.__version__}", f"NumPy {np.__version__}"]
    golden = GoldenFile("scripts/goldens.sh examples", SEED, versions, __doc__)
    golden.case(name, program.ATTRIBUTES)
    for key, values in columns.items():
        golden.add(f"columns/{key}", values)
    for key, tensor in parameters.tensors.items():
        golden.add(f"parameters/{key}", tensor.detach().numpy())
        if tensor.requires_grad:
            golden.add(f"gradients/{key}", tensor.grad.numpy())
    for key, tensor in outputs.items():
        golden.add(f"outputs/{key}", tensor.detach().numpy())
    golden.write(HERE / f"{name}.safetensors")


for example in MODELS:
    record(example)
