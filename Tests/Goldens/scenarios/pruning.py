"""AdaSparse written from its paper in plain PyTorch (Yang et al., CIKM 2022); conventions as in models.py."""

import torch
from torch import nn

from models import chain, owners, stack, tower_names
from names import dense, listed


class Pruner(nn.Module):
    """Factors of units from the scenario's vector and the units, of which those not above epsilon are 0."""

    def __init__(self, dimension, width, form, epsilon, beta):
        super().__init__()
        self.form, self.epsilon, self.beta = form, epsilon, beta
        self.linear = nn.Linear(dimension + width, width)
        with torch.no_grad():
            self.linear.weight.mul_(3)  # so that some factors fall below epsilon

    def forward(self, vector, units, alpha):
        v = self.linear(torch.cat([vector, units], dim=1))
        if self.form == "binary":
            share = torch.sigmoid(alpha * v)
            hard = (share > self.epsilon).to(share.dtype)
            return (hard - share).detach() + share  # the gradient of the share passes the step
        factor = self.beta * torch.sigmoid(v if self.form == "scaling" else alpha * v)
        return torch.where(factor > self.epsilon, factor, torch.zeros_like(factor))


class AdaSparse(nn.Module):
    """Layers whose inputs each scenario prunes, and a loss that keeps the pruned share within a range."""

    def __init__(
        self,
        inputs,
        tasks,
        scenarios,
        network_units,
        scenario_dimension,
        form,
        epsilon,
        beta,
        alpha,
        sparsity,
        sparsity_range,
        tower_units,
    ):
        super().__init__()
        self.inputs, self.alpha, self.sparsity = inputs, alpha, sparsity
        self.range, self.steps = sparsity_range, 0
        self.vectors = nn.Parameter(torch.randn(scenarios, scenario_dimension))
        self.pruners = nn.ModuleList(
            Pruner(scenario_dimension, width, form, epsilon, beta)
            for width in [inputs.width, *network_units]
        )
        self.layers = stack(scenario_dimension + inputs.width, network_units)
        self.towers = nn.ModuleList(stack(network_units[-1], [*tower_units, 1]) for _ in range(tasks))

    def forward(self, ids, numeric, bounds):
        first, growth, limit = self.alpha
        alpha = min(first + growth * self.steps, limit)
        vector = self.vectors[owners(bounds)]
        h, pruned = self.inputs(ids, numeric), []
        for number, pruner in enumerate(self.pruners):
            factors = pruner(vector, h, alpha)
            pruned.append(1 - factors.mean())  # r = 1 - |pi|_1 / N, over the rows of the batch
            h = h * factors
            if number < len(self.layers):
                h = torch.cat([vector, h], dim=1) if number == 0 else h
                h = torch.relu(self.layers[number](h))
        self.added_loss = self.sparsity_loss(pruned)
        self.steps += 1
        return torch.cat([chain(tower, h) for tower in self.towers], dim=1)

    def sparsity_loss(self, pruned):
        low, high = self.range
        strength = self.sparsity[0] + self.sparsity[1] * self.steps
        loss = 0
        for r in pruned:
            distance = (r - (low + high) / 2).abs()
            if not low <= r.item() <= high:
                loss = loss + strength * distance.detach() * distance
        return loss / len(pruned)

    def ours(self):
        found = {**self.inputs.ours(), "adasparse/scenarios/weight": self.vectors}
        for number, pruner in enumerate(self.pruners):
            name = f"adasparse/pruner_{number + 1}/factors"
            found.update(listed(name, [pruner.linear], stacked=False))
        found.update(dense("adasparse/dense_{}", [self.layers], stacked=False))
        return {**found, **tower_names("adasparse", self.towers)}

    def statistics(self):
        return {"adasparse/steps": torch.tensor([float(self.steps)])}
