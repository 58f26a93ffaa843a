"""SAR-Net written from its paper in plain PyTorch (Shen et al., CIKM 2021); conventions as in models.py."""

import torch
from torch import nn

from models import chain, parts, run, stack, tower_names
from names import dense, listed


class SARNet(nn.Module):
    """A linear map of the features for each scenario, then shared experts and experts of the scenario.

    Fields that tell how a row came about add to the experts' outputs, and the experts do not read them.
    """

    def __init__(
        self,
        inputs,
        tasks,
        scenarios,
        shared_experts,
        scenario_experts,
        expert_units,
        bias_fields,
        tower_units,
    ):
        super().__init__()
        self.inputs, self.bias_fields = inputs, bias_fields
        dimension = inputs.tables[0].embedding_dim
        width, known = inputs.width - dimension * len(bias_fields), dimension * len(bias_fields)
        self.scale = nn.Parameter(torch.randn(scenarios, width) * 0.3 + 1)
        self.shift = nn.Parameter(torch.randn(scenarios, width) * 0.3)
        self.shared = nn.ModuleList(stack(width, expert_units) for _ in range(shared_experts))
        self.own = nn.ModuleList(
            nn.ModuleList(stack(width, expert_units) for _ in range(scenarios))
            for _ in range(scenario_experts)
        )
        if bias_fields:
            units = expert_units[-1]
            self.shared_bias = nn.ModuleList(nn.Linear(known, units) for _ in range(shared_experts))
            self.own_bias = nn.ModuleList(
                nn.Linear(known, units * scenario_experts) for _ in range(scenarios)
            )
        count = shared_experts + scenario_experts
        self.gates = nn.ModuleList(nn.Linear(width, count) for _ in range(tasks))
        self.towers = nn.ModuleList(stack(expert_units[-1], [*tower_units, 1]) for _ in range(tasks))

    def forward(self, ids, numeric, bounds):
        fields = [table(ids[:, field]) for field, table in enumerate(self.inputs.tables)]
        kept = [vector for field, vector in enumerate(fields) if field not in self.bias_fields]
        x = torch.cat([*kept, numeric], dim=1)
        known = torch.cat([fields[f] for f in self.bias_fields], dim=1) if self.bias_fields else None
        rows = []
        for s, part in parts(torch.arange(len(x)), bounds):
            z = x[part] * self.scale[s] + self.shift[s]
            experts = [run(expert, z) for expert in self.shared]
            experts += [run(expert[s], z) for expert in self.own]
            if known is not None:
                biases = [layer(known[part]) for layer in self.shared_bias]
                biases += self.own_bias[s](known[part]).chunk(len(self.own), dim=1)
                experts = [expert + bias for expert, bias in zip(experts, biases)]
            logits = []
            for gate, tower in zip(self.gates, self.towers):
                share = torch.softmax(gate(z), dim=1)
                mixed = sum(share[:, [j]] * expert for j, expert in enumerate(experts))
                logits.append(chain(tower, mixed))
            rows.append(torch.cat(logits, dim=1))
        return torch.cat(rows)

    def ours(self):
        found = {**self.inputs.ours(), "sar_net/scale": self.scale, "sar_net/shift": self.shift}
        found.update(dense("sar_net/shared_experts/dense_{}", self.shared))
        for number, expert in enumerate(self.own):
            found.update(dense(f"sar_net/scenario_expert_{number + 1}/dense_{{}}", expert))
        if self.bias_fields:
            found.update(listed("sar_net/shared_bias", self.shared_bias))
            found.update(listed("sar_net/scenario_bias", self.own_bias))
        found.update(listed("sar_net/gates", self.gates))
        return {**found, **tower_names("sar_net", self.towers)}
