"""Architectures that share in other ways, written from their papers in plain PyTorch.

The conventions are those of models.py. `MODELS` has for each name its class, its settings, and what
our parameters are made of (names.py).
"""

MODELS = {}
