"""Makes the goldens of text encoders. Run from the repository's root: scripts/goldens.sh encoder.

Needs PyTorch and PyPI `tokenizers`. `tiny.safetensors`: a small encoder of random weights in the names of
checkpoints, the vectors of some texts (pieces of ../text/wordpiece.json) and gradients of
`sum(vectors * cotangent)`.

`sentences.safetensors` is made where MOTET_ENCODER names the folder of the real encoder (`motet data fetch
minilm_encoder`) and MOTET_SHARED_DATA the folder of the data sets: the ids and vectors of 200 real texts, the 81
descriptions of the grocery classes, then the first 119 distinct descriptions of Online Retail. The texts
themselves are not stored.
"""

import csv
import gzip
import io
import json
import os
import struct
import sys
from pathlib import Path

import numpy as np
import tokenizers
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from bert import encode  # noqa: E402
from golden_file import GoldenFile  # noqa: E402

SEED = 20260401
TEXTS = [
    "", "The great camera!", "unbelievable batteries", "red heart T-light", "don't",
    "\u00c9\u00e8 caf\u00e9 \u4e2d\u6587", "the the the the the the the the the the",
]
TINY = {
    "model_type": "bert", "hidden_act": "gelu", "hidden_size": 12, "num_hidden_layers": 2,
    "num_attention_heads": 3, "intermediate_size": 20, "max_position_embeddings": 24,
    "type_vocab_size": 2, "layer_norm_eps": 1e-12, "pad_token_id": 0,
}


def tokenizer_of(pieces):
    """The reference tokeniser of an uncased vocabulary."""
    numbers = {piece: number for number, piece in enumerate(pieces)}
    reference = Tokenizer(WordPiece(numbers, unk_token="[UNK]", max_input_chars_per_word=100))
    reference.normalizer = BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True
    )
    reference.pre_tokenizer = BertPreTokenizer()
    reference.add_special_tokens([p for p in pieces if p in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")])
    start, end = numbers["[CLS]"], numbers["[SEP]"]
    return lambda text, most: [start, *reference.encode(text).ids[: most - 2], end]


def padded(rows):
    """Rows of ids as one array, zeros behind."""
    width = max(map(len, rows))
    return np.array([row + [0] * (width - len(row)) for row in rows], dtype=np.int32)


def golden_file(notes):
    """A file that says how it was made."""
    versions = [f"PyTorch {torch.__version__}", f"tokenizers {tokenizers.__version__}"]
    return GoldenFile("scripts/goldens.sh encoder", SEED, versions, notes)


def tiny():
    """The small encoder: weights, vectors, gradients."""
    pieces = json.load(open(HERE.parent / "text" / "wordpiece.json"))["pieces"]
    config = dict(TINY, vocab_size=len(pieces))
    width, hidden = config["hidden_size"], config["intermediate_size"]
    shapes = {
        "embeddings.word_embeddings.weight": (len(pieces), width),
        "embeddings.position_embeddings.weight": (config["max_position_embeddings"], width),
        "embeddings.token_type_embeddings.weight": (2, width),
    }
    norms = ["embeddings.LayerNorm"]
    for block in range(config["num_hidden_layers"]):
        name = f"encoder.layer.{block}."
        dense = {f"attention.self.{p}": (width, width) for p in ("query", "key", "value")}
        dense |= {"attention.output.dense": (width, width), "intermediate.dense": (hidden, width)}
        dense |= {"output.dense": (width, hidden)}
        for part, shape in dense.items():
            shapes[name + part + ".weight"], shapes[name + part + ".bias"] = shape, shape[:1]
        norms += [name + "attention.output.LayerNorm", name + "output.LayerNorm"]
    for norm in norms:
        shapes[norm + ".weight"] = shapes[norm + ".bias"] = (width,)
    random = np.random.default_rng(SEED)
    weights = {}
    for name, shape in shapes.items():
        drawn = (0.5 * random.standard_normal(shape)).astype(np.float32)
        if name.endswith("LayerNorm.weight"):
            drawn += np.float32(1)
        weights[name] = torch.tensor(drawn, dtype=torch.float64, requires_grad=True)
    cut = tokenizer_of(pieces)
    ids = padded([cut(text, config["max_position_embeddings"]) for text in TEXTS])
    vectors = encode(weights, config, torch.tensor(ids, dtype=torch.int64), torch.tensor(ids != 0).double())
    cotangent = random.standard_normal(vectors.shape).astype(np.float32)
    (vectors * torch.tensor(cotangent)).sum().backward()
    golden = golden_file("a small encoder of random weights, computed in float64")
    golden.case("tiny", {"config": json.dumps(config), "texts": json.dumps(TEXTS)})
    for name, tensor in weights.items():
        golden.add("weights/" + name, tensor.detach().numpy())
        golden.add("gradients/" + name, tensor.grad.numpy())
    for name, array in [("ids", ids), ("vectors", vectors.detach().numpy()), ("cotangent", cotangent)]:
        golden.add(name, array)
    golden.write(HERE / "tiny.safetensors")


def checkpoint(path):
    """The float tensors of a safetensors file, in float64."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        body = file.read()
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] == "F32":
            start, end = entry["data_offsets"]
            array = np.frombuffer(body[start:end], dtype="<f4").reshape(entry["shape"])
            tensors[name] = torch.tensor(array, dtype=torch.float64)
    return tensors


def real_texts(folder):
    """The 200 texts, in the order of the files."""
    with open(f"{folder}/grocery/classes_with_text.csv", newline="") as file:
        texts = [row["description"] for row in csv.DictReader(file)]
    with gzip.open(f"{folder}/online_retail/online_retail.csv.gz") as file:
        seen = {}
        for row in csv.DictReader(io.TextIOWrapper(file, "utf-8", errors="replace")):
            if row["Description"]:
                seen[row["Description"]] = True
            if len(seen) == 200 - len(texts):
                return texts + list(seen)


def sentences(encoder, data):
    """The real encoder on real texts."""
    config = json.load(open(f"{encoder}/config.json"))
    weights = checkpoint(f"{encoder}/model.safetensors")
    pieces = open(f"{encoder}/vocab.txt", encoding="utf-8").read().split("\n")
    cut = tokenizer_of(pieces[:-1] if pieces[-1] == "" else pieces)
    rows = [cut(text, 256) for text in real_texts(data)]
    vectors = []
    with torch.no_grad():
        for row in rows:
            ids = torch.tensor([row])
            vectors.append(encode(weights, config, ids, torch.ones_like(ids).double())[0].numpy())
    golden = golden_file("the real encoder on 200 real texts, computed in float64")
    golden.case("sentences", {"texts": len(rows)})
    golden.add("ids", padded(rows))
    golden.add("vectors", np.stack(vectors))
    golden.write(HERE / "sentences.safetensors")


tiny()
if "MOTET_ENCODER" in os.environ and "MOTET_SHARED_DATA" in os.environ:
    sentences(os.environ["MOTET_ENCODER"], os.environ["MOTET_SHARED_DATA"])
