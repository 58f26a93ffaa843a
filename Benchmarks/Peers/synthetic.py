"""Synthetic data with a chosen relatedness of two tasks (Ma et al., KDD 2018, section 3.2).

Usage: synthetic.py [--rows 1000] [--dimension 100] [--terms 5] [--scale 0.3] [--correlation 0.5]
                    [--seed 7]

u1 and u2 are orthogonal unit vectors, w1 = c u1, w2 = c (p u1 + sqrt(1 - p^2) u2); x is standard
normal; y_k = w_k x + sum_i sin(alpha_i w_k x + beta_i) + e_k with e_k normal of variance 0.01.
As in Tang et al., RecSys 2020, alpha_i and beta_i are standard normal.

Every number comes from a named stream of RandomKey(seed), as the first n normals of its generator:
`u1` and `u2` [d] (u2 is made orthogonal to u1, then both are scaled to length 1), `alpha` [m],
`beta` [m], `x` [rows, d] and `noise` [rows, 2], row by row. Prints one line of JSON with the
labels' moments, their correlation and the first rows, to check another generator against.
"""

import argparse
import json

import numpy as np

from random_key import RandomKey

NOISE_DEVIATION = 0.1


def generate(rows, dimension, terms, scale, correlation, seed):
    """Features [rows, d] and labels [rows, 2]."""
    key = RandomKey(seed)
    normals = lambda name, *shape: key.split(name).normals(int(np.prod(shape))).reshape(shape)
    u1, u2 = normals("u1", dimension), normals("u2", dimension)
    u1 /= np.linalg.norm(u1)
    u2 -= (u2 @ u1) * u1
    u2 /= np.linalg.norm(u2)
    second = correlation * u1 + np.sqrt(1 - correlation**2) * u2
    weights = scale * np.stack([u1, second])  # [2, d]
    alpha, beta = normals("alpha", terms), normals("beta", terms)
    features = normals("x", rows, dimension)
    linear = features @ weights.T  # [rows, 2]
    waves = np.sin(linear[..., None] * alpha + beta).sum(axis=-1)
    return features, linear + waves + NOISE_DEVIATION * normals("noise", rows, 2)


def main():
    """Reads the arguments and prints the summary."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--dimension", type=int, default=100)
    parser.add_argument("--terms", type=int, default=5)
    parser.add_argument("--scale", type=float, default=0.3)
    parser.add_argument("--correlation", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=7)
    settings = vars(parser.parse_args())
    features, labels = generate(**settings)
    summary = {
        **settings,
        "label_mean": labels.mean(axis=0).tolist(),
        "label_deviation": labels.std(axis=0).tolist(),
        "label_correlation": float(np.corrcoef(labels.T)[0, 1]),
        "first_features": features[0, :4].tolist(),
        "first_labels": labels[:3].tolist(),
    }
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
