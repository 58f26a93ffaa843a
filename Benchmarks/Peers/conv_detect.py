"""Times PyTorch on the workload `conv-detect`, and prints one line of JSON.

Usage: conv_detect.py [--seconds 12] [--threads N] [--channels-first]

The same model and training step as ours: pictures of 64 x 64 x 1, convolutions of 32, 64 and 128
channels with ReLU and a 2 x 2 pool behind each, a dense layer of 128, a class of ten by cross-entropy
and a box by the Huber loss, Adam. `rows_per_second_step`: forward, losses, backward and optimizer
step on eight batches that are already tensors, best of several repetitions after a warm-up;
`median_...` their median. Images are channels-last in memory, PyTorch's faster layout here.
"""

import argparse
import json
import platform
import statistics
import time

import torch
from torch import nn

SIDE, CHANNELS, HIDDEN, CLASSES, BATCH = 64, (32, 64, 128), 128, 10, 64


class Detector(nn.Module):
    """Shared convolutions and two heads."""

    def __init__(self):
        super().__init__()
        layers, width = [], 1
        for channels in CHANNELS:
            layers += [nn.Conv2d(width, channels, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
            width = channels
        side = SIDE // 2 ** len(CHANNELS)
        self.trunk = nn.Sequential(
            *layers, nn.Flatten(), nn.Linear(width * side * side, HIDDEN), nn.ReLU()
        )
        self.label, self.box = nn.Linear(HIDDEN, CLASSES), nn.Linear(HIDDEN, 4)

    def forward(self, images):
        features = self.trunk(images)
        return self.label(features), self.box(features)


def rates(rows, seconds, work):
    """The best and the median of at least two repetitions of `work`, in rows/s."""
    work()  # warm-up
    measured, end = [], time.perf_counter() + seconds
    while len(measured) < 2 or time.perf_counter() < end:
        start = time.perf_counter()
        work()
        measured.append(rows / (time.perf_counter() - start))
    return round(max(measured)), round(statistics.median(measured))


def main():
    """Reads the arguments, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=12, help="time of the measurement")
    parser.add_argument("--threads", type=int, help="threads of PyTorch (default: its own choice)")
    parser.add_argument("--channels-first", action="store_true", help="the other layout")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    layout = torch.contiguous_format if arguments.channels_first else torch.channels_last
    model = Detector().to(memory_format=layout)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    entropy, huber = nn.CrossEntropyLoss(), nn.HuberLoss(delta=0.1)
    batches = [
        (
            torch.rand(BATCH, 1, SIDE, SIDE).to(memory_format=layout),
            torch.randint(0, CLASSES, (BATCH,)),
            torch.rand(BATCH, 4),
        )
        for _ in range(8)
    ]
    model.train()

    def work():
        for images, labels, boxes in batches:
            predicted, box = model(images)
            loss = entropy(predicted, labels) + huber(box, boxes)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    best, median = rates(8 * BATCH, arguments.seconds, work)
    result = {
        "workload": "conv-detect",
        "system": "PyTorch",
        "rows_per_second_step": best,
        "median_rows_per_second_step": median,
        "batch_size": BATCH,
        "layout": "channels first" if arguments.channels_first else "channels last",
        "parameters": sum(p.numel() for p in model.parameters()),
        "versions": {"torch": torch.__version__, "python": platform.python_version()},
        "threads": torch.get_num_threads(),
        "seed": 1,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
