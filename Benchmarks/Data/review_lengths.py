"""Prints how many words the sentences of the product reviews have, one number a line.

Usage: review_lengths.py FOLDER > lengths.txt

The folder has the zip files of the product reviews (Hu and Liu). A sentence is what follows `##` on a
line, or the title behind `[t]`; words are runs of letters, digits and apostrophes, and every other
character but space is one of its own.
"""

import re
import sys
import zipfile
from pathlib import Path

WORD = re.compile(r"[\w']+|[^\w\s]")


def sentences(text):
    """The sentences of one product's file."""
    for line in text.splitlines():
        if line.startswith("[t]"):
            yield line[3:]
        elif "##" in line:
            yield line.split("##", 1)[1]


def main(folder):
    """Reads every text of every archive."""
    for archive in sorted(Path(folder).glob("*.zip")):
        with zipfile.ZipFile(archive) as files:
            for name in sorted(files.namelist()):
                if not name.endswith(".txt") or "readme" in name.lower() or "__MACOSX" in name:
                    continue
                text = files.read(name).decode("latin-1")
                for sentence in sentences(text):
                    count = len(WORD.findall(sentence))
                    if count:
                        print(count)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("review_lengths.py: expected the folder of the product reviews.")
    main(sys.argv[1])
