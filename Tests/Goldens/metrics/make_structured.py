"""Golden values of metrics on classes, tags and boxes.

    python3 make_structured.py > structured.json

Made with scikit-learn 1.9.1 (classes), seqeval 1.2.2 (entities, its default mode, which reads malformed
sequences as conlleval does), pycocotools 2.0.11 (matching of detections; the area under the curve is
taken here with NumPy, all points) and NumPy 2.4.6; seed 20240701.
"""
import contextlib
import io
import json
from importlib.metadata import version

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from seqeval.metrics.sequence_labeling import get_entities
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    top_k_accuracy_score,
)

SEED = 20240701
rng = np.random.default_rng(SEED)


def floats(values):
    return [float(v) for v in np.asarray(values, np.float32).ravel()]


def class_case(name, rows, classes, weighted, skip=()):
    y = rng.choice([c for c in range(classes) if c not in skip], rows)
    scores = rng.normal(size=(rows, classes)).astype(np.float32)
    scores[np.arange(rows), y] += 1
    scores[:, list(skip)] -= 20
    w = (rng.integers(1, 9, rows) / 4) if weighted else np.ones(rows)
    p = scores.argmax(1)
    every = range(classes)
    return {
        "name": name,
        "classes": classes,
        "labels": floats(y),
        "scores": floats(scores),
        "weights": floats(w) if weighted else None,
        "accuracy": accuracy_score(y, p, sample_weight=w),
        "top": {
            str(k): top_k_accuracy_score(y, scores, k=k, sample_weight=w, labels=list(every))
            for k in (1, 2, 3)
        },
        "macro_f1": f1_score(y, p, average="macro", sample_weight=w),
        "micro_f1": f1_score(y, p, average="micro", sample_weight=w),
        "micro_f1_without_0": f1_score(
            y, p, average="micro", sample_weight=w, labels=list(range(1, classes))
        ),
        "confusion": confusion_matrix(y, p, labels=list(every), sample_weight=w).ravel().tolist(),
    }


TYPES = ["brand", "product-line", "place"]


def spell(scheme, spans, length):
    tags = ["O"] * length
    for kind, first, last in spans:
        for i in range(first, last + 1):
            part = "B" if i == first else "I"
            if scheme == "BIOES":
                part = "S" if first == last else {first: "B", last: "E"}.get(i, "I")
            tags[i] = f"{part}-{kind}"
    return tags


def random_tags(scheme, length, wild):
    if wild:  # every tag at random: mostly malformed
        parts = "BI" if scheme == "BIO" else "BIES"
        every = ["O"] + [f"{p}-{t}" for t in TYPES for p in parts]
        return [every[i] for i in rng.integers(0, len(every), length)]
    spans, at = [], 0
    while at < length:
        if rng.random() < 0.4:
            last = min(length - 1, at + int(rng.integers(0, 3)))
            spans.append((TYPES[rng.integers(0, 3)], at, last))
            at = last + 1
        else:
            at += 1
    return spell(scheme, spans, length)


def tag_case(name, scheme, wild):
    labels, predicted = [], []
    for _ in range(40):
        length = int(rng.integers(0, 14))
        truth = random_tags(scheme, length, wild)
        guess = random_tags(scheme, length, wild)
        keep = rng.random(length) < (0.75 if wild else 0)
        guess = [t if k else g for t, g, k in zip(truth, guess, keep)]
        if not wild and rng.random() < 0.6:
            guess = list(truth)
        labels.append(truth)
        predicted.append(guess)
    counts, repairs = np.zeros(3, int), [0, 0]
    for truth, guess in zip(labels, predicted):
        sides = []
        for side, tags in enumerate((truth, guess)):
            # seqeval wants the type behind the first hyphen only, which its own split keeps.
            spans = [(k, a, b) for k, a, b in get_entities(tags)]
            repairs[side] += sum(x != y for x, y in zip(spell(scheme, spans, len(tags)), tags))
            sides.append(set(spans))
        counts += [len(sides[0] & sides[1]), len(sides[1]), len(sides[0])]
    return {
        "name": name,
        "scheme": scheme,
        "types": TYPES,
        "labels": labels,
        "predicted": predicted,
        "matched": int(counts[0]),
        "predicted_count": int(counts[1]),
        "labelled": int(counts[2]),
        "f1": float(2 * counts[0] / (counts[1] + counts[2])),
        "repairs": repairs,
    }


def detection_case(name, pictures, classes, per_picture):
    objects, claims = [], []
    for picture in range(pictures):
        for _ in range(int(rng.integers(0, per_picture + 1))):
            left, top = rng.uniform(0, 40, 2)
            width, height = rng.uniform(4, 24, 2)
            label = int(rng.integers(0, classes))
            box = np.float32([left, top, left + width, top + height])
            objects.append((picture, label, box))
            for _ in range(int(rng.integers(0, 3))):
                moved = (box + rng.normal(0, rng.choice([0.3, 2.0]), 4)).astype(np.float32)
                claims.append((picture, label, moved, float(np.float32(rng.random()))))
        for _ in range(int(rng.integers(0, 3))):
            left, top = rng.uniform(0, 50, 2)
            box = np.float32([left, top, left + rng.uniform(3, 20), top + rng.uniform(3, 20)])
            claims.append((picture, int(rng.integers(0, classes)), box, float(np.float32(rng.random()))))
    thresholds = [(50 + 5 * i) / 100 for i in range(10)]
    coco = COCO()
    box = lambda b: [float(b[0]), float(b[1]), float(b[2]) - float(b[0]), float(b[3]) - float(b[1])]
    coco.dataset = {
        "info": {},
        "images": [{"id": i + 1} for i in range(pictures)],
        "categories": [{"id": c + 1} for c in range(classes)],
        "annotations": [
            {"id": n + 1, "image_id": p + 1, "category_id": c + 1, "bbox": box(b), "iscrowd": 0,
             "area": box(b)[2] * box(b)[3]}
            for n, (p, c, b) in enumerate(objects)
        ],
    }
    with contextlib.redirect_stdout(io.StringIO()):
        coco.createIndex()
        found = coco.loadRes([
            {"image_id": p + 1, "category_id": c + 1, "bbox": box(b), "score": s}
            for p, c, b, s in claims
        ])
        run = COCOeval(coco, found, "bbox")
        run.params.maxDets = [1000]
        run.params.areaRng, run.params.areaRngLbl = [[0, 1e10]], ["all"]
        run.params.iouThrs = np.array(thresholds)
        run.evaluate()
        run.accumulate()
    areas = np.full((10, classes), np.nan)
    for c in range(classes):
        total = sum(1 for _, label, _ in objects if label == c)
        if total == 0:
            continue
        parts = [e for e in run.evalImgs if e and e["category_id"] == c + 1]
        scores = np.concatenate([e["dtScores"] for e in parts])
        order = np.argsort(-scores, kind="stable")
        for t in range(10):
            right = np.concatenate([e["dtMatches"][t] > 0 for e in parts])[order]
            recall = np.cumsum(right) / total
            precision = np.cumsum(right) / np.arange(1, len(right) + 1)
            envelope = np.maximum.accumulate(precision[::-1])[::-1]
            areas[t, c] = np.sum(np.diff(np.concatenate([[0], recall])) * envelope)
    coarse = run.eval["precision"][:, :, :, 0, 0].mean(1)  # 101 recalls
    assert np.nanmax(np.abs(coarse - areas)) < 0.03, np.nanmax(np.abs(coarse - areas))
    return {
        "name": name,
        "objects": [[p, c, *floats(b)] for p, c, b in objects],
        "detections": [[p, c, *floats(b), s] for p, c, b, s in claims],
        "by_class": {str(c): float(areas[0, c]) for c in range(classes) if not np.isnan(areas[0, c])},
        "ap_50": float(np.nanmean(areas[0])),
        "map": float(np.nanmean(np.nanmean(areas, axis=1))),
    }


def box_case(rows):
    corner = rng.uniform(0, 8, (rows, 2))
    truth = np.concatenate([corner, corner + rng.uniform(0.5, 6, (rows, 2))], 1).astype(np.float32)
    guess = (truth + rng.normal(0, 1.5, truth.shape)).astype(np.float32)
    a, b = truth.astype(np.float64), guess.astype(np.float64)
    # Areas by inclusion and exclusion of the four corners, empty boxes clipped away.
    side = lambda box: np.clip(box[:, 2:] - box[:, :2], 0, None).prod(1)
    shared = np.concatenate([np.maximum(a[:, :2], b[:, :2]), np.minimum(a[:, 2:], b[:, 2:])], 1)
    valid = (b[:, 2:] > b[:, :2]).all(1)
    overlap = np.where(valid, side(shared), 0)
    value = overlap / (side(a) + side(b) - overlap)
    w = rng.integers(1, 9, rows) / 4
    return {
        "labels": floats(truth),
        "predictions": floats(guess),
        "weights": floats(w),
        "each": value.tolist(),
        "mean": float(value.mean()),
        "weighted_mean": float(np.average(value, weights=w)),
    }


packages = ["scikit-learn", "seqeval", "pycocotools", "numpy"]
print(json.dumps({
    "generator": "make_structured.py, seed %d, " % SEED
    + ", ".join(f"{name} {version(name)}" for name in packages),
    "classes": [
        class_case("four classes", 120, 4, weighted=False),
        class_case("weights", 150, 6, weighted=True),
        class_case("classes that do not occur", 80, 7, weighted=True, skip=(2, 5)),
    ],
    "tags": [
        tag_case("well-formed BIO", "BIO", wild=False),
        tag_case("malformed BIO", "BIO", wild=True),
        tag_case("well-formed BIOES", "BIOES", wild=False),
        tag_case("malformed BIOES", "BIOES", wild=True),
    ],
    "detections": [
        detection_case("one class", 40, 1, 1),
        detection_case("crowded", 30, 3, 5),
    ],
    "boxes": box_case(60),
}))
