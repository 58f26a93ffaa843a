"""The models of Examples/SentimentAndEntities: tags by softmax, as a chain, and that with an encoder's states."""

import numpy as np
import torch
import torch.nn.functional as F

STEPS, WORDS, ENDINGS, WIDTH, STATES = 48, 20, 14, 6, 16
LENGTHS = [48, 17, 1, 30, 5, 9]
TAGS = {"aspects": 3, "entities": 13}
LABELLED = {"aspects": [0, 1, 2], "entities": [3, 5]}
ATTRIBUTES = {
    "rows": len(LENGTHS),
    "words": WORDS,
    "endings": ENDINGS,
    "width": WIDTH,
    "chain_weight": 0.1,
    "outside_weight": 0.3,
}
FORBIDDEN, EPSILON = -10_000.0, 1e-5


def may_follow(before, tag):
    """Whether a tag may stand behind another, or first (None): `I-x`, the even ones, behind `B-x` or `I-x`."""
    if tag == 0 or tag % 2 == 1:
        return True
    return before is not None and before in (tag - 1, tag)


def sequence(random, count, length):
    """Tags of a sentence that the rules allow."""
    tags = []
    for _ in range(length):
        before = tags[-1] if tags else None
        tags.append(int(random.choice([t for t in range(count) if may_follow(before, t)])))
    return tags


def columns(random):
    """A batch: some rows have a sentiment, some aspects, others entities; the end is padding."""
    rows = len(LENGTHS)
    real = np.arange(STEPS)[None] < np.array(LENGTHS)[:, None]
    batch = {
        "token_ids": np.where(real, random.integers(1, WORDS, (rows, STEPS)), 0).astype(np.int32),
        "spellings": np.where(real, random.integers(1, 6, (rows, STEPS)), 0).astype(np.int32),
        "endings": np.where(real, random.integers(1, ENDINGS, (rows, STEPS)), 0).astype(np.int32),
        "label/sentiment": np.array([1, 0, -1, -1, 1, -1], np.float32),
    }
    for task, count in TAGS.items():
        labels = np.full((rows, STEPS), -1, np.float32)
        for row in LABELLED[task]:
            labels[row, : LENGTHS[row]] = sequence(random, count, LENGTHS[row])
        batch[f"label/{task}"] = labels
    return batch


def dense(p, name, x, units):
    """A layer with a bias."""
    return x @ p(f"{name}/weight", x.shape[-1], units) + p(f"{name}/bias", units)


def normalised(p, name, x):
    """Each vector to mean 0 and variance 1, scaled and shifted."""
    scale = p(f"{name}/scale", x.shape[-1], scale=1)
    shift = p(f"{name}/shift", x.shape[-1], scale=1)
    centred = x - x.mean(-1, keepdim=True)
    variance = (centred**2).mean(-1, keepdim=True)
    return centred / torch.sqrt(variance + EPSILON) * scale + shift


def lstm(p, name, x, mask, reverse):
    """Every step's h; a padded step carries h and c over."""
    weight, bias = p(f"{name}/weight", x.shape[-1], 4 * WIDTH), p(f"{name}/bias", 4 * WIDTH)
    recurrent = p(f"{name}/recurrent_weight", WIDTH, 4 * WIDTH)
    h = c = torch.zeros(x.shape[0], WIDTH, dtype=torch.float64)
    steps = [None] * STEPS
    for t in reversed(range(STEPS)) if reverse else range(STEPS):
        i, f, g, o = (x[:, t] @ weight + bias + h @ recurrent).chunk(4, dim=1)
        new_c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        new_h = torch.sigmoid(o) * torch.tanh(new_c)
        keep = mask[:, t : t + 1]
        h, c = torch.where(keep > 0, new_h, h), torch.where(keep > 0, new_c, c)
        steps[t] = h
    return torch.stack(steps, dim=1)


def encode(p, batch):
    """What the LSTM says of each step [B, T, 2 WIDTH], and which steps are real."""
    mask = (batch["token_ids"] > 0).double()
    words = p("embedding_1/weight", WORDS, WIDTH, scale=1)[batch["token_ids"].long()]
    forms = p("embedding_2/weight", 6, 8, scale=1)[batch["spellings"].long()]
    ends = p("embedding_3/weight", ENDINGS, 16, scale=1)[batch["endings"].long()]
    parts = [words, forms, ends]
    if "states" in batch:
        scaled = normalised(p, "layer_normalization_1", batch["states"])
        parts.append(dense(p, "time_distributed_1/states", scaled, WIDTH))
    x = torch.cat(parts, dim=2)
    sides = [
        lstm(p, f"shared_lstm/{side}", x, mask, side == "backward") for side in ("forward", "backward")
    ]
    return torch.cat(sides, dim=2), mask


def sentiment(p, batch, encoded, mask):
    """The logit of a sentence, from means over its real steps, and the loss.

    Of words' vectors of its own, of the encoder's states as they are, and of what the LSTM says.
    """
    own = p("sentiment_words/weight", WORDS, WIDTH, scale=1)[batch["token_ids"].long()]
    parts = [own, encoded]
    if "states" in batch:
        parts.insert(1, normalised(p, "layer_normalization_1", batch["states"]))
    both = torch.cat(parts, dim=2)
    mean = (both * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    logit = dense(p, "sentiment", mean, 1)
    known = batch["label/sentiment"] >= 0
    return logit, F.binary_cross_entropy_with_logits(logit[known, 0], batch["label/sentiment"][known])


def forward(p, batch):
    """Each token's tag by itself."""
    encoded, mask = encode(p, batch)
    outputs = {}
    outputs["sentiment"], loss = sentiment(p, batch, encoded, mask)
    for number, (task, count) in enumerate(TAGS.items(), 1):
        outputs[task] = dense(p, f"time_distributed_{number}/{task}", encoded, count)
        labels = batch[f"label/{task}"]
        known = labels >= 0
        weights = torch.ones(count, dtype=torch.float64)
        weights[0] = ATTRIBUTES["outside_weight"]
        loss = loss + F.cross_entropy(outputs[task][known], labels[known].long(), weight=weights)
    return outputs, loss


def chain_scores(p, name, count):
    """Transitions and starts with penalties for what the rules forbid, and ends."""
    banned = [[0 if may_follow(a, b) else FORBIDDEN for b in range(count)] for a in range(count)]
    first = [0 if may_follow(None, b) else FORBIDDEN for b in range(count)]
    transitions = p(f"{name}/transitions", count, count) + torch.tensor(banned, dtype=torch.float64)
    start = p(f"{name}/start", count) + torch.tensor(first, dtype=torch.float64)
    return transitions, start, p(f"{name}/end", count)


def likelihood(emissions, labels, transitions, start, end):
    """The negative log-likelihood of one sentence's tags."""
    total = start + emissions[0]
    chosen = start[labels[0]] + emissions[0, labels[0]]
    for t in range(1, len(labels)):
        total = (total[:, None] + transitions).logsumexp(0) + emissions[t]
        chosen = chosen + transitions[labels[t - 1], labels[t]] + emissions[t, labels[t]]
    return (total + end).logsumexp(0) - chosen - end[labels[-1]]


def viterbi(emissions, transitions, start, end):
    """The best tags of one sentence."""
    best, back = start + emissions[0], []
    for emission in emissions[1:]:
        scores = best[:, None] + transitions
        back.append(scores.argmax(0))
        best = scores.max(0).values + emission
    tags = [int((best + end).argmax())]
    for pointers in reversed(back):
        tags.append(int(pointers[tags[-1]]))
    return tags[::-1]


class Chain:
    """The model whose tags are decided together; its outputs are ones and zeros, zeros at padding."""

    ATTRIBUTES = ATTRIBUTES
    columns = staticmethod(columns)

    @staticmethod
    def forward(p, batch):
        """The best tags, and the loss: means over sentences of their negative log-likelihood."""
        encoded, mask = encode(p, batch)
        outputs = {}
        outputs["sentiment"], loss = sentiment(p, batch, encoded, mask)
        # The states' layer is the first that is distributed over time.
        for number, (task, count) in enumerate(TAGS.items(), 2 if "states" in batch else 1):
            emissions = dense(p, f"time_distributed_{number}/{task}", encoded, count)
            chain = chain_scores(p, f"{task}_chain", count)
            labels = batch[f"label/{task}"]
            rows = [row for row in range(len(LENGTHS)) if labels[row, 0] >= 0]
            losses = [
                likelihood(emissions[r, : LENGTHS[r]], labels[r, : LENGTHS[r]].long(), *chain)
                for r in rows
            ]
            loss = loss + ATTRIBUTES["chain_weight"] * torch.stack(losses).mean()
            outputs[task] = torch.zeros_like(emissions)
            with torch.no_grad():
                for row, length in enumerate(LENGTHS):
                    tags = viterbi(emissions[row, :length], *chain)
                    outputs[task][row, range(length), tags] = 1
        return outputs, loss


class StateChain(Chain):
    """The same beside what a pretrained encoder says of each token, 0 at padding."""

    @staticmethod
    def columns(random):
        """The batch with states."""
        batch = columns(random)
        states = random.standard_normal((len(LENGTHS), STEPS, STATES)).astype(np.float32)
        batch["states"] = states * (batch["token_ids"] > 0)[..., None]
        return batch
