"""Times PyTorch (and ONNX Runtime) on the workload `encode-minilm`, and prints lines of JSON.

Usage: encoder_peer.py ENCODER IDS [--seconds 12]

ENCODER is the folder of the encoder, IDS a JSON file that `motet-bench encode` writes: for each part of the
workload the ids of its texts. PyTorch runs the encoder as its users do: attention by
`scaled_dot_product_attention`, in `inference_mode`, a batch padded to its longest text. It is timed in several
batchings, texts as they come and sorted by length (as sentence-transformers does), 32 at a time and all at once;
the best one counts. ONNX Runtime runs the same graph where the packages `onnx` and `onnxruntime` are there.
"""

import argparse
import io
import json
import statistics
import struct
import time

import numpy as np
import torch
import torch.nn.functional as F


class Encoder(torch.nn.Module):
    """The encoder with PyTorch's own functions."""

    def __init__(self, folder):
        super().__init__()
        with open(f"{folder}/config.json", encoding="utf-8") as file:
            self.config = json.load(file)
        with open(f"{folder}/model.safetensors", "rb") as file:
            header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
            body = file.read()
        header.pop("__metadata__", None)
        self.weights = {}
        for name, entry in header.items():
            if entry["dtype"] == "F32":
                start, end = entry["data_offsets"]
                array = np.frombuffer(body[start:end], dtype="<f4").reshape(entry["shape"])
                self.weights[name] = torch.tensor(array)

    def linear(self, name, x):
        """A dense layer."""
        return F.linear(x, self.weights[name + ".weight"], self.weights[name + ".bias"])

    def normalise(self, name, x):
        """Layer normalization."""
        scale, shift = self.weights[name + ".weight"], self.weights[name + ".bias"]
        return F.layer_norm(x, (self.config["hidden_size"],), scale, shift, self.config["layer_norm_eps"])

    def forward(self, ids, mask):
        """Vectors of length 1."""
        heads = self.config["num_attention_heads"]
        allowed = (mask != 0)[:, None, None, :]
        x = F.embedding(ids, self.weights["embeddings.word_embeddings.weight"])
        x = x + self.weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        x = x + self.weights["embeddings.token_type_embeddings.weight"][0]
        x = self.normalise("embeddings.LayerNorm", x)
        for block in range(self.config["num_hidden_layers"]):
            name = f"encoder.layer.{block}"
            parts = [
                self.linear(f"{name}.attention.self.{part}", x).unflatten(-1, (heads, -1))
                for part in ("query", "key", "value")
            ]
            mixed = F.scaled_dot_product_attention(
                *(part.transpose(1, 2) for part in parts), attn_mask=allowed
            )
            made = self.linear(f"{name}.attention.output.dense", mixed.transpose(1, 2).flatten(2))
            x = self.normalise(f"{name}.attention.output.LayerNorm", x + made)
            hidden = F.gelu(self.linear(f"{name}.intermediate.dense", x))
            made = self.linear(f"{name}.output.dense", hidden)
            x = self.normalise(f"{name}.output.LayerNorm", x + made)
        mean = (x * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return F.normalize(mean, dim=-1)


def batches(texts, size, is_sorted):
    """Padded ids and masks."""
    order = sorted(range(len(texts)), key=lambda row: len(texts[row])) if is_sorted else range(len(texts))
    rows, made = [texts[row] for row in order], []
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        width = max(map(len, part))
        ids = np.array([row + [0] * (width - len(row)) for row in part], dtype=np.int64)
        made.append((ids, (ids != 0).astype(np.float32)))
    return made


def rates(texts, seconds, run):
    """The best and the median texts/s over every batching, and which was best."""
    best = None
    choices = [(32, False), (32, True), (len(texts), False), (len(texts) // 4, True)]
    for size, is_sorted in choices:
        made = batches(texts, size, is_sorted)
        run(made)
        measured, end = [], time.perf_counter() + seconds / len(choices)
        while len(measured) < 3 or time.perf_counter() < end:
            start = time.perf_counter()
            run(made)
            measured.append(len(texts) / (time.perf_counter() - start))
        found = (max(measured), statistics.median(measured), f"{size} at a time{', sorted' if is_sorted else ''}")
        best = max(best or found, found)
    return best


def report(part, system, found, version):
    """One line of JSON."""
    best, median, batching = found
    print(
        json.dumps(
            {
                "workload": "encode-minilm",
                "part": part,
                "system": system,
                "texts_per_second": round(best, 1),
                "median_texts_per_second": round(median, 1),
                "batching": batching,
                "version": version,
            }
        ),
        flush=True,
    )


def onnx_runner(encoder):
    """A function that runs batches in ONNX Runtime, or None where it is not installed."""
    try:
        import onnxruntime
        import onnx  # noqa: F401  (the exporter needs it)
    except ImportError:
        return None, None
    example = (torch.ones(2, 5, dtype=torch.int64), torch.ones(2, 5))
    file = io.BytesIO()
    names = {"input_names": ["ids", "mask"], "output_names": ["vectors"]}
    axes = {"ids": {0: "B", 1: "T"}, "mask": {0: "B", 1: "T"}}
    torch.onnx.export(
        encoder, example, file, dynamic_axes=axes, opset_version=17, dynamo=False, **names
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(
        file.getvalue(), options, providers=["CPUExecutionProvider"]
    )

    def run(made):
        for ids, mask in made:
            session.run(None, {"ids": ids, "mask": mask})

    return run, onnxruntime.__version__


def main():
    """Reads the arguments, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("encoder")
    parser.add_argument("ids")
    parser.add_argument("--seconds", type=float, default=12, help="time of each measurement")
    arguments = parser.parse_args()
    encoder = Encoder(arguments.encoder).eval()
    with open(arguments.ids, encoding="utf-8") as file:
        parts = json.load(file)

    def run(made):
        with torch.inference_mode():
            for ids, mask in made:
                encoder(torch.from_numpy(ids), torch.from_numpy(mask))

    for part, texts in parts.items():
        report(part, "pytorch", rates(texts, arguments.seconds, run), torch.__version__)
    with torch.no_grad():
        onnx, version = onnx_runner(encoder)
    if onnx:
        for part, texts in parts.items():
            report(part, "onnxruntime", rates(texts, arguments.seconds, onnx), version)


if __name__ == "__main__":
    main()
