"""Writes the CSV file whose preparation is measured: 25 columns, 60 MB with the default rows.

Usage: generate_csv.py FILE [--rows 345000] [--seed 2026]

The columns, in this order; the same arguments write the same bytes:

id_0 ... id_9          integers, 20 to 200,000 possible ones. Half of the columns count from 1, the
                       others hold scattered ids of seven to nine digits, as a shop's systems give.
                       Ids are drawn log-uniformly, so that a few are frequent and most are rare.
string_0 ... string_4  texts of 4 to 19 characters, 5 to 20,000 possible ones, drawn the same way.
float_0 ... float_7    prices, counts and shares, never below 0, with 2 to 6 digits after the point;
                       3 % of float_6 and float_7 are missing.
click, purchase        0 or 1; a tenth, and a tenth of these.
"""

import argparse
import math
import random

IDS = [20, 150, 1_000, 5_000, 10_000, 20_000, 40_000, 75_000, 120_000, 200_000]
STRINGS = [5, 40, 300, 3_000, 20_000]
SYLLABLES = ["ba", "co", "di", "fu", "ga", "lo", "mi", "ne", "po", "ra", "se", "tu", "va", "zi"]
BLOCK = 10_000


def scattered(index):
    """An id of at most nine digits for a rank, another for each."""
    return 1_000_003 + index * 7_919 * 619 % 998_000_011


def text(index):
    """A word for a rank, another for each: its digits in base 14 as syllables, and a suffix."""
    word, rest = "", index + 14
    while rest:
        word += SYLLABLES[rest % 14]
        rest //= 14
    return word + ["", " home", "-plus", " fresh food"][index % 4]


def rank(size, uniform):
    """A rank below `size`, log-uniform; `uniform` is in [0, 1)."""
    return int((size + 1) ** uniform) - 1


def columns(draw):
    """A function for each column that makes one value from `draw`, a number in [0, 1) each time."""
    made = {}
    for number, size in enumerate(IDS):
        names = [str(index + 1 if number % 2 == 0 else scattered(index)) for index in range(size)]
        made[f"id_{number}"] = lambda names=names, size=size: names[rank(size, draw())]
    for number, size in enumerate(STRINGS):
        names = [text(index) for index in range(size)]
        made[f"string_{number}"] = lambda names=names, size=size: names[rank(size, draw())]
    made["float_0"] = lambda: f"{draw() * 100:.4f}"
    made["float_1"] = lambda: f"{math.exp(draw() * 8):.2f}"
    made["float_2"] = lambda: f"{draw():.6f}"
    made["float_3"] = lambda: f"{math.exp(draw() * 5) - 1:.3f}"
    made["float_4"] = lambda: f"{draw() * draw() * 1000:.2f}"
    made["float_5"] = lambda: f"{-50 * math.log(1 - draw()):.3f}"
    made["float_6"] = lambda: "" if draw() < 0.03 else f"{draw() + draw() + draw():.5f}"
    made["float_7"] = lambda: "" if draw() < 0.03 else f"{math.exp(draw() * 6):.2f}"
    return made


def rows(count, seed):
    """The lines of the file, without their ends."""
    draw = random.Random(seed).random
    made = columns(draw)
    yield ",".join([*made, "click", "purchase"])
    values = list(made.values())
    for _ in range(count):
        click = draw() < 0.1
        purchase = click and draw() < 0.1
        yield ",".join([value() for value in values]) + f",{int(click)},{int(purchase)}"


def main():
    """Reads the arguments and writes the file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file")
    parser.add_argument("--rows", type=int, default=345_000)
    parser.add_argument("--seed", type=int, default=2026)
    settings = parser.parse_args()
    with open(settings.file, "w", encoding="ascii", newline="\n") as file:
        lines = []
        for line in rows(settings.rows, settings.seed):
            lines.append(line)
            if len(lines) == BLOCK:
                file.write("\n".join(lines) + "\n")
                lines.clear()
        if lines:
            file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
