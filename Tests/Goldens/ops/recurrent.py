"""Cases of LSTM and GRU, with padding, in both directions.

`output` holds, for each row, h of every step (0 where a step is padding), the last h and, for an
LSTM, the last c, one after the other. Gates stand in PyTorch's order, which is ours: input, forget,
cell, output; reset, update, new. Padding after the valid steps is PyTorch's own, by packed sequences;
masks with holes come from a loop over the steps that is written out here.
"""

import numpy as np
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

ROWS, STEPS, INPUTS, UNITS = 4, 6, 3, 5
LENGTHS = [6, 3, 1, 4]
HOLES = np.array(
    [[1, 1, 1, 1, 1, 1], [0, 1, 0, 1, 1, 0], [0, 0, 0, 0, 0, 0], [1, 0, 0, 1, 0, 1]], np.float32
)


def packed(kind, mask, reverse, input, weight, recurrent, bias, recurrent_bias, states):
    """One direction of PyTorch's bidirectional module over packed sequences."""
    module = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind](
        INPUTS, UNITS, batch_first=True, bidirectional=True, dtype=torch.float64
    )
    ours = {
        "weight_ih_l0": weight.T,
        "weight_hh_l0": recurrent.T,
        "bias_ih_l0": bias,
        "bias_hh_l0": torch.zeros_like(bias) if recurrent_bias is None else recurrent_bias,
    }
    parameters = {
        name: ours[name.removesuffix("_reverse")]
        if name.endswith("_reverse") == reverse
        else torch.zeros_like(value)
        for name, value in module.named_parameters()
    }
    side = int(reverse)
    first = None
    if states:
        pairs = [
            torch.stack([state if half == side else torch.zeros_like(state) for half in (0, 1)])
            for state in states
        ]
        first = tuple(pairs) if kind == "lstm" else pairs[0]
    sequence = pack_padded_sequence(input, LENGTHS, batch_first=True, enforce_sorted=False)
    made, last = torch.func.functional_call(module, parameters, (sequence, first))
    padded, _ = pad_packed_sequence(made, batch_first=True, total_length=STEPS)
    half = padded[..., side * UNITS : (side + 1) * UNITS]
    ends = [state[side] for state in last] if kind == "lstm" else [last[side]]
    return torch.cat([half.reshape(ROWS, -1)] + ends, dim=1)


def loop(kind, mask, reverse, input, weight, recurrent, bias, recurrent_bias, states):
    """The same step by step; a step whose mask is 0 leaves the states alone."""
    zero = torch.zeros(ROWS, UNITS, dtype=torch.float64)
    h = states[0] if states else zero
    c = states[1] if len(states) > 1 else zero
    valid = torch.tensor(mask, dtype=torch.float64)
    steps = [None] * STEPS
    for t in reversed(range(STEPS)) if reverse else range(STEPS):
        keep = valid[:, t : t + 1]
        x, s = input[:, t] @ weight + bias, h @ recurrent
        if kind == "lstm":
            i, f, g, o = (x + s).chunk(4, dim=1)
            new_c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            new_h = torch.sigmoid(o) * torch.tanh(new_c)
            c = torch.where(keep > 0, new_c, c)
        else:
            (xr, xz, xn), (sr, sz, sn) = x.chunk(3, dim=1), (s + recurrent_bias).chunk(3, dim=1)
            z = torch.sigmoid(xz + sz)
            new_h = (1 - z) * torch.tanh(xn + torch.sigmoid(xr + sr) * sn) + z * h
        h = torch.where(keep > 0, new_h, h)
        steps[t] = h * keep
    return torch.cat(steps + [h] + ([c] if kind == "lstm" else []), dim=1)


def record(recorder, kind, reverse, mask, holes, has_states):
    """Stores one case."""
    gates = {"lstm": 4, "gru": 3}[kind]
    inputs = {
        "input": recorder.normal(ROWS, STEPS, INPUTS),
        "weight": recorder.normal(INPUTS, gates * UNITS, scale=0.5),
        "recurrent": recorder.normal(UNITS, gates * UNITS, scale=0.5),
        "bias": recorder.normal(gates * UNITS, scale=0.5),
    }
    if kind == "gru":
        inputs["recurrent_bias"] = recorder.normal(gates * UNITS, scale=0.5)
    inputs["mask"] = mask
    if has_states:
        inputs["hidden"] = recorder.normal(ROWS, UNITS, scale=0.5)
        if kind == "lstm":
            inputs["cell"] = recorder.normal(ROWS, UNITS, scale=0.5)

    def run(input, weight, recurrent, bias, *rest):
        recurrent_bias, rest = (rest[0], rest[1:]) if kind == "gru" else (None, rest)
        function = loop if holes else packed
        return function(
            kind, mask, reverse, input, weight, recurrent, bias, recurrent_bias, rest[1:]
        )

    words = [kind, "reversed" if reverse else "forward", "holes" if holes else "packed"]
    recorder.record(
        "_".join(words + (["states"] if has_states else [])),
        kind,
        inputs,
        run,
        {"is_reversed": reverse, "has_states": has_states},
        constants=("mask",),
    )


def record_all(recorder):
    """Records every case of this file."""
    ends = (np.arange(STEPS) < np.array(LENGTHS)[:, None]).astype(np.float32)
    for kind in ("lstm", "gru"):
        for reverse in (False, True):
            for mask, holes in ((ends, False), (HOLES, True)):
                for has_states in (False, True):
                    record(recorder, kind, reverse, mask, holes, has_states)
