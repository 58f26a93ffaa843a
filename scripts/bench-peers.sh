#!/usr/bin/env bash
# Sets up the other systems that `make bench` compares with, and that make the goldens: PyTorch,
# torch-rechub, TorchJD, pyarrow, scikit-learn, LightGBM and TensorBoard in a virtual environment under .deps/peers, which
# git ignores. It takes about 5.8 GB, so nothing else calls it. Running it again does nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

peers=.deps/peers
requirements=Benchmarks/Peers/requirements.txt
gigabytes=6
needed_kib=$((8 * 1024 * 1024)) # the packages, and pip's temporary files

say() { printf 'bench-peers: %s\n' "$1"; }
fail() { printf 'bench-peers: %s\n' "$1" >&2; exit 1; }

# Runs a command quietly, and shows its output with one sentence if it fails.
step() { # sentence, command...
    local what=$1 log
    shift
    log=$(mktemp)
    say "$what"
    if ! "$@" >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        rm -f "$log"
        fail "this step failed: $what. Its output is above; mend what it names and run 'make bench-peers' again."
    fi
    rm -f "$log"
}

if [ -f "$peers/.complete" ] && cmp -s "$requirements" "$peers/.complete"; then
    say "the peers are ready in $peers"
    exit 0
fi

command -v python3 >/dev/null 2>&1 || fail "'python3' was not found; install Python 3.11 or later and run this again."
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Python $(python3 -V | cut -d' ' -f2) is too old for the pinned packages; install Python 3.11 or later."
mkdir -p .deps
free_kib=$(df -Pk .deps | awk 'NR == 2 { print $4 }')
[ "$free_kib" -ge "$needed_kib" ] ||
    fail "$((free_kib / 1024 / 1024)) GB are free where .deps lies; the peers need 8 GB while they install. Make room and run this again."

rm -f "$peers/.complete"
step "making a virtual environment in $peers" python3 -m venv "$peers"
step "installing the peers (about $gigabytes GB, several minutes): $(grep -v '^#' "$requirements" | tr '\n' ' ')" \
    "$peers/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir -r "$requirements"
step "checking that they import" \
    "$peers/bin/python" -W ignore -c 'import torch, torch_rechub, pyarrow.csv, sklearn, lightgbm'
cp "$requirements" "$peers/.complete"
say "the peers are ready in $peers ($(du -sh "$peers" | cut -f1))"
