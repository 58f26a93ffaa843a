"""Ways of reading a list step by step, written from their papers in plain PyTorch.

Every row's list is read for itself, at its own length: there is no padding and no mask. A reader gets the lists of
a batch, each `[T, D]` with T from 0 to the greatest length, and the candidates `[B, D]`; it gives a row for each, and
what it adds to the training loss.

`ours` says which of our parameters a reader's are, see ../scenarios/names.py.
"""

import torch
import torch.nn.functional as F
from torch import nn

from models import stack
from names import dense, listed


class Dice(nn.Module):
    """p x + (1 - p) slope x, p the sigmoid of x normalised over the batch (Zhou et al., KDD 2018)."""

    def __init__(self, width):
        super().__init__()
        self.slope = nn.Parameter(torch.randn(width) * 0.3)

    def forward(self, x):
        p = torch.sigmoid(F.batch_norm(x, None, None, training=True, eps=1e-8))
        return p * x + (1 - p) * self.slope * x


class PReLU(nn.Module):
    """x where above 0, else slope x."""

    def __init__(self, width):
        super().__init__()
        self.slope = nn.Parameter(0.25 + torch.randn(width) * 0.2)

    def forward(self, x):
        return torch.where(x > 0, x, self.slope * x)


class DIN(nn.Module):
    """Steps weighed by a network that reads step and candidate; weights are not normalised (Zhou et al., KDD 2018)."""

    def __init__(self, dimension, length, units, activation=None):
        super().__init__()
        self.layers = stack(4 * dimension, [*units, 1])
        self.functions = nn.ModuleList(
            {None: nn.Sigmoid, "prelu": PReLU, "dice": Dice}[activation](*([width] if activation else []))
            for width in units
        )
        self.activation, self.width = activation, dimension

    def forward(self, lists, candidates, others):
        wide = [candidate.expand_as(steps) for steps, candidate in zip(lists, candidates)]
        parts = [torch.cat([s, c, c - s, c * s], dim=1) for s, c in zip(lists, wide)]
        x = torch.cat(parts)  # every step of the batch: what Dice looks at
        for layer, function in zip(self.layers[:-1], self.functions):
            x = function(layer(x))
        scores = self.layers[-1](x).split([len(steps) for steps in lists])
        rows = [(score * steps).sum(dim=0) for score, steps in zip(scores, lists)]
        return torch.stack(rows), 0

    def ours(self, name="interactions/din/history"):
        found = dense(f"{name}/dense_{{}}", [self.layers[:-1]], stacked=False)
        if self.activation:
            for number, function in enumerate(self.functions):
                found[f"{name}/{self.activation}_{number + 1}/slope"] = function.slope
        return {**found, **listed(f"{name}/score", [self.layers[-1]], stacked=False)}


class Recurrence(nn.Module):
    """The gates of a GRU with inputs and states of one width, in PyTorch's order: reset, update, new."""

    def __init__(self, width):
        super().__init__()
        self.input, self.state = nn.Linear(width, 3 * width), nn.Linear(width, 3 * width)

    def forward(self, x, h):
        """The update gate u of the paper, which says how much is new, and the new state n."""
        (xr, xz, xn), (hr, hz, hn) = self.input(x).chunk(3), self.state(h).chunk(3)
        u = 1 - torch.sigmoid(xz + hz)  # PyTorch's z says how much is kept
        return u, torch.tanh(xn + torch.sigmoid(xr + hr) * hn)


class DIEN(nn.Module):
    """Interest extractor, attention and AUGRU (Zhou et al., AAAI 2019), with the auxiliary loss."""

    def __init__(self, dimension, length, auxiliary):
        super().__init__()
        self.extractor, self.evolution = Recurrence(dimension), Recurrence(dimension)
        self.attention = nn.Linear(dimension, dimension, bias=False)
        self.auxiliary, self.width = auxiliary, dimension

    def forward(self, lists, candidates, others):
        rows, losses = [], []
        for steps, candidate, other in zip(lists, candidates, others):
            state = torch.zeros_like(candidate)
            h, interests = state, []
            for step in steps:
                u, n = self.extractor(step, h)
                h = (1 - u) * h + u * n
                interests.append(h)
            if interests:
                weights = torch.softmax(torch.stack(interests) @ self.attention(candidate), dim=0)
                for interest, a in zip(interests, weights):
                    u, n = self.evolution(interest, state)
                    state = (1 - a * u) * state + a * u * n
            rows.append(state)
            for t in range(len(steps) - 1):
                right, wrong = interests[t] @ steps[t + 1], interests[t] @ other[t + 1]
                losses.append(-torch.log(torch.sigmoid(right)) - torch.log(1 - torch.sigmoid(wrong)))
        added = self.auxiliary * torch.stack(losses).mean() if losses else 0
        return torch.stack(rows), added if self.auxiliary else 0

    def ours(self, name="interactions/dien/history"):
        found = listed(f"{name}/attention", [self.attention], stacked=False)
        for part, module in [("extractor", self.extractor), ("evolution", self.evolution)]:
            inner = f"{name}/{part}" + ("/input" if part == "evolution" else "")
            found.update(listed(inner, [module.input], stacked=False))
            found[f"{name}/{part}/recurrent_weight"] = module.state.weight.T
            found[f"{name}/{part}/recurrent_bias"] = module.state.bias
        return found


class Block(nn.Module):
    """Self-attention of several heads and two dense layers, with residuals, normalised before or after."""

    def __init__(self, width, heads, hidden, before, activation, causal):
        super().__init__()
        self.projection, self.output = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.first, self.second = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.norms = nn.ModuleList(nn.LayerNorm(width, eps=1e-8) for _ in range(2))
        with torch.no_grad():
            for norm in self.norms:
                norm.weight.normal_(1, 0.2)
                norm.bias.normal_(0, 0.2)
        self.heads, self.before, self.activation, self.causal = heads, before, activation, causal

    def attend(self, x):
        size = x.shape[1] // self.heads
        q, k, v = (part.view(len(x), self.heads, size) for part in self.projection(x).chunk(3, dim=1))
        heads = []
        for h in range(self.heads):
            scores = q[:, h] @ k[:, h].T / size**0.5
            if self.causal:
                later = torch.ones_like(scores).triu(1).bool()
                scores = scores.masked_fill(later, float("-inf"))
            heads.append(torch.softmax(scores, dim=1) @ v[:, h])
        return self.output(torch.cat(heads, dim=1))

    def forward(self, x):
        dense = lambda h: self.second(self.activation(self.first(h)))
        if self.before:
            x = x + self.attend(self.norms[0](x))
            return x + dense(self.norms[1](x))
        x = self.norms[0](x + self.attend(x))
        return self.norms[1](x + dense(x))

    def ours(self, name):
        found = {
            **listed(f"{name}/attention/projection", [self.projection], stacked=False),
            **listed(f"{name}/attention/output", [self.output], stacked=False),
            **listed(f"{name}/hidden", [self.first], stacked=False),
            **listed(f"{name}/output", [self.second], stacked=False),
        }
        for part, norm in zip(["attention", "output"], self.norms):
            found[f"{name}/{part}_normalization/scale"] = norm.weight
            found[f"{name}/{part}_normalization/shift"] = norm.bias
        return found


class SASRec(nn.Module):
    """Causal blocks; the last step (Kang and McAuley, ICDM 2018). Places are counted from the end."""

    def __init__(self, dimension, length, layers, heads):
        super().__init__()
        self.places = nn.Parameter(torch.randn(length, dimension) * 0.3)
        self.blocks = nn.ModuleList(
            Block(dimension, heads, dimension, True, torch.relu, True) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(dimension, eps=1e-8)
        self.width = dimension

    def forward(self, lists, candidates, others):
        rows = []
        for steps, candidate in zip(lists, candidates):
            if len(steps) == 0:
                rows.append(torch.zeros_like(candidate))
                continue
            x = steps + self.places[-len(steps) :]
            for block in self.blocks:
                x = block(x)
            rows.append(self.norm(x)[-1])
        return torch.stack(rows), 0

    def ours(self, name="interactions/sasrec/history"):
        found = {f"{name}/positions/weight": self.places}
        for number, block in enumerate(self.blocks):
            found.update(block.ours(f"{name}/block_{number + 1}"))
        found[f"{name}/normalization/scale"] = self.norm.weight
        found[f"{name}/normalization/shift"] = self.norm.bias
        return found


class BST(nn.Module):
    """Blocks over the list and the candidate behind it (Chen et al., DLP-KDD 2019): the candidate's step and the mean."""

    def __init__(self, dimension, length, layers, heads):
        super().__init__()
        self.places = nn.Parameter(torch.randn(length + 1, dimension) * 0.3)
        leaky = nn.LeakyReLU(0.01)
        self.blocks = nn.ModuleList(
            Block(dimension, heads, 4 * dimension, False, leaky, False) for _ in range(layers)
        )
        self.width = 2 * dimension

    def forward(self, lists, candidates, others):
        rows = []
        for steps, candidate in zip(lists, candidates):
            x = torch.cat([steps, candidate[None]]) + self.places[-len(steps) - 1 :]
            for block in self.blocks:
                x = block(x)
            mean = x[:-1].mean(dim=0) if len(steps) else torch.zeros_like(candidate)
            rows.append(torch.cat([x[-1], mean]))
        return torch.stack(rows), 0

    def ours(self, name="interactions/bst/history"):
        found = {f"{name}/positions/weight": self.places}
        for number, block in enumerate(self.blocks):
            found.update(block.ours(f"{name}/block_{number + 1}"))
        return found
