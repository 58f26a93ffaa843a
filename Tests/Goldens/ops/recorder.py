"""Runs an op in float64 and records inputs, output and gradients.

A case `c` stores `c/inputs/<name>`, `c/output`, `c/cotangent` and, for every float input that is
differentiated, `c/gradients/<name>` = d sum(output * cotangent) / d input. Inputs are rounded to
float32 before the op runs, so the stored numbers are exactly what PyTorch saw.
"""

import numpy as np
import torch


class Recorder:
    """Draws inputs and records cases into a golden file."""

    def __init__(self, golden, seed):
        self.golden = golden
        self.random = np.random.default_rng(seed)

    def normal(self, *shape, scale=1.0):
        """Normal numbers, rounded to float32."""
        return (scale * self.random.standard_normal(shape)).astype(np.float32)

    def away_from_zero(self, *shape, margin=0.05):
        """Normal numbers no nearer to 0 than the margin, for ops with a kink there."""
        values = self.normal(*shape)
        return np.where(np.abs(values) < margin, np.float32(0.5), values)

    def record(self, name, op, inputs, function, attributes=None, constants=()):
        """Runs `function(*inputs)`; integers and inputs named in `constants` get no gradient."""
        tensors = {}
        for key, array in inputs.items():
            array = np.asarray(array)
            if array.dtype.kind in "iu":
                tensors[key] = torch.tensor(array, dtype=torch.int64)
            else:
                wanted = key not in constants
                tensors[key] = torch.tensor(array, dtype=torch.float64, requires_grad=wanted)
        output = function(*tensors.values())
        cotangent = self.normal(*output.shape) if output.dim() else np.float32(1)
        (output * torch.tensor(cotangent, dtype=torch.float64)).sum().backward()
        self.golden.case(name, {"op": op, **(attributes or {})})
        for key, array in inputs.items():
            self.golden.add(f"{name}/inputs/{key}", array)
        self.golden.add(f"{name}/output", output.detach().numpy())
        self.golden.add(f"{name}/cotangent", cotangent)
        for key, tensor in tensors.items():
            if tensor.requires_grad:
                self.golden.add(f"{name}/gradients/{key}", tensor.grad.numpy())
