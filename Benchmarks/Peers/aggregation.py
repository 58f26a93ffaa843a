"""Times steps that combine the gradients of four tasks in PyTorch, and prints one line of JSON for each way.

Usage: aggregation.py [--rounds 3] [--steps 6]

An MMoE of the sizes of `aliccp-mmoe-small` (23 fields of 16, 4 experts [512, 256], towers [128, 64], no batch
normalization, dense Adam) on batches of 2,048 rows, four binary tasks:

- `joint`: backward of the sum of the losses
- `pcgrad, naive`: a backward pass for each task over the shared dense parameters, then PCGrad on the vectors
- `torchjd upgrad`, `torchjd pcgrad`: `torchjd.autojac.mtl_backward` with the experts' outputs as features, then
  `jac_to_grad` by way of the Gramian; its features may not lie behind each other, so the gates' gradients stop at the
  embeddings there, which saves it some work

Ways take turns; the figures are medians and least times of all their steps. Needs torchjd.
"""

import argparse
import json
import platform
import statistics
import time
from importlib.metadata import version

import torch
import torch.nn.functional as F
from torch import nn
from torchjd.aggregation import PCGrad, UPGrad
from torchjd.autojac import jac_to_grad, mtl_backward

FIELDS, VOCABULARY, DIMENSION, ROWS, TASKS, EXPERTS = 23, 1000, 16, 2048, 4, 4


def perceptron(sizes):
    """Rectified layers."""
    layers = []
    for inner, outer in zip(sizes, sizes[1:]):
        layers += [nn.Linear(inner, outer), nn.ReLU()]
    return nn.Sequential(*layers)


class MMoE(nn.Module):
    """Experts, a gate and a tower for each task."""

    def __init__(self):
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(VOCABULARY, DIMENSION) for _ in range(FIELDS))
        width = FIELDS * DIMENSION
        self.experts = nn.ModuleList(perceptron([width, 512, 256]) for _ in range(EXPERTS))
        self.gates = nn.ModuleList(nn.Linear(width, EXPERTS, bias=False) for _ in range(TASKS))
        self.towers = nn.ModuleList(
            nn.Sequential(perceptron([256, 128, 64]), nn.Linear(64, 1)) for _ in range(TASKS)
        )

    def shared(self):
        """What PCGrad and UPGrad compare: tables and experts."""
        return [*self.tables.parameters(), *self.experts.parameters()]

    def forward(self, ids, labels, stops=False):
        """The experts' outputs and the losses; gates may stop gradients."""
        x = torch.cat([table(ids[:, field]) for field, table in enumerate(self.tables)], dim=1)
        hidden = torch.stack([expert(x) for expert in self.experts], dim=1)
        losses = []
        for task in range(TASKS):
            gate = torch.softmax(self.gates[task](x.detach() if stops else x), dim=1)
            mixed = (gate.unsqueeze(2) * hidden).sum(1)
            logits = self.towers[task](mixed)[:, 0]
            losses.append(F.binary_cross_entropy_with_logits(logits, labels[:, task]))
        return hidden, losses


def joint(model, ids, labels):
    """The gradient of the sum."""
    sum(model(ids, labels)[1]).backward()


def naive(model, ids, labels):
    """A backward pass for each task, as PCGrad's published code does it."""
    _, losses = model(ids, labels)
    shared = model.shared()
    own = [*model.gates.parameters(), *model.towers.parameters()]
    vectors = []
    for task, loss in enumerate(losses):
        gradients = torch.autograd.grad(
            loss, shared + own, retain_graph=task + 1 < TASKS, allow_unused=True
        )
        vectors.append(torch.cat([g.flatten() for g in gradients[: len(shared)]]))
        for parameter, gradient in zip(own, gradients[len(shared) :]):
            if gradient is not None:
                parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
    changed = []
    for task in range(TASKS):
        vector = vectors[task].clone()
        for other in torch.randperm(TASKS).tolist():
            product = vector @ vectors[other]
            if other != task and product < 0:
                vector -= product / (vectors[other] @ vectors[other]) * vectors[other]
        changed.append(vector)
    total, start = sum(changed), 0
    for parameter in shared:
        parameter.grad = total[start : start + parameter.numel()].view_as(parameter)
        start += parameter.numel()


def torchjd(aggregator):
    """TorchJD's backward of several losses; gates and towers are the tasks' own."""

    def backward(model, ids, labels):
        hidden, losses = model(ids, labels, stops=True)
        mtl_backward(
            losses,
            features=[hidden],
            tasks_params=[
                [*model.gates[task].parameters(), *model.towers[task].parameters()]
                for task in range(TASKS)
            ],
            shared_params=model.shared(),
        )
        jac_to_grad(model.shared(), aggregator, optimize_gramian_computation=True)

    return backward


def main():
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="turns of each way")
    parser.add_argument("--steps", type=int, default=6, help="steps of a turn, after one that is not timed")
    arguments = parser.parse_args()
    torch.manual_seed(1)
    batches = [
        (torch.randint(0, VOCABULARY, (ROWS, FIELDS)), torch.randint(0, 2, (ROWS, TASKS)).float())
        for _ in range(4)
    ]
    ways = {
        "joint": joint,
        "pcgrad, naive": naive,
        "torchjd upgrad": torchjd(UPGrad()),
        "torchjd pcgrad": torchjd(PCGrad()),
    }
    models = {name: MMoE() for name in ways}
    optimizers = {name: torch.optim.Adam(models[name].parameters(), lr=1e-3) for name in ways}
    times = {name: [] for name in ways}
    for _ in range(arguments.rounds):
        for name, way in ways.items():
            for step in range(arguments.steps + 1):
                start = time.perf_counter()
                optimizers[name].zero_grad()
                way(models[name], *batches[step % len(batches)])
                optimizers[name].step()
                if step:
                    times[name].append(time.perf_counter() - start)
    for name, measured in times.items():
        result = {
            "workload": "aliccp-mmoe-small",
            "system": "PyTorch",
            "measure": "combined gradients",
            "tasks": TASKS,
            "variant": name,
            "median_step_seconds": statistics.median(measured),
            "least_step_seconds": min(measured),
            "versions": {
                "torch": torch.__version__,
                "torchjd": version("torchjd"),
                "python": platform.python_version(),
            },
            "threads": torch.get_num_threads(),
        }
        print(json.dumps(result))


main()
