"""Multi-task models written from their papers in plain PyTorch, as the other side of our tests.

Conventions, stated once:
- The input x is the embeddings in the order of the fields, then the numeric features.
- A dense layer with `units` is Linear then ReLU; an expert or a bottom is a stack of them.
- A tower is a stack of dense layers, then Linear to one logit, without activation.
- A gate is softmax(W x), without bias unless `gate_bias`; it is made of one linear layer.
- Order of a gate's outputs in CGC and PLE: a task's gate weighs its own experts, then the shared
  ones; the shared gate weighs task 0's experts, task 1's, ..., then the shared ones.

Every model returns logits `[B, K]`.
"""

import torch
from torch import nn


def stack(width, units):
    """Dense layers with ReLU; returns the layers."""
    layers = []
    for size in units:
        layers.append(nn.Linear(width, size))
        width = size
    return nn.ModuleList(layers)


def run(layers, x):
    """Applies Linear then ReLU, layer after layer."""
    for layer in layers:
        x = torch.relu(layer(x))
    return x


class Tower(nn.Module):
    """Dense layers, then one logit."""

    def __init__(self, width, units):
        super().__init__()
        self.layers = stack(width, units)
        self.layers.append(nn.Linear(units[-1] if units else width, 1))

    def forward(self, x):
        return self.layers[-1](run(self.layers[:-1], x))  # [B, 1]


class Inputs(nn.Module):
    """Embeds categorical fields and appends numeric features."""

    def __init__(self, vocabularies, dimension, numeric):
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(size, dimension) for size in vocabularies)
        self.width = len(vocabularies) * dimension + numeric

    def forward(self, ids, numeric):
        rows = [table(ids[:, field]) for field, table in enumerate(self.tables)]
        return torch.cat([*rows, numeric], dim=1)  # [B, I]


class SharedBottom(nn.Module):
    """One stack for all tasks (Caruana, "Multitask Learning", Machine Learning 1997)."""

    def __init__(self, inputs, tasks, bottom_units, tower_units):
        super().__init__()
        self.inputs = inputs
        self.bottom = stack(inputs.width, bottom_units)
        self.towers = nn.ModuleList(Tower(bottom_units[-1], tower_units) for _ in range(tasks))

    def forward(self, ids, numeric):
        h = run(self.bottom, self.inputs(ids, numeric))
        return torch.cat([tower(h) for tower in self.towers], dim=1)


def mix(gate, x, experts):
    """sum_e softmax(gate(x))_e * experts[e], with experts a list of [B, H]."""
    weights = torch.softmax(gate(x), dim=1)  # [B, E]
    return torch.einsum("be,beh->bh", weights, torch.stack(experts, dim=1))


class MMoE(nn.Module):
    """Shared experts, one gate a task (Ma et al., KDD 2018)."""

    def __init__(self, inputs, tasks, experts, expert_units, tower_units, gate_bias=False):
        super().__init__()
        self.inputs = inputs
        self.experts = nn.ModuleList(stack(inputs.width, expert_units) for _ in range(experts))
        self.gates = nn.ModuleList(
            nn.Linear(inputs.width, experts, bias=gate_bias) for _ in range(tasks)
        )
        self.towers = nn.ModuleList(Tower(expert_units[-1], tower_units) for _ in range(tasks))

    def forward(self, ids, numeric):
        x = self.inputs(ids, numeric)
        experts = [run(expert, x) for expert in self.experts]
        logits = [tower(mix(gate, x, experts)) for gate, tower in zip(self.gates, self.towers)]
        return torch.cat(logits, dim=1)


class Level(nn.Module):
    """One extraction network: experts of each task and shared ones, and the gates over them."""

    def __init__(self, width, tasks, shared_experts, task_experts, units, shared_gate, gate_bias):
        super().__init__()
        make = lambda count: nn.ModuleList(stack(width, units) for _ in range(count))
        self.task_experts = nn.ModuleList(make(task_experts) for _ in range(tasks))
        self.shared_experts = make(shared_experts)
        choices = task_experts + shared_experts
        self.task_gates = nn.ModuleList(
            nn.Linear(width, choices, bias=gate_bias) for _ in range(tasks)
        )
        everything = tasks * task_experts + shared_experts
        self.shared_gate = nn.Linear(width, everything, bias=gate_bias) if shared_gate else None

    def forward(self, task_inputs, shared_input):
        own = [
            [run(expert, x) for expert in experts]
            for experts, x in zip(self.task_experts, task_inputs)
        ]
        shared = [run(expert, shared_input) for expert in self.shared_experts]
        outputs = [
            mix(gate, x, experts + shared)
            for gate, x, experts in zip(self.task_gates, task_inputs, own)
        ]
        if self.shared_gate is None:
            return outputs, None
        return outputs, mix(self.shared_gate, shared_input, sum(own, []) + shared)


class PLE(nn.Module):
    """Progressive layered extraction (Tang et al., RecSys 2020).

    The last level has no shared gate, since nothing reads it. One level is CGC.
    """

    def __init__(
        self,
        inputs,
        tasks,
        levels,
        shared_experts,
        task_experts,
        expert_units,
        tower_units,
        gate_bias=False,
    ):
        super().__init__()
        self.inputs = inputs
        widths = [inputs.width] + [expert_units[-1]] * (levels - 1)
        self.levels = nn.ModuleList(
            Level(
                width,
                tasks,
                shared_experts,
                task_experts,
                expert_units,
                shared_gate=number < levels - 1,
                gate_bias=gate_bias,
            )
            for number, width in enumerate(widths)
        )
        self.towers = nn.ModuleList(Tower(expert_units[-1], tower_units) for _ in range(tasks))

    def forward(self, ids, numeric):
        x = self.inputs(ids, numeric)
        task_inputs, shared_input = [x] * len(self.towers), x
        for level in self.levels:
            task_inputs, shared_input = level(task_inputs, shared_input)
        logits = [tower(h) for tower, h in zip(self.towers, task_inputs)]
        return torch.cat(logits, dim=1)
