"""Architectures that share in other ways, written from their papers in plain PyTorch.

The conventions are those of models.py; the tasks are called first and second. `MODELS` has for each name
its class, its settings, and a function that says what our parameters are made of (names.py).

A model may have `losses(logits, labels)`, the tasks' losses where they are not the mean binary
cross-entropy of each logit, and `extra_loss(logits)`, what else the training wants to be small. Where
the second task lies within the first, its logit is that of the conditional probability.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

from models import Tower, mix, run, stack
from names import layers, tables, towers

FIELDS = 6


def stacks(count, width, units):
    """Several stacks of dense layers."""
    return nn.ModuleList(stack(width, units) for _ in range(count))


def expert_names(count, prefix):
    """The names of the layers of several stacks."""
    return [f"{prefix}.{number}." + "{}" for number in range(count)]


class OMoE(nn.Module):
    """Shared experts, one gate for all tasks (Ma et al., KDD 2018)."""

    def __init__(self, inputs, tasks, experts, expert_units, tower_units):
        super().__init__()
        self.inputs = inputs
        self.experts = stacks(experts, inputs.width, expert_units)
        self.gate = nn.Linear(inputs.width, experts, bias=False)
        self.towers = nn.ModuleList(Tower(expert_units[-1], tower_units) for _ in range(tasks))

    def forward(self, ids, numeric):
        x = self.inputs(ids, numeric)
        mixed = mix(self.gate, x, [run(expert, x) for expert in self.experts])
        return torch.cat([tower(mixed) for tower in self.towers], dim=1)


def omoe_parts(model):
    names = expert_names(len(model.experts), "experts")
    return {
        **tables(FIELDS),
        **layers("omoe/experts/dense_{}", names, len(model.experts[0])),
        "omoe/gate/dense/weight": ["gate.weight"],
        **towers("omoe", 1),
    }


class CrossStitch(nn.Module):
    """A network for each task with a K x K exchange after each layer (Misra et al., CVPR 2016)."""

    def __init__(self, inputs, tasks, network_units, own_share, tower_units):
        super().__init__()
        self.inputs = inputs
        self.networks = stacks(tasks, inputs.width, network_units)
        first = torch.full((tasks, tasks), (1 - own_share) / (tasks - 1))
        first.fill_diagonal_(own_share)
        # Away from the first values, so that the two tasks' rows differ.
        shift = 0.1 * torch.arange(tasks * tasks).reshape(tasks, tasks)
        self.stitches = nn.ParameterList(nn.Parameter(first + shift) for _ in network_units)
        self.towers = nn.ModuleList(Tower(network_units[-1], tower_units) for _ in range(tasks))

    def forward(self, ids, numeric):
        hidden = [self.inputs(ids, numeric)] * len(self.towers)
        for level, stitch in enumerate(self.stitches):
            hidden = [
                torch.relu(network[level](h)) for network, h in zip(self.networks, hidden)
            ]
            hidden = [sum(a * h for a, h in zip(row, hidden)) for row in stitch]
        return torch.cat([tower(h) for tower, h in zip(self.towers, hidden)], dim=1)


def cross_stitch_parts(model):
    parts = {**tables(FIELDS), **towers("cross_stitch", 1)}
    for level in range(len(model.stitches)):
        # The exchange is no linear layer: it is stored as it is.
        parts[f"cross_stitch/stitch_{level + 1}/weight"] = ("as is", f"stitches.{level}")
        for leaf in ["weight", "bias"]:
            names = [f"networks.{task}.{level}.{leaf}" for task in range(len(model.networks))]
            parts[f"cross_stitch/layer_{level + 1}/dense_1/{leaf}"] = names
    return parts


class Transfer(nn.Module):
    """Information transfer and attention of one step (Xi et al., KDD 2021)."""

    def __init__(self, width):
        super().__init__()
        self.information = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.query = nn.Linear(width, width)

    def forward(self, before, own):
        both = torch.stack([torch.relu(self.information(before)), own], dim=1)  # [B, 2, H]
        scores = (self.key(both) * self.query(both)).sum(dim=2) / math.sqrt(both.shape[2])
        return (torch.softmax(scores, dim=1).unsqueeze(2) * self.value(both)).sum(dim=1)


class AITM(nn.Module):
    """Steps of a funnel, each handing knowledge to the next, with the calibrator."""

    def __init__(self, inputs, tasks, network_units, calibrator, tower_units):
        super().__init__()
        self.inputs = inputs
        self.calibrator = calibrator
        self.networks = stacks(tasks, inputs.width, network_units)
        self.transfers = nn.ModuleList(Transfer(network_units[-1]) for _ in range(tasks - 1))
        self.towers = nn.ModuleList(Tower(network_units[-1], tower_units) for _ in range(tasks))

    def forward(self, ids, numeric):
        x = self.inputs(ids, numeric)
        hidden = [run(network, x) for network in self.networks]
        for step, transfer in enumerate(self.transfers):
            hidden[step + 1] = transfer(hidden[step], hidden[step + 1])
        return torch.cat([tower(h) for tower, h in zip(self.towers, hidden)], dim=1)

    def extra_loss(self, logits, labels):
        steps = torch.sigmoid(logits)
        return self.calibrator * F.relu(steps[:, 1:] - steps[:, :-1]).sum(dim=1).mean()


def aitm_parts(model):
    names = expert_names(len(model.networks), "networks")
    parts = {
        **tables(FIELDS),
        **layers("aitm/networks/dense_{}", names, len(model.networks[0])),
        **towers("aitm", 1),
    }
    for step in range(len(model.transfers)):
        for part in ["information", "value", "key", "query"]:
            for leaf in ["weight", "bias"]:
                ours = f"aitm/transfer_{step + 2}/{part}/{leaf}"
                parts[ours] = f"transfers.{step}.{part}.{leaf}"
    return parts


def log_product(logits):
    """log(p q) and log(1 - p q) of the probabilities behind two logits."""
    joint = F.logsigmoid(logits).sum(dim=1)
    return joint, torch.log1p(-torch.exp(joint))


class ESMM(nn.Module):
    """Two networks over shared tables; the second task is learnt through the product (Ma et al., 2018)."""

    def __init__(self, inputs, tasks, network_units, tower_units):
        super().__init__()
        self.inputs = inputs
        self.networks = stacks(tasks, inputs.width, network_units)
        self.towers = nn.ModuleList(Tower(network_units[-1], tower_units) for _ in range(tasks))

    def forward(self, ids, numeric):
        x = self.inputs(ids, numeric)
        hidden = [run(network, x) for network in self.networks]
        return torch.cat([tower(h) for tower, h in zip(self.towers, hidden)], dim=1)

    def losses(self, logits, labels):
        click = F.binary_cross_entropy_with_logits(logits[:, 0], labels[:, 0])
        return torch.stack([click, self.joint_loss(logits, labels)])

    def joint_loss(self, logits, labels):
        both = labels[:, 0] * labels[:, 1]
        positive, negative = log_product(logits)
        return -(both * positive + (1 - both) * negative).mean()


def esmm_parts(model):
    name = "escm2" if isinstance(model, ESCM2) else "esmm"
    count = len(model.networks)
    names = expert_names(count, "networks")
    tasks = ("first", "second", "second_imputation")[:count]
    return {
        **tables(FIELDS),
        **layers(name + "/networks/dense_{}", names, len(model.networks[0])),
        **towers(name, 1, tasks),
    }


class ESCM2(ESMM):
    """ESMM with inverse propensity scores or doubly robust estimates (Wang et al., SIGIR 2022).

    Self-normalised, and with propensities cut off below and without a gradient, as ours.
    """

    def __init__(
        self,
        inputs,
        tasks,
        network_units,
        estimator,
        counterfactual_weight,
        global_weight,
        propensity_floor,
        tower_units,
        imputation="loss",
    ):
        super().__init__(inputs, tasks + (estimator == "dr"), network_units, tower_units)
        self.estimator = estimator
        self.weights = (counterfactual_weight, global_weight)
        self.floor = propensity_floor
        self.imputation = imputation

    def forward(self, ids, numeric):
        made = super().forward(ids, numeric)
        self.imputed = made[:, 2] if self.estimator == "dr" else None
        return made[:, :2]

    def losses(self, logits, labels):
        click = F.binary_cross_entropy_with_logits(logits[:, 0], labels[:, 0])
        propensity = torch.sigmoid(logits[:, 0]).detach().clamp(min=self.floor)
        weight = labels[:, 0] / propensity
        weight = weight / weight.sum()
        own = F.binary_cross_entropy_with_logits(logits[:, 1], labels[:, 1], reduction="none")
        if self.estimator == "ips":
            risk = (weight * own).sum()
        else:
            tower, self.imputed = self.imputed, None
            entropy = lambda logit, label: F.binary_cross_entropy_with_logits(logit, label, reduction="none")
            if self.imputation == "label":
                # The estimate teaches the prediction by fixed labels, the square labels by a fixed prediction.
                label = torch.sigmoid(tower)
                imputed = entropy(logits[:, 1], label.detach())
                taught = entropy(logits[:, 1].detach(), label)
            else:
                imputed = taught = F.softplus(tower)
            error = own - imputed
            # The square teaches the imputation only.
            square = (own.detach() - taught) ** 2
            risk = imputed.mean() + (weight * error).sum() + (weight * square).sum()
        counterfactual, entire = self.weights
        second = counterfactual * risk + entire * self.joint_loss(logits, labels)
        return torch.stack([click, second])


class DBMTL(nn.Module):
    """The second task reads what the first has made of a row (Wang et al., arXiv 1902.09154)."""

    def __init__(self, inputs, tasks, bottom_units, task_units, relation_units, tower_units):
        super().__init__()
        self.inputs = inputs
        self.bottom = stack(inputs.width, bottom_units)
        self.specific = stacks(tasks, bottom_units[-1], task_units)
        self.first = stack(task_units[-1], relation_units)
        self.second = stack(task_units[-1] + relation_units[-1], relation_units)
        self.towers = nn.ModuleList(Tower(relation_units[-1], tower_units) for _ in range(tasks))

    def forward(self, ids, numeric):
        shared = run(self.bottom, self.inputs(ids, numeric))
        own = [run(specific, shared) for specific in self.specific]
        first = run(self.first, own[0])
        second = run(self.second, torch.cat([own[1], first], dim=1))
        return torch.cat([self.towers[0](first), self.towers[1](second)], dim=1)


def dbmtl_parts(model):
    parts = {**tables(FIELDS), **towers("dbmtl", 1)}
    names = expert_names(len(model.specific), "specific")
    parts.update(layers("dbmtl/specific/dense_{}", names, len(model.specific[0])))
    for ours, theirs in [("bottom", "bottom"), ("relation_first", "first"), ("relation_second", "second")]:
        for level in range(len(getattr(model, theirs))):
            for leaf in ["weight", "bias"]:
                parts[f"dbmtl/{ours}/dense_{level + 1}/{leaf}"] = f"{theirs}.{level}.{leaf}"
    return parts


class FusionLevel(nn.Module):
    """One level of AdaTT: experts of units, gates over all experts, and a residual of the own ones."""

    def __init__(self, width, sizes, fused, units):
        super().__init__()
        self.experts = nn.ModuleList(stacks(size, width, units) for size in sizes)
        self.gates = nn.ModuleList(
            nn.Linear(width, sum(sizes), bias=False) for _ in range(fused)
        )
        # A unit of one expert keeps it as it is.
        self.own = nn.ParameterList(
            nn.Parameter((torch.rand(size) * 2 - 1) / math.sqrt(size))
            for size in sizes[:fused]
            if size > 1
        )

    def forward(self, inputs):
        own = [[run(e, x) for e in experts] for experts, x in zip(self.experts, inputs)]
        everything = sum(own, [])
        learned = iter(self.own)
        fused = []
        for unit, gate in enumerate(self.gates):
            taken = mix(gate, inputs[unit], everything)
            weights = next(learned) if len(own[unit]) > 1 else [1.0]
            fused.append(taken + sum(v * h for v, h in zip(weights, own[unit])))
        return fused


class AdaTT(nn.Module):
    """Adaptive task-to-task fusion (Li et al., KDD 2023)."""

    def __init__(self, inputs, tasks, levels, shared_experts, task_experts, expert_units, tower_units):
        super().__init__()
        self.inputs = inputs
        sizes = [task_experts] * tasks + ([shared_experts] if shared_experts else [])
        widths = [inputs.width] + [expert_units[-1]] * (levels - 1)
        self.levels = nn.ModuleList(
            FusionLevel(width, sizes, tasks if level == levels - 1 else len(sizes), expert_units)
            for level, width in enumerate(widths)
        )
        self.towers = nn.ModuleList(Tower(expert_units[-1], tower_units) for _ in range(tasks))

    def forward(self, ids, numeric):
        hidden = [self.inputs(ids, numeric)] * 3
        for level in self.levels:
            hidden = level(hidden)
        return torch.cat([tower(h) for tower, h in zip(self.towers, hidden)], dim=1)


def adatt_parts(model):
    parts = {**tables(FIELDS), **towers("adatt", 1)}
    tasks = len(model.towers)
    for number, level in enumerate(model.levels):
        ours, theirs = f"adatt/level_{number + 1}", f"levels.{number}"
        names = [
            f"{theirs}.experts.{unit}.{expert}." + "{}"
            for unit, experts in enumerate(level.experts)
            for expert in range(len(experts))
        ]
        parts.update(layers(ours + "/experts/dense_{}", names, len(level.experts[0][0])))
        gates = range(len(level.gates))
        parts[f"{ours}/gates/weight"] = [f"{theirs}.gates.{unit}.weight" for unit in gates]
        learned = [f"{theirs}.own.{unit}" for unit in range(len(level.own))]
        if len(level.experts[0]) > 1:
            parts[f"{ours}/own"] = learned[:tasks]
            learned = learned[tasks:]
        if learned:
            parts[f"{ours}/shared_own"] = learned
    return parts


class STEMNet(nn.Module):
    """Tables of each task's own beside shared ones; the others' experts are read as constants."""

    def __init__(self, inputs, tasks, shared_experts, task_experts, expert_units, tower_units):
        super().__init__()
        # The fields' tables once for each task, then shared.
        self.tables = nn.ModuleList(
            nn.ModuleList(nn.Embedding(*table.weight.shape) for table in inputs.tables)
            for _ in range(tasks + 1)
        )
        self.task_experts = nn.ModuleList(
            stacks(task_experts, inputs.width, expert_units) for _ in range(tasks)
        )
        self.shared_experts = stacks(shared_experts, inputs.width, expert_units)
        choices = tasks * task_experts + shared_experts
        self.gates = nn.ModuleList(
            nn.Linear(inputs.width, choices, bias=False) for _ in range(tasks)
        )
        self.towers = nn.ModuleList(Tower(expert_units[-1], tower_units) for _ in range(tasks))

    def forward(self, ids, numeric):
        vectors = [
            torch.cat([*(table(ids[:, field]) for field, table in enumerate(tables)), numeric], 1)
            for tables in self.tables
        ]
        own = [[run(e, x) for e in experts] for experts, x in zip(self.task_experts, vectors)]
        shared = [run(expert, vectors[-1]) for expert in self.shared_experts]
        logits = []
        for task, (gate, tower) in enumerate(zip(self.gates, self.towers)):
            seen = [
                h if other == task else h.detach()
                for other, hidden in enumerate(own)
                for h in hidden
            ]
            logits.append(tower(mix(gate, vectors[task] + vectors[-1], seen + shared)))
        return torch.cat(logits, dim=1)


def stem_net_parts(model):
    parts = towers("stem_net", 1)
    for number, owner in enumerate(["first", "second", "shared"]):
        ours = f"embeddings/{owner}/field_" + "{}/weight"
        for field in range(FIELDS):
            parts[ours.format(field)] = ("as is", f"tables.{number}.{field}.weight")
    names = [
        f"task_experts.{task}.{expert}." + "{}"
        for task, experts in enumerate(model.task_experts)
        for expert in range(len(experts))
    ] + expert_names(len(model.shared_experts), "shared_experts")
    parts.update(layers("stem_net/experts/dense_{}", names, len(model.shared_experts[0])))
    gates = range(len(model.gates))
    parts["stem_net/gates/dense/weight"] = [f"gates.{task}.weight" for task in gates]
    return parts


class NormalisedExpert(nn.Module):
    """Layers of swish(batch_norm(x W)) (Wang et al., arXiv 2408.05430).

    A bias before the normalisation would change nothing.
    """

    def __init__(self, width, units):
        super().__init__()
        widths = [width, *units]
        self.layers = nn.ModuleList(
            nn.Linear(before, after, bias=False) for before, after in zip(widths, units)
        )
        self.norms = nn.ModuleList(nn.BatchNorm1d(size, eps=1e-3) for size in units)

    def forward(self, x):
        for layer, norm in zip(self.layers, self.norms):
            x = F.silu(norm(layer(x)))
        return x


class FeatureGate(nn.Module):
    """x * 2 sigmoid(x A B) of low rank."""

    def __init__(self, width, rank):
        super().__init__()
        self.lower = nn.Linear(width, rank, bias=False)
        self.upper = nn.Linear(rank, width, bias=False)

    def forward(self, x):
        return x * 2 * torch.sigmoid(self.upper(self.lower(x)))


def self_gated(gate, x, experts):
    """The own experts once more: a softmax over them, or a sigmoid where there is one."""
    if len(experts) == 1:
        return torch.sigmoid(gate(x)) * experts[0]
    return mix(gate, x, experts)


class HoME(nn.Module):
    """Hierarchy of multi-gate experts; each of the two tasks is a group of its own."""

    def __init__(
        self,
        inputs,
        tasks,
        shared_experts,
        group_experts,
        task_experts,
        expert_units,
        gate_rank,
        tower_units,
    ):
        super().__init__()
        self.inputs = inputs
        width, hidden = inputs.width, expert_units[-1]
        many = lambda count, size: nn.ModuleList(
            NormalisedExpert(size, expert_units) for _ in range(count)
        )
        linear = lambda size, choices: nn.Linear(size, choices, bias=False)
        # Below: a group for each task here.
        self.group_below = nn.ModuleList(many(group_experts, width) for _ in range(tasks))
        self.shared_below = many(shared_experts, width)
        count = tasks * group_experts + shared_experts
        self.features = nn.ModuleList(FeatureGate(width, gate_rank) for _ in range(count))
        self.group_gates = nn.ModuleList(
            linear(width, group_experts + shared_experts) for _ in range(tasks)
        )
        self.group_self = nn.ModuleList(linear(width, group_experts) for _ in range(tasks))
        self.shared_gate = linear(width, count)
        # Above.
        self.task_above = nn.ModuleList(many(task_experts, hidden) for _ in range(tasks))
        self.group_above = nn.ModuleList(many(group_experts, hidden) for _ in range(tasks))
        self.shared_above = many(shared_experts, hidden)
        choices = task_experts + group_experts + shared_experts
        self.task_gates = nn.ModuleList(linear(2 * hidden, choices) for _ in range(tasks))
        self.task_self = nn.ModuleList(linear(2 * hidden, task_experts) for _ in range(tasks))
        self.towers = nn.ModuleList(Tower(hidden, tower_units) for _ in range(tasks))

    def forward(self, ids, numeric):
        x = self.inputs(ids, numeric)
        features = iter(self.features)
        groups = [[e(next(features)(x)) for e in experts] for experts in self.group_below]
        shared = [e(next(features)(x)) for e in self.shared_below]
        parts = [
            mix(gate, x, own + shared) + self_gated(kept, x, own)
            for gate, kept, own in zip(self.group_gates, self.group_self, groups)
        ]
        common = mix(self.shared_gate, x, sum(groups, []) + shared)
        above = [e(common) for e in self.shared_above]
        logits = []
        for task, part in enumerate(parts):
            own = [e(part) for e in self.task_above[task]]
            group = [e(part) for e in self.group_above[task]]
            read = torch.cat([part, common], dim=1)
            mixed = mix(self.task_gates[task], read, own + group + above)
            kept = self_gated(self.task_self[task], read, own)
            logits.append(self.towers[task](mixed + kept))
        return torch.cat(logits, dim=1)


def home_parts(model):
    parts = {**tables(FIELDS), **towers("home", 1)}

    def experts(ours, names, count):
        for layer in range(count):
            weights = [f"{name}.layers.{layer}.weight" for name in names]
            parts[f"{ours}/experts/dense_{layer + 1}/weight"] = weights
            for expert, name in enumerate(names):
                for our_leaf, leaf in [("scale", "weight"), ("shift", "bias")]:
                    key = f"{ours}/experts/normalization_{layer + 1}/{expert + 1}/{our_leaf}"
                    parts[key] = f"{name}.norms.{layer}.{leaf}"

    def many(prefix, lists):
        return [f"{prefix}.{i}.{j}" for i, items in enumerate(lists) for j in range(len(items))]

    def weights(prefix, items):
        return [f"{prefix}.{number}.weight" for number in range(len(items))]

    depth = len(model.shared_below[0].layers)
    shared = lambda name: [f"{name}.{i}" for i in range(len(getattr(model, name)))]
    experts("home/groups", many("group_below", model.group_below) + shared("shared_below"), depth)
    experts(
        "home/tasks",
        many("task_above", model.task_above)
        + many("group_above", model.group_above)
        + shared("shared_above"),
        depth,
    )
    for part in ["lower", "upper"]:
        names = [f"features.{number}.{part}.weight" for number in range(len(model.features))]
        parts[f"home/groups/feature_gates/{part}/weight"] = names
    parts["home/groups/group_gates/dense/weight"] = weights("group_gates", model.group_gates)
    parts["home/groups/self_gates/dense/weight"] = weights("group_self", model.group_self)
    parts["home/groups/shared_gate/dense/weight"] = ["shared_gate.weight"]
    parts["home/tasks/task_gates/dense/weight"] = weights("task_gates", model.task_gates)
    parts["home/tasks/self_gates/dense/weight"] = weights("task_self", model.task_self)
    return parts


HOME = {"shared_experts": 2, "expert_units": [7, 6], "gate_rank": 3}

def smooth_step(z, gamma):
    """The cubic of the paper: 0 below -gamma / 2, 1 above gamma / 2."""
    inside = -2 / gamma**3 * z**3 + 3 / (2 * gamma) * z + 0.5
    one, zero = torch.ones_like(z), torch.zeros_like(z)
    return torch.where(z <= -gamma / 2, zero, torch.where(z >= gamma / 2, one, inside))


class DSelectK(nn.Module):
    """Differentiable selection of experts (Hazimeh et al., NeurIPS 2021)."""

    def __init__(
        self,
        inputs,
        tasks,
        experts,
        expert_units,
        selectors,
        reads_rows,
        gamma,
        entropy,
        tower_units,
    ):
        super().__init__()
        self.inputs = inputs
        self.selectors, self.reads_rows = selectors, reads_rows
        self.gamma, self.entropy = gamma, entropy
        self.experts = stacks(experts, inputs.width, expert_units)
        bits = int(math.log2(experts))
        if reads_rows:
            linear = lambda count: nn.Linear(inputs.width, count, bias=False)
            self.bits = nn.ModuleList(linear(bits) for _ in range(tasks * selectors))
            self.choice = nn.ModuleList(linear(selectors) for _ in range(tasks))
        else:
            self.bits = nn.Parameter(torch.randn(tasks * selectors, bits) * 0.2)
            self.choice = nn.Parameter(torch.randn(tasks, selectors))
        self.towers = nn.ModuleList(Tower(expert_units[-1], tower_units) for _ in range(tasks))

    def selector(self, number, x):
        """The weights of experts by one selector, [B, E] or [1, E]."""
        z = self.bits[number](x) if self.reads_rows else self.bits[number].unsqueeze(0)
        step = smooth_step(z, self.gamma)
        weights = []
        for expert in range(len(self.experts)):
            product = 1
            for bit in range(step.shape[1]):
                on = expert >> bit & 1
                product = product * (step[:, bit] if on else 1 - step[:, bit])
            weights.append(product)
        return torch.stack(weights, dim=1)

    def forward(self, ids, numeric):
        x = self.inputs(ids, numeric)
        experts = torch.stack([run(expert, x) for expert in self.experts], dim=1)  # [B, E, H]
        logits, self.total = [], 0
        for task, tower in enumerate(self.towers):
            chosen = [self.selector(task * self.selectors + i, x) for i in range(self.selectors)]
            for weights in chosen:
                self.total = self.total - (weights * torch.log(weights + 1e-6)).sum(1).mean()
            choice = self.choice[task](x) if self.reads_rows else self.choice[task].unsqueeze(0)
            shares = torch.softmax(choice, dim=1)
            gate = sum(shares[:, i : i + 1] * weights for i, weights in enumerate(chosen))
            logits.append(tower((gate.unsqueeze(2) * experts).sum(dim=1)))
        return torch.cat(logits, dim=1)

    def extra_loss(self, logits, labels):
        total, self.total = self.total, 0
        return self.entropy * total


def dselect_k_parts(model):
    names = expert_names(len(model.experts), "experts")
    parts = {
        **tables(FIELDS),
        **layers("dselect_k/experts/dense_{}", names, len(model.experts[0])),
        **towers("dselect_k", 1),
    }
    for part in ["bits", "choice"]:
        if model.reads_rows:
            count = len(getattr(model, part))
            parts[f"dselect_k/selectors/{part}/weight"] = [f"{part}.{i}.weight" for i in range(count)]
        else:
            parts[f"dselect_k/selectors/{part}"] = ("as is", part)
    return parts


class SNR(nn.Module):
    """Sub-network routing with hard concrete numbers as they are used after training (Ma et al., 2019)."""

    def __init__(self, inputs, tasks, levels, subnetworks, network_units, transforms, sparsity, tower_units):
        super().__init__()
        self.inputs = inputs
        self.sparsity = sparsity
        width = network_units[-1]
        self.levels = nn.ModuleList(
            stacks(subnetworks, inputs.width if level == 0 else width, network_units)
            for level in range(levels)
        )
        targets = [subnetworks] * (levels - 1) + [tasks]
        self.log_alpha = nn.ParameterList(
            nn.Parameter(torch.randn(count, subnetworks) * 2) for count in targets
        )
        self.transforms = None
        if transforms:
            self.transforms = nn.ModuleList(
                nn.ModuleList(
                    nn.Linear(width, width, bias=False) for _ in range(count * subnetworks)
                )
                for count in targets
            )
        self.towers = nn.ModuleList(Tower(width, tower_units) for _ in range(tasks))

    def forward(self, ids, numeric):
        subnetworks = len(self.levels[0])
        inputs = [self.inputs(ids, numeric)] * subnetworks
        for number, level in enumerate(self.levels):
            made = [run(network, x) for network, x in zip(level, inputs)]
            z = (torch.sigmoid(self.log_alpha[number]) * 1.2 - 0.1).clamp(0, 1)
            inputs = []
            for target, row in enumerate(z):
                total = 0
                for source, value in enumerate(made):
                    if self.transforms is not None:
                        value = self.transforms[number][target * subnetworks + source](value)
                    total = total + row[source] * value
                inputs.append(total)
        return torch.cat([tower(h) for tower, h in zip(self.towers, inputs)], dim=1)

    def extra_loss(self, logits, labels):
        shift = 2 / 3 * math.log(0.1 / 1.1)
        return self.sparsity * sum(torch.sigmoid(a - shift).sum() for a in self.log_alpha)


def snr_parts(model):
    parts = {**tables(FIELDS), **towers("snr", 1)}
    for number, level in enumerate(model.levels):
        names = expert_names(len(level), f"levels.{number}")
        parts.update(layers(f"snr/level_{number + 1}/dense_" + "{}", names, len(level[0])))
        parts[f"snr/routes_{number + 1}/log_alpha"] = ("as is", f"log_alpha.{number}")
        if model.transforms is not None:
            count = len(model.transforms[number])
            names = [f"transforms.{number}.{i}.weight" for i in range(count)]
            parts[f"snr/routes_{number + 1}/transform/weight"] = names
    return parts


SELECTION = {"experts": 4, "expert_units": [8, 6], "selectors": 2, "gamma": 1.5, "entropy": 0.05}
ROUTES = {"levels": 2, "subnetworks": 3, "network_units": [7], "sparsity": 0.01}

COUNTERFACTUAL = {
    "network_units": [8, 6],
    "counterfactual_weight": 0.7,
    "global_weight": 0.4,
    "propensity_floor": 0.3,
}

MODELS = {
    "omoe": (OMoE, {"experts": 3, "expert_units": [8, 6]}, omoe_parts),
    "cross_stitch": (
        CrossStitch,
        {"network_units": [8, 6], "own_share": 0.9},
        cross_stitch_parts,
    ),
    "aitm": (AITM, {"network_units": [8, 6], "calibrator": 0.6}, aitm_parts),
    "esmm": (ESMM, {"network_units": [8, 6]}, esmm_parts),
    "escm2_ips": (ESCM2, {**COUNTERFACTUAL, "estimator": "ips"}, esmm_parts),
    "escm2_dr": (ESCM2, {**COUNTERFACTUAL, "estimator": "dr"}, esmm_parts),
    "escm2_dr_label": (ESCM2, {**COUNTERFACTUAL, "estimator": "dr", "imputation": "label"}, esmm_parts),
    "dbmtl": (
        DBMTL,
        {"bottom_units": [10], "task_units": [7], "relation_units": [6]},
        dbmtl_parts,
    ),
    "adatt": (
        AdaTT,
        {"levels": 2, "shared_experts": 0, "task_experts": 2, "expert_units": [8]},
        adatt_parts,
    ),
    "adatt_shared": (
        AdaTT,
        {"levels": 2, "shared_experts": 2, "task_experts": 1, "expert_units": [8, 6]},
        adatt_parts,
    ),
    "stem_net": (
        STEMNet,
        {"shared_experts": 1, "task_experts": 2, "expert_units": [8, 6]},
        stem_net_parts,
    ),
    "home": (HoME, {**HOME, "group_experts": 1, "task_experts": 1}, home_parts),
    "home_several": (HoME, {**HOME, "group_experts": 2, "task_experts": 2}, home_parts),
    "dselect_k": (DSelectK, {**SELECTION, "reads_rows": True}, dselect_k_parts),
    "dselect_k_static": (DSelectK, {**SELECTION, "reads_rows": False}, dselect_k_parts),
    "snr_aver": (SNR, {**ROUTES, "transforms": False}, snr_parts),
    "snr_trans": (SNR, {**ROUTES, "transforms": True}, snr_parts),
}
