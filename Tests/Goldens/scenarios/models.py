"""Multi-scenario models written from their papers in plain PyTorch, as the other side of our tests.

Conventions, stated once:
- Rows of a batch are sorted by scenario; scenario s has the rows bounds[s]:bounds[s + 1], perhaps none. What
  belongs to a scenario is computed from its rows alone, scenario after scenario.
- The input x is the embeddings in the order of the fields, then the numeric features.
- A model keeps, for each scenario or task, modules of its own in lists; `ours` says which of our parameters they
  are (see names.py).

Every model returns logits `[B, K]`.
"""

import torch
from torch import nn

from names import dense, listed


def stack(width, units):
    """Linear layers of the given widths."""
    sizes = [width, *units]
    return nn.ModuleList(nn.Linear(i, u) for i, u in zip(sizes, sizes[1:]))


def run(layers, x):
    """Applies Linear then ReLU, layer after layer."""
    for layer in layers:
        x = torch.relu(layer(x))
    return x


def chain(layers, x):
    """The same, with the last layer linear."""
    return layers[-1](run(layers[:-1], x))


def parts(x, bounds):
    """The scenarios that have rows, and their rows."""
    for scenario, (first, last) in enumerate(zip(bounds, bounds[1:])):
        if last > first:
            yield scenario, x[first:last]


def owners(bounds):
    """The scenario of each row."""
    return torch.cat(
        [
            torch.full((last - first,), scenario, dtype=torch.int64)
            for scenario, (first, last) in enumerate(zip(bounds, bounds[1:]))
        ]
    )


class Inputs(nn.Module):
    """Embeds categorical fields and appends numeric features."""

    def __init__(self, vocabularies, dimension, numeric):
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(size, dimension) for size in vocabularies)
        self.width = len(vocabularies) * dimension + numeric

    def forward(self, ids, numeric):
        rows = [table(ids[:, field]) for field, table in enumerate(self.tables)]
        return torch.cat([*rows, numeric], dim=1)  # [B, I]

    def ours(self):
        return {f"embeddings/field_{f}/weight": table.weight for f, table in enumerate(self.tables)}


class PerScenario(nn.Module):
    """A bottom and towers for each scenario."""

    def __init__(self, inputs, tasks, scenarios, bottom_units, tower_units):
        super().__init__()
        self.inputs = inputs
        self.bottoms = nn.ModuleList(stack(inputs.width, bottom_units) for _ in range(scenarios))
        self.towers = nn.ModuleList(
            nn.ModuleList(stack(bottom_units[-1], [*tower_units, 1]) for _ in range(scenarios))
            for _ in range(tasks)
        )

    def forward(self, ids, numeric, bounds):
        x = self.inputs(ids, numeric)
        rows = []
        for s, part in parts(x, bounds):
            hidden = run(self.bottoms[s], part)
            rows.append(torch.cat([chain(tower[s], hidden) for tower in self.towers], dim=1))
        return torch.cat(rows)

    def ours(self):
        found = {**self.inputs.ours(), **dense("per_scenario/dense_{}", self.bottoms)}
        for task, towers in zip(["first", "second"], self.towers):
            found.update(dense(f"per_scenario/towers/{task}/dense_{{}}", towers))
        return found


class StarLayer(nn.Module):
    """x (W * W_s) + b + b_s for the rows of scenario s (Sheng et al., CIKM 2021)."""

    def __init__(self, width, units, scenarios):
        super().__init__()
        self.shared = nn.Linear(width, units)
        self.own = nn.ModuleList(nn.Linear(width, units) for _ in range(scenarios))
        with torch.no_grad():
            for layer in self.own:
                layer.weight.normal_(1, 0.3)

    def forward(self, x, scenario):
        own = self.own[scenario]
        weight = self.shared.weight * own.weight
        return nn.functional.linear(x, weight, self.shared.bias + own.bias)

    def ours(self, name):
        return {
            **listed(name, [self.shared], stacked=False),
            f"{name}/scenario_weight": [layer.weight.T for layer in self.own],
            f"{name}/scenario_bias": [layer.bias for layer in self.own],
        }


class PartitionedNorm(nn.Module):
    """Batch statistics of each scenario's rows; products of scales, sums of shifts."""

    EPSILON, MOMENTUM = 1e-3, 0.99

    def __init__(self, width, scenarios):
        super().__init__()
        self.scale = nn.Parameter(torch.randn(width) * 0.2 + 1)
        self.shift = nn.Parameter(torch.randn(width) * 0.2)
        self.own_scale = nn.Parameter(torch.randn(scenarios, width) * 0.2 + 1)
        self.own_shift = nn.Parameter(torch.randn(scenarios, width) * 0.2)
        # What is kept: nothing at first, then an average; a scenario without rows follows all rows.
        self.kept = [None] * scenarios
        self.has_own = [False] * scenarios

    def forward(self, x, bounds):
        rows = []
        overall = (x.mean(0), x.var(0, correction=0))
        batch = {}
        for s, part in parts(x, bounds):
            mean, variance = part.mean(0), part.var(0, correction=0)
            batch[s] = (mean, variance)
            z = (part - mean) / (variance + self.EPSILON).sqrt()
            rows.append(self.scale * self.own_scale[s] * z + self.shift + self.own_shift[s])
        if self.training:
            self.keep(batch, overall)
        return torch.cat(rows)

    def keep(self, batch, overall):
        """Running statistics, as we define them; the paper has a moving average."""
        for s in range(len(self.kept)):
            if s not in batch and self.has_own[s]:
                continue
            new = [part.detach() for part in batch.get(s, overall)]
            starts = self.kept[s] is None or (s in batch and not self.has_own[s])
            old = new if starts else self.kept[s]
            share = self.MOMENTUM
            self.kept[s] = [share * o + (1 - share) * n for o, n in zip(old, new)]
            self.has_own[s] = s in batch or self.has_own[s]

    def ours(self, name):
        return {
            f"{name}/scale": self.scale,
            f"{name}/shift": self.shift,
            f"{name}/scenario_scale": self.own_scale,
            f"{name}/scenario_shift": self.own_shift,
        }


class STAR(nn.Module):
    """Star topology (Sheng et al., CIKM 2021): normalisation, star layers, an auxiliary network."""

    def __init__(
        self,
        inputs,
        tasks,
        scenarios,
        star_units,
        auxiliary_units,
        scenario_dimension,
        tower_units,
    ):
        super().__init__()
        self.inputs = inputs
        self.norm = PartitionedNorm(inputs.width, scenarios)
        sizes = [inputs.width, *star_units]
        self.layers = nn.ModuleList(StarLayer(i, u, scenarios) for i, u in zip(sizes, sizes[1:]))
        sizes = [star_units[-1], *tower_units, 1]
        self.towers = nn.ModuleList(
            nn.ModuleList(StarLayer(i, u, scenarios) for i, u in zip(sizes, sizes[1:]))
            for _ in range(tasks)
        )
        self.vectors = nn.Parameter(torch.randn(scenarios, scenario_dimension))
        self.auxiliary = stack(scenario_dimension + inputs.width, auxiliary_units)
        self.outputs = nn.ModuleList(nn.Linear(auxiliary_units[-1], 1) for _ in range(tasks))

    def forward(self, ids, numeric, bounds):
        x = self.inputs(ids, numeric)
        z = self.norm(x, bounds)
        rows = []
        for s, part in parts(z, bounds):
            for layer in self.layers:
                part = torch.relu(layer(part, s))
            logits = []
            for tower in self.towers:
                h = part
                for layer in tower[:-1]:
                    h = torch.relu(layer(h, s))
                logits.append(tower[-1](h, s))
            rows.append(torch.cat(logits, dim=1))
        hidden = run(self.auxiliary, torch.cat([self.vectors[owners(bounds)], x], dim=1))
        return torch.cat(rows) + torch.cat([output(hidden) for output in self.outputs], dim=1)

    def ours(self):
        found = {**self.inputs.ours(), **self.norm.ours("star/normalization")}
        for number, layer in enumerate(self.layers):
            found.update(layer.ours(f"star/dense_{number + 1}"))
        for task, tower, output in zip(["first", "second"], self.towers, self.outputs):
            for number, layer in enumerate(tower[:-1]):
                found.update(layer.ours(f"star/{task}/dense_{number + 1}"))
            found.update(tower[-1].ours(f"star/{task}/output"))
            found.update(listed(f"star/auxiliary/output_{task}", [output], stacked=False))
        found["star/auxiliary/scenarios/weight"] = self.vectors
        found.update(dense("star/auxiliary/dense_{}", [self.auxiliary], stacked=False))
        return found

    def statistics(self):
        return {
            "star/normalization/mean": torch.stack([kept[0] for kept in self.norm.kept]),
            "star/normalization/variance": torch.stack([kept[1] for kept in self.norm.kept]),
        }


class Gate(nn.Module):
    """Gate NU: 2 sigmoid(relu(x W + b) W' + b') (Chang et al., KDD 2023)."""

    def __init__(self, width, hidden, units):
        super().__init__()
        self.layers = stack(width, [hidden, units])

    def forward(self, x):
        return 2 * torch.sigmoid(chain(self.layers, x))


class PEPNet(nn.Module):
    """EPNet and PPNet (Chang et al., KDD 2023); either may be left out."""

    def __init__(
        self,
        inputs,
        tasks,
        scenarios,
        gates,
        prior_fields,
        gate_units,
        scenario_dimension,
        tower_units,
    ):
        super().__init__()
        self.inputs, self.gates, self.prior_fields = inputs, gates, prior_fields
        if gates != "parameters":
            self.vectors = nn.Parameter(torch.randn(scenarios, scenario_dimension))
            self.embedding = Gate(scenario_dimension + inputs.width, gate_units, inputs.width)
        self.towers = nn.ModuleList(stack(inputs.width, [*tower_units, 1]) for _ in range(tasks))
        prior = sum(inputs.tables[field].embedding_dim for field in prior_fields)
        if gates != "embedding":
            self.parameters_gates = nn.ModuleList(
                nn.ModuleList(
                    Gate(prior + inputs.width, gate_units, units) for units in tower_units
                )
                for _ in range(tasks)
            )

    def forward(self, ids, numeric, bounds):
        x = self.inputs(ids, numeric)
        e = x
        if self.gates != "parameters":
            domain = self.vectors[owners(bounds)]
            e = self.embedding(torch.cat([domain, x.detach()], dim=1)) * x
        prior = [self.inputs.tables[field](ids[:, field]) for field in self.prior_fields]
        context = torch.cat([*prior, e.detach()], dim=1)
        logits = []
        for task, tower in enumerate(self.towers):
            h = e
            for number, layer in enumerate(tower[:-1]):
                h = torch.relu(layer(h))
                if self.gates != "embedding":
                    h = h * self.parameters_gates[task][number](context)
            logits.append(tower[-1](h))
        return torch.cat(logits, dim=1)

    def ours(self):
        found = self.inputs.ours()
        if self.gates != "parameters":
            found["pepnet/scenarios/weight"] = self.vectors
            found.update(dense("pepnet/embedding_gate/dense_{}", [self.embedding.layers]))
        found.update(dense("pepnet/dense_{}", [tower[:-1] for tower in self.towers]))
        for task, tower in zip(["first", "second"], self.towers):
            found.update(listed(f"pepnet/output_{task}", [tower[-1]], stacked=False))
        if self.gates != "embedding":
            for number in range(len(self.towers[0]) - 1):
                gates = [task[number].layers for task in self.parameters_gates]
                found.update(dense(f"pepnet/parameter_gate_{number + 1}/dense_{{}}", gates))
        return found


class HMoE(nn.Module):
    """Scenario gates over shared experts, then over all scenarios' answers (Li et al., CIKM 2020).

    A row's gradient goes to the answer of its own scenario only.
    """

    def __init__(self, inputs, tasks, scenarios, experts, expert_units, tower_units):
        super().__init__()
        self.inputs = inputs
        self.experts = nn.ModuleList(stack(inputs.width, expert_units) for _ in range(experts))
        gate = lambda width, count: nn.ModuleList(
            nn.Linear(width, count, bias=False) for _ in range(scenarios)
        )
        self.expert_gates = gate(inputs.width, experts)
        self.gates = nn.ModuleList(gate(expert_units[-1], scenarios) for _ in range(tasks))
        self.towers = nn.ModuleList(
            nn.ModuleList(stack(expert_units[-1], [*tower_units, 1]) for _ in range(scenarios))
            for _ in range(tasks)
        )

    def forward(self, ids, numeric, bounds):
        x = self.inputs(ids, numeric)
        rows = []
        for s, part in parts(x, bounds):
            weights = torch.softmax(self.expert_gates[s](part), dim=1)
            h = sum(
                weights[:, [e]] * run(expert, part) for e, expert in enumerate(self.experts)
            )
            logits = []
            for gates, towers in zip(self.gates, self.towers):
                mix = torch.softmax(gates[s](h), dim=1)
                answers = [chain(tower, h) for tower in towers]
                answers = [a if j == s else a.detach() for j, a in enumerate(answers)]
                logits.append(sum(mix[:, [j]] * answer for j, answer in enumerate(answers)))
            rows.append(torch.cat(logits, dim=1))
        return torch.cat(rows)

    def ours(self):
        found = {
            **self.inputs.ours(),
            **dense("hmoe/experts/dense_{}", self.experts),
            **listed("hmoe/expert_gates", self.expert_gates),
        }
        for task, gates, towers in zip(["first", "second"], self.gates, self.towers):
            found.update(listed(f"hmoe/{task}/gates", gates))
            found.update(dense(f"hmoe/{task}/towers/dense_{{}}", [t[:-1] for t in towers]))
            found.update(listed(f"hmoe/{task}/outputs", [t[-1] for t in towers]))
        return found


def tower_names(architecture, towers):
    """Towers as our layer `Towers` names them: hidden layers in one stack, an output for each task."""
    found = dense(f"{architecture}/towers/hidden/dense_{{}}", [tower[:-1] for tower in towers])
    for task, tower in zip(["first", "second"], towers):
        found.update(listed(f"{architecture}/towers/output_{task}", [tower[-1]], stacked=False))
    return found


class Meta(nn.Module):
    """h W + b with W and b made from what is known of a scenario (Zhang et al., WSDM 2022)."""

    def __init__(self, knowledge, width, units):
        super().__init__()
        self.shape = (width, units)
        self.weight = nn.Linear(knowledge, width * units)
        self.bias = nn.Linear(knowledge, units)

    def forward(self, h, known):
        return torch.relu(h @ self.weight(known).view(*self.shape) + self.bias(known))

    def ours(self, name):
        return {
            **listed(f"{name}/weight", [self.weight], stacked=False),
            **listed(f"{name}/bias", [self.bias], stacked=False),
        }


class M2M(nn.Module):
    """Meta attention and a residual meta tower for each task (Zhang et al., WSDM 2022)."""

    def __init__(
        self,
        inputs,
        tasks,
        scenarios,
        experts,
        expert_units,
        meta_layers,
        knowledge_units,
        scenario_dimension,
        tower_units,
    ):
        super().__init__()
        self.inputs, width = inputs, expert_units[-1]
        self.scenarios = nn.Parameter(torch.randn(scenarios, scenario_dimension))
        self.tasks = nn.Parameter(torch.randn(tasks, scenario_dimension))
        self.knowledge = nn.Linear(scenario_dimension, knowledge_units)
        self.views = nn.Linear(scenario_dimension, width)
        self.experts = nn.ModuleList(stack(inputs.width, expert_units) for _ in range(experts))
        self.attention = nn.ModuleList(
            Meta(knowledge_units, 2 * width, width) for _ in range(tasks)
        )
        self.scores = nn.ModuleList(nn.Linear(width, 1, bias=False) for _ in range(tasks))
        self.metas = nn.ModuleList(
            nn.ModuleList(Meta(knowledge_units, width, width) for _ in range(meta_layers))
            for _ in range(tasks)
        )
        self.towers = nn.ModuleList(stack(width, [*tower_units, 1]) for _ in range(tasks))

    def forward(self, ids, numeric, bounds):
        rows = []
        for s, part in parts(self.inputs(ids, numeric), bounds):
            known = torch.relu(self.knowledge(self.scenarios[s]))
            experts = [run(expert, part) for expert in self.experts]
            logits = []
            for task, tower in enumerate(self.towers):
                view = torch.relu(self.views(self.tasks[task])).expand(len(part), -1)
                scores = [
                    self.scores[task](self.attention[task](torch.cat([e, view], dim=1), known))
                    for e in experts
                ]
                mix = torch.softmax(torch.cat(scores, dim=1), dim=1)
                h = sum(mix[:, [e]] * expert for e, expert in enumerate(experts))
                for meta in self.metas[task]:
                    h = torch.relu(meta(h, known) + h)
                logits.append(chain(tower, h))
            rows.append(torch.cat(logits, dim=1))
        return torch.cat(rows)

    def ours(self):
        found = {
            **self.inputs.ours(),
            "m2m/scenarios/weight": self.scenarios,
            "m2m/tasks/weight": self.tasks,
            **listed("m2m/knowledge", [self.knowledge], stacked=False),
            **listed("m2m/task_views", [self.views], stacked=False),
            **dense("m2m/experts/dense_{}", self.experts),
            **tower_names("m2m", self.towers),
        }
        for number, task in enumerate(["first", "second"]):
            found.update(self.attention[number].ours(f"m2m/{task}/attention"))
            score = [self.scores[number]]
            found.update(listed(f"m2m/{task}/attention_score", score, stacked=False))
            for layer, meta in enumerate(self.metas[number]):
                found.update(meta.ours(f"m2m/{task}/meta_{layer + 1}"))
        return found


class Adapter(nn.Module):
    """h + scale_s * norm(up(relu(down(h)))) + shift_s (Li et al., CIKM 2023).

    `down` and `up` have weights L_s M R_s, with M from the row.
    """

    def __init__(self, width, units, rank, scenarios):
        super().__init__()
        make = lambda *shape: nn.Parameter(torch.randn(scenarios, *shape) / shape[0] ** 0.5)
        self.down = nn.ParameterList([make(width, rank), make(rank, units), make(units)])
        self.up = nn.ParameterList([make(units, rank), make(rank, width), make(width)])
        self.scale, self.shift = make(width), make(width)

    def forward(self, h, matrices, s):
        for number, (left, right, bias) in enumerate([self.down, self.up]):
            weights = left[s] @ matrices @ right[s]  # [B, I, U]
            x = h if number == 0 else torch.relu(y)
            y = torch.einsum("bi,biu->bu", x, weights) + bias[s]
        norm = nn.functional.layer_norm(y, y.shape[-1:], eps=1e-5)
        return h + self.scale[s] * norm + self.shift[s]

    def ours(self, name):
        found = {f"{name}/scale": self.scale, f"{name}/shift": self.shift}
        for part, values in [("down", self.down), ("up", self.up)]:
            for leaf, value in zip(["left", "right", "bias"], values):
                found[f"{name}/{part}/{leaf}"] = value
        return found


class HAMUR(nn.Module):
    """Layers all scenarios share, each with an adapter behind it (Li et al., CIKM 2023)."""

    def __init__(
        self,
        inputs,
        tasks,
        scenarios,
        bottom_units,
        adapter_units,
        rank,
        hyper_units,
        tower_units,
    ):
        super().__init__()
        self.inputs, self.rank = inputs, rank
        self.layers = stack(inputs.width, bottom_units)
        self.adapters = nn.ModuleList(
            Adapter(units, adapter_units, rank, scenarios) for units in bottom_units
        )
        self.hyper = stack(inputs.width, [*hyper_units, rank * rank])
        self.towers = nn.ModuleList(
            stack(bottom_units[-1], [*tower_units, 1]) for _ in range(tasks)
        )

    def forward(self, ids, numeric, bounds):
        rows = []
        for s, h in parts(self.inputs(ids, numeric), bounds):
            matrices = chain(self.hyper, h).view(-1, self.rank, self.rank)
            for layer, adapter in zip(self.layers, self.adapters):
                h = adapter(torch.relu(layer(h)), matrices, s)
            rows.append(torch.cat([chain(tower, h) for tower in self.towers], dim=1))
        return torch.cat(rows)

    def ours(self):
        found = {
            **self.inputs.ours(),
            **dense("hamur/dense_{}", [self.layers], stacked=False),
            **dense("hamur/hyper_{}", [self.hyper[:-1]], stacked=False),
            **listed("hamur/hyper_matrix", [self.hyper[-1]], stacked=False),
            **tower_names("hamur", self.towers),
        }
        for number, adapter in enumerate(self.adapters):
            found.update(adapter.ours(f"hamur/adapter_{number + 1}"))
        return found


class M3oE(nn.Module):
    """Shared, scenario and task experts with learnt balances (Zhang et al., SIGIR 2024)."""

    def __init__(
        self, inputs, tasks, scenarios, star_units, experts, expert_units, tower_units
    ):
        super().__init__()
        self.inputs = inputs
        sizes = [inputs.width, *star_units]
        self.star = nn.ModuleList(StarLayer(i, u, scenarios) for i, u in zip(sizes, sizes[1:]))
        self.skip = nn.Linear(inputs.width, star_units[-1])
        width = star_units[-1]
        make = lambda count: nn.ModuleList(stack(width, expert_units) for _ in range(count))
        self.shared, self.of_scenarios, self.of_tasks = make(experts), make(scenarios), make(tasks)
        self.gates = nn.ModuleList(
            nn.Linear(width, tasks * experts, bias=False) for _ in range(scenarios)
        )
        number = lambda: nn.Parameter(torch.randn(1))
        self.scenario_share, self.task_share = number(), number()
        self.scenario_balance, self.task_balance = number(), number()
        self.towers = nn.ModuleList(
            nn.ModuleList(stack(expert_units[-1], [*tower_units, 1]) for _ in range(scenarios))
            for _ in range(tasks)
        )

    def mix(self, answers, own, balance):
        """The own expert's answer, and the mean of the others'."""
        share = torch.sigmoid(balance)
        others = [a for j, a in enumerate(answers) if j != own]
        return share * answers[own] + (1 - share) * sum(others) / len(others)

    def forward(self, ids, numeric, bounds):
        rows = []
        for s, x in parts(self.inputs(ids, numeric), bounds):
            h = x
            for layer in self.star:
                h = torch.relu(layer(h, s))
            z = h + torch.relu(self.skip(x))
            shared = [run(expert, z) for expert in self.shared]
            domain = self.mix([run(e, z) for e in self.of_scenarios], s, self.scenario_balance)
            answers = [run(expert, z) for expert in self.of_tasks]
            gates = self.gates[s](z).view(len(z), len(self.towers), len(shared)).softmax(dim=2)
            logits = []
            for task, towers in enumerate(self.towers):
                common = sum(gates[:, task, [e]] * expert for e, expert in enumerate(shared))
                own = self.mix(answers, task, self.task_balance)
                value = (
                    common
                    + torch.sigmoid(self.scenario_share) * domain
                    + torch.sigmoid(self.task_share) * own
                )
                logits.append(chain(towers[s], value))
            rows.append(torch.cat(logits, dim=1))
        return torch.cat(rows)

    def ours(self):
        found = {
            **self.inputs.ours(),
            **listed("m3oe/skip", [self.skip], stacked=False),
            **dense("m3oe/shared_experts/dense_{}", self.shared),
            **dense("m3oe/scenario_experts/dense_{}", self.of_scenarios),
            **dense("m3oe/task_experts/dense_{}", self.of_tasks),
            **listed("m3oe/gates", self.gates),
            "m3oe/scenario_share": self.scenario_share,
            "m3oe/task_share": self.task_share,
            "m3oe/scenario_balance": self.scenario_balance,
            "m3oe/task_balance": self.task_balance,
        }
        for number, layer in enumerate(self.star):
            found.update(layer.ours(f"m3oe/star_{number + 1}"))
        for task, towers in zip(["first", "second"], self.towers):
            found.update(dense(f"m3oe/towers/{task}/dense_{{}}", towers))
        return found
