"""Times PyTorch on the workload `lstm-tagger`, and prints one line of JSON.

Usage: lstm_tagger.py [--seconds 12] [--threads N] [--embedding dense|sparse] [--foreach]

The same model and training step as ours: sentences of 64 tokens out of 10,000 through an embedding
of 128 and an LSTM of 128; a class of three from the mean of the states and a tag of nine for each
token, both by cross-entropy; Adam. `rows_per_second_step`: forward, losses, backward and optimizer
step on eight batches that are already tensors, best of several repetitions after a warm-up;
`median_...` their median. The embedding's gradient is dense and updated with everything else, by
Adam's fused kernel, or sparse and updated by SparseAdam, which touches the batch's rows only. Without
`--embedding` both forms are timed, each for half of the time, and the faster one is reported.
"""

import argparse
import json
import platform
import statistics
import time

import torch
from torch import nn

STEPS, VOCABULARY, UNITS, CLASSES, TAGS, BATCH = 64, 10_000, 128, 3, 9, 64


class Tagger(nn.Module):
    """A shared embedding and LSTM, and two heads."""

    def __init__(self, sparse):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, UNITS, sparse=sparse)
        self.lstm = nn.LSTM(UNITS, UNITS, batch_first=True)
        self.label, self.tag = nn.Linear(UNITS, CLASSES), nn.Linear(UNITS, TAGS)

    def forward(self, tokens):
        states, _ = self.lstm(self.embedding(tokens))
        return self.label(states.mean(dim=1)), self.tag(states)


def optimizers(model, sparse, foreach):
    """Adam for everything, or SparseAdam for the table and Adam for the rest."""
    kind = {"foreach": True} if foreach else {"fused": True}
    if not sparse:
        return [torch.optim.Adam(model.parameters(), lr=1e-3, **kind)]
    table = list(model.embedding.parameters())
    rest = [p for name, p in model.named_parameters() if not name.startswith("embedding")]
    return [torch.optim.SparseAdam(table, lr=1e-3), torch.optim.Adam(rest, lr=1e-3, **kind)]


def rates(rows, seconds, work):
    """The best and the median of at least two repetitions of `work`, in rows/s."""
    work()  # warm-up
    measured, end = [], time.perf_counter() + seconds
    while len(measured) < 2 or time.perf_counter() < end:
        start = time.perf_counter()
        work()
        measured.append(rows / (time.perf_counter() - start))
    return round(max(measured)), round(statistics.median(measured))


def time_form(form, seconds, foreach):
    """Times one form of the embedding."""
    torch.manual_seed(1)
    sparse = form == "sparse"
    model = Tagger(sparse)
    updates = optimizers(model, sparse, foreach)
    entropy = nn.CrossEntropyLoss()
    batches = [
        (
            torch.randint(0, VOCABULARY, (BATCH, STEPS)),
            torch.randint(0, CLASSES, (BATCH,)),
            torch.randint(0, TAGS, (BATCH, STEPS)),
        )
        for _ in range(8)
    ]
    model.train()

    def work():
        for tokens, labels, tags in batches:
            label, tag = model(tokens)
            loss = entropy(label, labels) + entropy(tag.flatten(0, 1), tags.flatten())
            for update in updates:
                update.zero_grad()
            loss.backward()
            for update in updates:
                update.step()

    best, median = rates(8 * BATCH, seconds, work)
    return {
        "workload": "lstm-tagger",
        "system": "PyTorch",
        "rows_per_second_step": best,
        "median_rows_per_second_step": median,
        "batch_size": BATCH,
        "embedding": form,
        "adam": "foreach" if foreach else "fused",
        "parameters": sum(p.numel() for p in model.parameters()),
        "versions": {"torch": torch.__version__, "python": platform.python_version()},
        "threads": torch.get_num_threads(),
        "seed": 1,
    }


def main():
    """Reads the arguments, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=12, help="time of the measurement")
    parser.add_argument("--threads", type=int, help="threads of PyTorch (default: its own choice)")
    parser.add_argument("--embedding", choices=("dense", "sparse"), help="one form only")
    parser.add_argument("--foreach", action="store_true", help="Adam without its fused kernel")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    forms = [arguments.embedding] if arguments.embedding else ["dense", "sparse"]
    results = [
        time_form(form, arguments.seconds / len(forms), arguments.foreach) for form in forms
    ]
    best = max(results, key=lambda result: result["rows_per_second_step"])
    best["all_forms"] = {r["embedding"]: r["rows_per_second_step"] for r in results}
    print(json.dumps(best))


if __name__ == "__main__":
    main()
