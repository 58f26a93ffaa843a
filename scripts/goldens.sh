#!/usr/bin/env bash
# Makes the goldens under Tests/Goldens anew, with the programs that lie beside them. They are
# committed: this is only needed to add cases. It needs PyTorch, which `make bench-peers` installs;
# MOTET_PYTHON names another interpreter that has torch and numpy.
# Usage: scripts/goldens.sh [ops] [models] [scenarios] [sequences] [optimizers] [attention] [text] [encoder] [examples] [weighting] [combined] [images]
set -euo pipefail
cd "$(dirname "$0")/.."

python=${MOTET_PYTHON:-.deps/peers/bin/python}
if ! "$python" -c 'import torch, numpy' 2>/dev/null; then
    printf 'goldens: "%s" cannot import torch and numpy; run `make bench-peers` first, or set MOTET_PYTHON.\n' \
        "$python" >&2
    exit 1
fi
[ $# -gt 0 ] || set -- ops models optimizers
for group in "$@"; do
    program=Tests/Goldens/$group/generate.py
    if [ ! -f "$program" ]; then
        printf 'goldens: there is no group "%s"; expected a folder of Tests/Goldens with a generate.py.\n' "$group" >&2
        exit 2
    fi
    printf 'goldens: making %s\n' "$group"
    # One thread and no bytecode files: the same bytes on every run of one machine kind.
    OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1 "$python" -W ignore "$program"
done
