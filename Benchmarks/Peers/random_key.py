"""RandomKey of MotetCore in Python, so that peers split rows and draw numbers as we do."""

import math

import numpy as np

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def mix(bits):
    """The finaliser of SplitMix64."""
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & MASK
    return bits ^ (bits >> 31)


class RandomKey:
    """A key of a stream of random numbers."""

    def __init__(self, seed=None, value=None):
        self.value = mix((seed + GOLDEN) & MASK) if value is None else value

    def split(self, name):
        """An independent key for a name or a number."""
        if isinstance(name, int):
            salted = mix((name & MASK) ^ 0xD1B54A32D192ED03)
            return RandomKey(value=mix((self.value + salted) & MASK))
        digest = 0xCBF29CE484222325
        for byte in name.encode():
            digest = ((digest ^ byte) * 0x100000001B3) & MASK
        return RandomKey(value=mix(self.value ^ mix(digest)))

    def bits(self, index):
        """The index-th number of the stream."""
        return mix((self.value + index * GOLDEN) & MASK)

    def uniforms(self, count):
        """The first `count` numbers as uniforms in [0, 1), from their top 53 bits."""
        with np.errstate(over="ignore"):
            bits = np.uint64(self.value) + np.arange(count, dtype=np.uint64) * np.uint64(GOLDEN)
            bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        bits ^= bits >> np.uint64(31)
        return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def normals(self, count):
        """The first `count` standard normal numbers of the generator (Box and Muller)."""
        uniforms = self.uniforms(2 * count)
        radius = np.sqrt(-2 * np.log(1 - uniforms[0::2]))
        return radius * np.cos(2 * math.pi * uniforms[1::2])
