"""The model of Examples/BehaviorRecommendation with towers by market."""

import numpy as np
import torch
import torch.nn.functional as F

ROWS, USER, ITEM, MARKETS = 24, 11, 10, 4
ATTRIBUTES = {"rows": ROWS, "love_weight": 0.5}


def columns(random):
    """A batch: what is known of users and items, markets, labels; love among what is liked."""
    like = (random.random(ROWS) < 0.7).astype(np.float32)
    love = np.where(like == 1, (random.random(ROWS) < 0.5), -1).astype(np.float32)
    return {
        "user_behavior": random.standard_normal((ROWS, USER)).astype(np.float32),
        "item": random.standard_normal((ROWS, ITEM)).astype(np.float32),
        "scenario": random.integers(0, MARKETS, ROWS).astype(np.int32),
        "label/like": like,
        "label/love_of_liked": love,
    }


def dense(p, name, x, units):
    """A layer with a bias."""
    return x @ p(f"{name}/weight", x.shape[1], units) + p(f"{name}/bias", units)


def forward(p, batch):
    """Logits of both tasks, and the loss."""
    user = torch.relu(dense(p, "dense_1", batch["user_behavior"], 64))
    item = torch.relu(dense(p, "dense_2", batch["item"], 64))
    shared = torch.relu(dense(p, "shared_bottom", torch.cat([user, item], dim=1), 128))
    market = batch["scenario"].long()
    outputs = {}
    for task in ("like", "love"):
        weight = p(f"{task}/dense_1/weight", MARKETS, 128, 1, scale=128**-0.5)
        bias = p(f"{task}/dense_1/bias", MARKETS, 1, scale=0.1)
        own = torch.einsum("bi,biu->bu", shared, weight[market]) + bias[market]
        outputs[task] = own
    liked = batch["label/like"] == 1
    like = F.binary_cross_entropy_with_logits(outputs["like"][:, 0], batch["label/like"])
    love = F.binary_cross_entropy_with_logits(
        outputs["love"][liked, 0], batch["label/love_of_liked"][liked]
    )
    return outputs, like + ATTRIBUTES["love_weight"] * love
