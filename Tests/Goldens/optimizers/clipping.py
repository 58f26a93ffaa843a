"""Clipping of gradients.

By global norm: every gradient times min(1, maximum / norm), norm over all gradients together, no
epsilon (PyTorch adds 1e-6 to the norm; the difference is below 1e-6 relative here). By value: each
element into [-maximum, maximum]. A case stores `c/gradients/<i>`, `c/clipped/<i>` and, by norm,
`c/norm` before clipping.
"""

import numpy as np
import torch


def record_all(golden, random):
    """Norms above and below the maximum, a zero gradient, and clipping by value."""
    shapes = [(3, 4), (4,), (2, 5)]
    for name, scale, maximum in [("above", 2.0, 1.5), ("below", 0.05, 1.5), ("zero", 0.0, 1.5)]:
        gradients = [(scale * random.standard_normal(shape)).astype(np.float32) for shape in shapes]
        norm = np.sqrt(sum((g.astype(np.float64) ** 2).sum() for g in gradients))
        clipped = [g * min(1.0, maximum / max(norm, 1e-300)) for g in gradients]
        parameters = [
            torch.zeros(shape, dtype=torch.float64, requires_grad=True) for shape in shapes
        ]
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = torch.tensor(gradient, dtype=torch.float64)
        torch.nn.utils.clip_grad_norm_(parameters, maximum)
        for parameter, ours in zip(parameters, clipped):
            assert np.allclose(parameter.grad.numpy(), ours, rtol=1e-6, atol=0)
        case = f"clip_global_norm_{name}"
        golden.case(case, {"maximum": maximum})
        golden.add(f"{case}/norm", norm)
        for number, (gradient, ours) in enumerate(zip(gradients, clipped)):
            golden.add(f"{case}/gradients/{number}", gradient)
            golden.add(f"{case}/clipped/{number}", ours)
    gradient = random.standard_normal((5, 6)).astype(np.float32)
    golden.case("clip_value", {"maximum": 0.5})
    golden.add("clip_value/gradients/0", gradient)
    golden.add("clip_value/clipped/0", torch.tensor(gradient).clamp(-0.5, 0.5).numpy())
