"""Makes shop.csv beside this file: 1,200 rows of a made-up shop, for the configurations here.

visits.csv has the same rows in the same order, with the items each user had clicked on before, the last one last.

Command: python3 docs/models/tiny/generate.py (standard library only, seed 2026).
"""
import math
import pathlib
import random

random.seed(2026)
rows = ["place,user,item,price,clicked,bought"]
visits = ["place,user,item,price,seen,clicked,bought"]
clicks = {}
for _ in range(1200):
    place = random.choice(["home", "search", "mail"])
    user, item = random.randrange(40), random.randrange(60)
    price = round(math.exp(random.gauss(3, 0.6)), 2)
    taste = (user % 4 == item % 4) + 0.5 * (place == "search") - 0.02 * price
    clicked = int(random.random() < 1 / (1 + math.exp(-2 * taste + 0.3)))
    bought = int(clicked and random.random() < 0.2 + 0.5 * (item % 3 == 0))
    rows.append(f"{place},u{user},i{item},{price},{clicked},{bought}")
    seen = "|".join(clicks.get(user, []))
    visits.append(f"{place},u{user},i{item},{price},{seen},{clicked},{bought}")
    if clicked:
        clicks[user] = [*clicks.get(user, []), f"i{item}"][-10:]
pathlib.Path(__file__).with_name("shop.csv").write_text("\n".join(rows) + "\n")
pathlib.Path(__file__).with_name("visits.csv").write_text("\n".join(visits) + "\n")
