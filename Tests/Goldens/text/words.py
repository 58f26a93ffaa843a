"""Makes the goldens of words: texts cut at the default word boundaries of Unicode, and classes of characters.

Run from the repository's root: python3 Tests/Goldens/text/words.py. Needs Debian's `unicode-data`, Unicode's own
conformance data, and PyPI `regex`, whose WORD flag implements UAX #29.

`words.json` holds texts with their tokens: the lines of WordBreakTest.txt as they are published, and named texts
cut by `regex` (which has rules of its own for an apostrophe before a vowel, for marks at the beginning of a text
and for single regional indicators: there is none of those among them). A token is a part between boundaries from
its first visible character on; a part without any is left out, as the tokeniser does. `word_classes.json` holds
the ranges of code points of WordBreakProperty.txt with their classes, and those of `Extended_Pictographic`.
"""

import json
import re
import sys
import unicodedata
from pathlib import Path

import regex

HERE = Path(__file__).parent
UNICODE = Path("/usr/share/unicode")
TEXTS = [
    "", " ", "\t\r\n", "The quick brown fox", "can't won't it\u2019s rock'n'roll 'quoted'", "do n't i 'm",
    "touch-pad user-friendliness", "3.5 1,000 1,000.50 $5.99 10% 3.14.15 1.a a.1", "example.com a.b.c",
    "snake_case __init__ a_1", "e-mail: a_b@c.d", "wi-fi/bluetooth", "AT&T R&D", "C++ C# .NET",
    "...!!??", "\u201cquoted\u201d \u2014 dash", "caf\u00e9 cafe\u0301", "na\u00efve fa\u00e7ade", "a\u0300\u0301b x\u0301",
    "Stra\u00dfe \u1e9e", "\u0130stanbul", "\u4e2d\u6587\u76f8\u673a camera", "\u304b\u3089\u30ab\u30e1\u30e9\u3067\u3059",
    "\u30ab\u30e1\u30e9\u30fc\u304c", "\ud55c\uad6d\uc5b4 \uce74\uba54\ub77c", "\u0e01\u0e25\u0e49\u0e2d\u0e07",
    "\u0434\u043e\u043c\u0430 \u043d\u0435-\u0445\u0443\u0434\u043e", "\u05e9\u05dc\u05d5\u05dd \u05e6\u05f4\u05d4\u05dc \u05e6\"\u05d4\u05dc \u05d2\u05f3",
    "\u0645\u0631\u062d\u0628\u0627\u060c 123\u066b45", "\u0939\u093f\u0928\u094d\u0926\u0940", "\U0001f600\U0001f600 \U0001f44d\U0001f3fd",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \u2764\ufe0f", "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7\U0001f1ea",
    "1\ufe0f\u20e3 #\ufe0f\u20e3", "\ufb01re x\u00b2 \u2460 \u2168", "soft\u00adhyphen zero\u200bwidth \ufeffbom", "a\u200db",
    "line\u2028paragraph\u2029next\u0085end", "no\u00a0break nar\u202frow", "\u20ac9,99 \u00a3 100\u00b0C", "3\u00d74 \u00bd",
    "w00t!!! :-) ;) <3", "#hash @user http://t.co/Ab1", "full\uff0ewidth\uff1aA\uff11", "a:b:c 12:30", "O'Neill's", "''''",
    "it''s", "1'000 1'b", "\u00b7dot\u00b7dot", "\u2460x", "a\u0000b\u0007c", "x\u200c\u200dy", "\u0915\u200d\u0937",
]
def is_visible(character):
    """Whether a token may begin with it."""
    category = unicodedata.category(character)
    return not character.isspace() and category[0] not in "MZ" and category not in ("Cc", "Cf")


def tokens(parts):
    """Parts of a text from their first visible character on."""
    starts = [next((i for i, c in enumerate(part) if is_visible(c)), None) for part in parts]
    return [part[start:] for part, start in zip(parts, starts) if start is not None]


def parts_by_regex(text):
    """The parts between boundaries that `regex` finds."""
    ends = [match.start() for match in regex.finditer(r"(?V1w)\b", text)]
    cuts = sorted({0, len(text), *ends})
    return [text[start:end] for start, end in zip(cuts, cuts[1:])]


def published(folder):
    """The parts of each line of the conformance test; U+00F7 is a boundary, U+00D7 is none."""
    for line in (folder / "auxiliary" / "WordBreakTest.txt").read_text().splitlines():
        marks = line.split("#")[0].split()
        if not marks:
            continue
        parts = []
        for mark, code in zip(marks[::2], marks[1::2]):
            if mark == "\u00f7":
                parts.append("")
            parts[-1] += chr(int(code, 16))
        yield parts


def classes(file):
    """The ranges of code points with a class."""
    for line in file.read_text().splitlines():
        found = re.match(r"([0-9A-F]+)(?:\.\.([0-9A-F]+))?\s*; (\w+)", line)
        if found:
            first, last, name = found.groups()
            yield [int(first, 16), int(last or first, 16), name]


def write(name, made):
    """Writes a file of one entry a line."""
    with open(HERE / name, "w") as file:
        json.dump(made, file, indent=0, ensure_ascii=True)
        file.write("\n")


def main(folder):
    """Writes the texts and the classes."""
    cases = [("".join(parts), tokens(parts)) for parts in published(folder)]
    cases += [(text, tokens(parts_by_regex(text))) for text in TEXTS]
    version = (folder / "auxiliary" / "WordBreakTest.txt").read_text().splitlines()[0].lstrip("# ")
    about = {
        "generator": "python3 Tests/Goldens/text/words.py",
        "versions": f"{version}, regex {regex.__version__}",
    }
    write("words.json", about | {"cases": [{"text": text, "tokens": cut} for text, cut in cases]})
    ranges = sorted(classes(folder / "auxiliary" / "WordBreakProperty.txt"))
    emoji = classes(folder / "emoji" / "emoji-data.txt")
    ranges += sorted(entry for entry in emoji if entry[2] == "Extended_Pictographic")
    compact = [f"{first:X} {last:X} {name}" for first, last, name in ranges]
    write("word_classes.json", about | {"ranges": compact})
    print(f"words.json: {len(cases)} cases; word_classes.json: {len(ranges)} ranges")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else UNICODE)
