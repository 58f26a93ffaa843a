"""Interactions of features before a Shared-Bottom, written from their papers in plain PyTorch.

What an interaction makes is appended to the features; LHUC scales all of them. DeepFM's part is added to every logit.
"""

import torch
from torch import nn

from models import Gate, chain, run, stack, tower_names
from names import dense, listed


class Cross(nn.Module):
    """DCN: x0 (x . w) + b + x (Wang et al., ADKDD 2017)."""

    def __init__(self, inputs, layers):
        super().__init__()
        self.weights = nn.ParameterList(torch.randn(inputs.width) * 0.3 for _ in range(layers))
        self.biases = nn.ParameterList(torch.randn(inputs.width) * 0.3 for _ in range(layers))
        self.width = inputs.width

    def forward(self, x, ids):
        x0 = x
        for w, b in zip(self.weights, self.biases):
            x = x0 * (x @ w)[:, None] + b + x
        return x

    def ours(self, name="interactions/dcn"):
        found = {f"{name}/weight_{i + 1}": w[:, None] for i, w in enumerate(self.weights)}
        return {**found, **{f"{name}/bias_{i + 1}": b for i, b in enumerate(self.biases)}}


class CrossV2(nn.Module):
    """DCN-V2: x0 * (W x + b) + x (Wang et al., WWW 2021)."""

    def __init__(self, inputs, layers):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(inputs.width, inputs.width) for _ in range(layers))
        self.width = inputs.width

    def forward(self, x, ids):
        x0 = x
        for layer in self.layers:
            x = x0 * layer(x) + x
        return x

    def ours(self, name="interactions/dcn_v2"):
        found = {f"{name}/weight_{i + 1}": l.weight.T for i, l in enumerate(self.layers)}
        return {**found, **{f"{name}/bias_{i + 1}": l.bias for i, l in enumerate(self.layers)}}


class CrossMix(nn.Module):
    """DCN-V2 with a mixture of products of low rank, tanh between them, softmax gates."""

    def __init__(self, inputs, layers, experts, rank):
        super().__init__()
        width = self.width = inputs.width
        make = lambda *shape: nn.ParameterList(torch.randn(*shape) * 0.3 for _ in range(layers))
        self.down, self.middle = make(experts, width, rank), make(experts, rank, rank)
        self.up, self.gate, self.bias = make(experts, rank, width), make(width, experts), make(width)

    def forward(self, x, ids):
        x0 = x
        for v, c, u, g, b in zip(self.down, self.middle, self.up, self.gate, self.bias):
            gates = torch.softmax(x @ g, dim=1)
            mixed = 0
            for e in range(len(v)):
                mixed = mixed + gates[:, [e]] * (torch.tanh(torch.tanh(x @ v[e]) @ c[e]) @ u[e])
            x = x0 * (mixed + b) + x
        return x

    def ours(self, name="interactions/dcn_v2"):
        parts = {"down": self.down, "middle": self.middle, "up": self.up, "gate": self.gate}
        parts["bias"] = self.bias
        return {f"{name}/{p}_{i + 1}": t for p, ts in parts.items() for i, t in enumerate(ts)}


class AutoInt(nn.Module):
    """Multi-head self-attention between fields (Song et al., CIKM 2019)."""

    def __init__(self, inputs, layers, heads, units):
        super().__init__()
        self.inputs, self.heads, self.units = [inputs], heads, units
        widths = [inputs.tables[0].embedding_dim] + [heads * units] * (layers - 1)
        self.maps = nn.ModuleList(
            nn.ModuleList(nn.Linear(width, heads * units, bias=False) for _ in range(4))
            for width in widths
        )
        self.width = len(inputs.tables) * heads * units

    def forward(self, x, ids):
        e = torch.stack([t(ids[:, f]) for f, t in enumerate(self.inputs[0].tables)], dim=1)
        for queries, keys, values, residual in self.maps:
            heads = []
            for h in range(self.heads):
                cut = slice(h * self.units, (h + 1) * self.units)
                q, k, v = (m(e)[..., cut] for m in (queries, keys, values))
                heads.append(torch.softmax(q @ k.transpose(1, 2), dim=2) @ v)
            e = torch.relu(torch.cat(heads, dim=2) + residual(e))
        return e.flatten(1)

    def ours(self, name="interactions/autoint"):
        found = {}
        for number, maps in enumerate(self.maps):
            for part, layer in zip(["queries", "keys", "values", "residual"], maps):
                found.update(listed(f"{name}/{part}_{number + 1}", [layer], stacked=False))
        return found


class Interacting(nn.Module):
    """A Shared-Bottom behind interactions."""

    def __init__(
        self,
        inputs,
        tasks,
        scenarios,
        crosses,
        fm,
        lhuc,
        bottom_units,
        tower_units,
    ):
        super().__init__()
        self.inputs = inputs
        self.crosses = nn.ModuleList(kind(inputs, **settings) for kind, settings in crosses)
        width = inputs.width + sum(cross.width for cross in self.crosses)
        self.lhuc_fields, self.fm = lhuc, fm
        if lhuc:
            known = sum(inputs.tables[field].embedding_dim for field in lhuc)
            self.gate = Gate(known, 5, width)
        if fm:
            self.linear = nn.ModuleList(
                nn.Embedding(table.num_embeddings, tasks) for table in inputs.tables
            )
            numeric = inputs.width - sum(table.embedding_dim for table in inputs.tables)
            self.numbers = nn.Linear(numeric, tasks)
        self.bottom = stack(width, bottom_units)
        self.towers = nn.ModuleList(
            stack(bottom_units[-1], [*tower_units, 1]) for _ in range(tasks)
        )

    def forward(self, ids, numeric, bounds):
        x = self.inputs(ids, numeric)
        z = torch.cat([x, *(cross(x, ids) for cross in self.crosses)], dim=1)
        if self.lhuc_fields:
            known = [self.inputs.tables[field](ids[:, field]) for field in self.lhuc_fields]
            z = z * self.gate(torch.cat(known, dim=1))
        h = run(self.bottom, z)
        logits = torch.cat([chain(tower, h) for tower in self.towers], dim=1)
        if not self.fm:
            return logits
        vectors = [table(ids[:, field]) for field, table in enumerate(self.inputs.tables)]
        pairs = 0
        for i, first in enumerate(vectors):
            for second in vectors[:i]:
                pairs = pairs + (first * second).sum(1, keepdim=True)
        linear = sum(table(ids[:, field]) for field, table in enumerate(self.linear))
        return logits + pairs + linear + self.numbers(numeric)

    def ours(self):
        found = {
            **self.inputs.ours(),
            **dense("shared_bottom_1/dense_{}", [self.bottom], stacked=False),
            **tower_names("shared_bottom_1", self.towers),
        }
        for cross in self.crosses:
            found.update(cross.ours())
        if self.lhuc_fields:
            found.update(dense("interactions/lhuc/dense_{}", [self.gate.layers]))
        if self.fm:
            for field, table in enumerate(self.linear):
                found[f"fm/field_{field}/weight"] = table.weight
            found.update(listed("fm/numeric", [self.numbers], stacked=False))
        return found


BASE = {"crosses": [], "fm": False, "lhuc": [], "bottom_units": [8, 6]}
MODELS = {
    "dcn": {**BASE, "crosses": [(Cross, {"layers": 3})]},
    "dcn_v2": {**BASE, "crosses": [(CrossV2, {"layers": 2})]},
    "dcn_v2_mixture": {**BASE, "crosses": [(CrossMix, {"layers": 2, "experts": 3, "rank": 4})]},
    "autoint": {**BASE, "crosses": [(AutoInt, {"layers": 2, "heads": 2, "units": 3})]},
    "deepfm": {**BASE, "fm": True},
    "lhuc": {**BASE, "crosses": [(CrossV2, {"layers": 1})], "lhuc": [0, 3]},
}
