"""Cases of losses on logits.

A case `c` stores the inputs, `c/per_row` (the loss of each row, unweighted), `c/mean` with
`c/gradients_of_mean/logits` (every weight 1), and `c/weighted_mean` with
`c/gradients_of_weighted_mean/logits`, where weighted_mean = sum_r w_r loss_r / sum_r w_r. Some
weights are 0: such a row carries no loss and no gradient.
"""

import numpy as np
import torch
import torch.nn.functional as F

ROWS, CLASSES = 14, 5


def focal(logits, labels, gamma, alpha):
    """Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017, equations 4 and 5."""
    signed = torch.where(labels > 0.5, logits, -logits)  # the true class's logit
    loss = torch.sigmoid(-signed) ** gamma * -F.logsigmoid(signed)
    if alpha is None:
        return loss
    return torch.where(labels > 0.5, alpha, 1 - alpha) * loss


def fake_negative_weighted(logits, labels):
    """Ktena et al., RecSys 2019, section 3.2: weights made of the prediction, which no gradient flows into."""
    p = torch.sigmoid(logits).detach()
    return -(
        labels * (1 + p) * F.logsigmoid(logits) + (1 - labels) * (1 - p) * (1 + p) * F.logsigmoid(-logits)
    )


def pinball(predicted, expected, quantile):
    """Koenker and Bassett, "Regression Quantiles", Econometrica 1978."""
    error = expected - predicted
    return torch.maximum(quantile * error, (quantile - 1) * error)


def record(recorder, name, op, logits, labels, per_row, attributes=None, counts=None):
    """Stores one loss: per row, mean and weighted mean, with the gradients of the means.

    `counts` says how much each row counts in the means beside its weight: that of its class.
    """
    weights = np.abs(recorder.normal(ROWS)) + np.float32(0.1)
    weights[[1, 6, ROWS - 1]] = 0
    add = recorder.golden.add
    recorder.golden.case(name, {"op": op, **(attributes or {})})
    add(f"{name}/inputs/logits", logits)
    add(f"{name}/inputs/labels", labels)
    add(f"{name}/inputs/sample_weights", weights)
    wide_labels = torch.tensor(
        labels, dtype=torch.int64 if labels.dtype.kind == "i" else torch.float64
    )
    for kind, row_weights in [("mean", np.ones(ROWS)), ("weighted_mean", weights)]:
        wide = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
        rows = per_row(wide, wide_labels)
        weight = torch.tensor(row_weights, dtype=torch.float64)
        own = 1 if counts is None else torch.tensor(counts, dtype=torch.float64)
        total = (rows * weight).sum() / (weight * own).sum()
        total.backward()
        if kind == "mean":
            add(f"{name}/per_row", rows.detach().numpy())
        add(f"{name}/{kind}", total.item())
        add(f"{name}/gradients_of_{kind}/logits", wide.grad.numpy())


def classification(recorder):
    """Binary, focal and categorical cross-entropy, with logits far from 0 among them."""
    logits = recorder.normal(ROWS, scale=2.0)
    logits[2], logits[3], logits[4], logits[5] = 40, -40, 15, -15
    labels = (recorder.random.random(ROWS) < 0.5).astype(np.float32)
    labels[2:6] = [0, 1, 1, 0]
    soft = recorder.random.random(ROWS).astype(np.float32)
    binary = lambda x, y: F.binary_cross_entropy_with_logits(x, y, reduction="none")
    record(recorder, "binary_cross_entropy", "binary_cross_entropy", logits, labels, binary)
    record(recorder, "binary_cross_entropy_soft", "binary_cross_entropy", logits, soft, binary)
    for name, gamma, alpha in [
        ("focal", 2.0, None),
        ("focal_alpha", 2.0, 0.25),
        ("focal_gamma_0", 0.0, None),
    ]:
        attributes = {"gamma": gamma} if alpha is None else {"gamma": gamma, "alpha": alpha}
        record(
            recorder,
            name,
            "focal",
            logits,
            labels,
            lambda x, y, g=gamma, a=alpha: focal(x, y, g, a),
            attributes,
        )
    many = recorder.normal(ROWS, CLASSES, scale=2.0)
    many[2, 1], many[3, 0] = 60, -60
    classes = recorder.random.integers(0, CLASSES, ROWS).astype(np.int32)
    classes[2:4] = [3, 0]
    record(
        recorder,
        "categorical_cross_entropy",
        "categorical_cross_entropy",
        many,
        classes,
        lambda x, y: F.cross_entropy(x, y, reduction="none"),
    )


def class_targets(recorder):
    """Categorical cross-entropy with smoothed labels and weighted classes."""
    class_weights = np.array([0.5, 2, 1, 0.25, 3], np.float32)
    for name, smoothing, weights in [
        ("categorical_smoothed", 0.1, None),
        ("categorical_class_weights", 0.0, class_weights),
        ("categorical_smoothed_class_weights", 0.4, class_weights),
    ]:
        logits = recorder.normal(ROWS, CLASSES, scale=2.0)
        logits[2, 1] = 60
        classes = recorder.random.integers(0, CLASSES, ROWS).astype(np.int32)
        wide = None if weights is None else torch.tensor(weights, dtype=torch.float64)
        record(
            recorder,
            name,
            "categorical_cross_entropy",
            logits,
            classes,
            lambda x, y: F.cross_entropy(
                x, y, weight=wide, reduction="none", label_smoothing=smoothing
            ),
            {"smoothing": smoothing}
            | ({} if weights is None else {"class_weights": weights.tolist()}),
            counts=None if weights is None else weights[classes],
        )


def regression(recorder):
    """Losses on real and count labels; no residual lies at a kink."""
    predicted = recorder.normal(ROWS, scale=2.0)
    expected = (predicted + recorder.away_from_zero(ROWS) * np.float32(1.5)).astype(np.float32)
    record(
        recorder,
        "mean_squared_error",
        "mean_squared_error",
        predicted,
        expected,
        lambda x, y: F.mse_loss(x, y, reduction="none"),
    )
    record(
        recorder,
        "mean_absolute_error",
        "mean_absolute_error",
        predicted,
        expected,
        lambda x, y: F.l1_loss(x, y, reduction="none"),
    )
    for name, delta in [("huber", 1.0), ("huber_small_delta", 0.3)]:
        record(
            recorder,
            name,
            "huber",
            predicted,
            expected,
            lambda x, y, d=delta: F.huber_loss(x, y, reduction="none", delta=d),
            {"delta": delta},
        )
    for quantile in (0.1, 0.5, 0.9):
        record(
            recorder,
            f"quantile_{int(quantile * 100)}",
            "quantile",
            predicted,
            expected,
            lambda x, y, q=quantile: pinball(x, y, q),
            {"quantile": quantile},
        )
    counts = recorder.random.poisson(2.0, ROWS).astype(np.float32)
    record(
        recorder,
        "poisson",
        "poisson",
        predicted,
        counts,
        lambda x, y: F.poisson_nll_loss(x, y, log_input=True, full=False, reduction="none"),
    )


def delayed(recorder):
    """Labels that come late."""
    logits = recorder.normal(ROWS, scale=2.0)
    logits[2], logits[3], logits[4], logits[5] = 40, -40, 15, -15
    labels = (recorder.random.random(ROWS) < 0.5).astype(np.float32)
    labels[2:6] = [0, 1, 1, 0]
    name = "fake_negative_weighted"
    record(recorder, name, name, logits, labels, fake_negative_weighted)


def record_all(recorder):
    """Records every case of this file."""
    classification(recorder)
    regression(recorder)
    class_targets(recorder)
    delayed(recorder)
