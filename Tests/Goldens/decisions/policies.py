"""Goldens of the evaluation of policies, by the Open Bandit Pipeline.

Made by generate.py beside this file. obp's plots are not loaded. Writes policies.json: logs of decisions of a softmax policy, with the columns Motet takes, and what obp's estimators make of them.
Standard errors are those of the terms' mean, by numpy; that of the self-normalized estimate, for which obp has none, is
the bootstrap's over 20,000 samples and is compared loosely.
"""

import importlib.util
import json
import sys
import types
from pathlib import Path

import numpy as np

SEED = 7


def estimators():
    """obp's estimators, without the rest of the package, which imports packages for plots."""
    root = Path(importlib.util.find_spec("obp").submodule_search_locations[0])
    for name in ("obp", "obp.ope"):
        package = types.ModuleType(name)
        package.__path__ = [str(root if name == "obp" else root / "ope")]
        sys.modules[name] = package
    return importlib.import_module("obp.ope.estimators")


def softmax(values):
    values = np.exp(values - values.max(axis=1, keepdims=True))
    return values / values.sum(axis=1, keepdims=True)


def log(rng, rows, actions, sharpness):
    """Decisions of a logging policy, and a sharper one to evaluate."""
    taste = rng.normal(size=(rows, actions))
    logging, target = softmax(taste + rng.normal(size=taste.shape)), softmax(sharpness * taste)
    action = np.array([rng.choice(actions, p=p) for p in logging])
    mean = 1 / (1 + np.exp(-taste))
    expected = np.clip(mean + rng.normal(scale=0.1, size=mean.shape), 0, 1)
    reward = (rng.random(rows) < mean[np.arange(rows), action]).astype(float)
    return logging, target, action, reward, expected


def case(ope, rng, rows, actions, sharpness):
    logging, target, action, reward, expected = log(rng, rows, actions, sharpness)
    row = np.arange(rows)
    inputs = dict(
        reward=reward, action=action, pscore=logging[row, action], action_dist=target[:, :, None],
    )
    model = dict(estimated_rewards_by_reg_model=expected[:, :, None])
    weights = target[row, action] / logging[row, action]
    ips = weights * reward
    values = (target * expected).sum(axis=1)
    doubly = values + weights * (reward - expected[row, action])
    samples = rng.integers(rows, size=(20_000, rows)) if rows <= 400 else None
    snips_error = (
        (ips[samples].sum(axis=1) / weights[samples].sum(axis=1)).std() if samples is not None else None
    )
    return {
        "rewards": reward.tolist(), "propensities": logging[row, action].tolist(),
        "targets": target[row, action].tolist(), "ofDecision": expected[row, action].tolist(),
        "ofPolicy": values.tolist(),
        "ips": ope.InverseProbabilityWeighting().estimate_policy_value(**inputs),
        "snips": ope.SelfNormalizedInverseProbabilityWeighting().estimate_policy_value(**inputs),
        "direct": ope.DirectMethod().estimate_policy_value(action_dist=inputs["action_dist"], **model),
        "dr": ope.DoublyRobust().estimate_policy_value(**inputs, **model),
        "ipsError": ips.std(ddof=1) / np.sqrt(rows), "drError": doubly.std(ddof=1) / np.sqrt(rows),
        "directError": values.std(ddof=1) / np.sqrt(rows), "snipsError": snips_error,
    }


def main():
    rng = np.random.default_rng(SEED)
    ope = estimators()
    cases = [case(ope, rng, *shape) for shape in [(40, 3, 1.5), (300, 5, 2.0), (300, 2, 0.0)]]
    golden = {"generator": "Tests/Goldens/decisions/generate.py, obp 0.4.1", "seed": SEED, "cases": cases}
    path = Path(__file__).with_name("policies.json")
    path.write_text(json.dumps(golden, indent=None, separators=(",", ":")) + "\n")
    print(f"{path.name}: {len(cases)} logs, {path.stat().st_size:,} bytes")

