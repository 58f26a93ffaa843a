#!/usr/bin/env bash
# Runs the benchmarks, ours and, where `make bench-peers` set them up, the peers' in the same run;
# prints the ratios, and writes everything with the machine's own limits to
# Benchmarks/.build/results.json.
#   make bench                       all workloads
#   make bench WORKLOAD=aliccp-ple   one: census-mmoe, aliccp-mmoe-small, aliccp-mmoe, aliccp-ple,
#                                    aggregation, conv-detect, lstm-tagger, sequences,
#                                    serve-500-engine, csv, encode-minilm
#   SECONDS_EACH=20 make bench       longer measurements of the peers (default 12)
# MOTET_PEERS names another folder of the peers than .deps/peers.
set -euo pipefail
cd "$(dirname "$0")/.."

only=${WORKLOAD:-}
seconds=${SECONDS_EACH:-12}
peers=${MOTET_PEERS:-.deps/peers}
known="census-mmoe aliccp-mmoe-small aliccp-mmoe aliccp-ple aggregation conv-detect lstm-tagger sequences serve-500-engine csv encode-minilm"
if [ -n "$only" ] && ! [[ " $known " == *" $only "* ]]; then
    echo "bench: WORKLOAD names no workload; expected one of $known; received $only." >&2
    exit 1
fi
bench=$(scripts/bench-build.sh)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
lines=$scratch/results.jsonl

has_peers=no
[ -x "$peers/bin/python" ] && has_peers=yes
[ "$has_peers" = yes ] || echo "bench: the peers are not set up in $peers, so there are no ratios; 'make bench-peers' installs them (6 GB)." >&2

# Adds a program's line of JSON to the results.
record() {
    echo "bench: $*" >&2
    "$@" >>"$lines"
}
peer() {
    [ "$has_peers" = yes ] || return 0
    local program=$1
    shift
    record env PYTHONDONTWRITEBYTECODE=1 "$peers/bin/python" -W ignore "Benchmarks/Peers/$program" "$@"
}
wants() { [ -z "$only" ] || [ "$only" = "$1" ]; }

record "$bench" limits
for workload in census-mmoe aliccp-mmoe-small aliccp-mmoe aliccp-ple; do
    wants "$workload" || continue
    record "$bench" train "$workload"
    record "$bench" step "$workload"
    if [ "$workload" = aliccp-mmoe-small ]; then
        record "$bench" train "$workload" --dense-tables
        record "$bench" step "$workload" --dense-tables
    fi
    peer peer.py "$workload" --seconds "$seconds"
    peer peer.py "$workload" --seconds "$seconds" --without-normalization
done
if wants aggregation; then
    record "$bench" aggregation aliccp-mmoe-small
    peer aggregation.py
fi
if wants conv-detect; then
    record "$bench" step conv-detect
    peer conv_detect.py --seconds "$seconds"
fi
if wants lstm-tagger; then
    record "$bench" step lstm-tagger
    peer lstm_tagger.py --seconds "$seconds"
fi
if wants sequences; then
    record "$bench" sequences
fi
if wants serve-500-engine; then
    record "$bench" serve
    if [ "$has_peers" = yes ] && "$peers/bin/python" -c "import onnx, onnxruntime" 2>/dev/null; then
        peer serve.py --seconds "$seconds"
    fi
fi
if wants csv && [ ! -f Benchmarks/Data/generate_csv.py ]; then
    echo "bench: Benchmarks/Data/generate_csv.py is not there, so preparing CSV is not measured." >&2
elif wants csv; then
    echo "bench: writing the CSV file" >&2
    python3 Benchmarks/Data/generate_csv.py "$scratch/rows.csv"
    record "$bench" prepare "$scratch/rows.csv"
    peer csv_read.py "$scratch/rows.csv"
fi
if wants encode-minilm; then
    record scripts/bench-encode.sh "$bench"
fi
python3 Benchmarks/Tools/report.py "$lines" Benchmarks/.build/results.json
