#!/usr/bin/env bash
# Runs the workload `encode-minilm`, ours and PyTorch's (and ONNX Runtime's where the peers have it) in one run.
# It needs the encoder: `motet data fetch minilm_encoder --output data/minilm_encoder`, or MOTET_ENCODER.
# Usage: scripts/bench-encode.sh BENCH, the path scripts/bench-build.sh prints
set -euo pipefail
cd "$(dirname "$0")/.."

bench=${1:?"the path of motet-bench, as scripts/bench-build.sh prints it"}
encoder=${MOTET_ENCODER:-data/minilm_encoder}
peers=${MOTET_PEERS:-.deps/peers}
seconds=${SECONDS_EACH:-12}
if [ ! -f "$encoder/model.safetensors" ]; then
    echo "encode-minilm: no encoder in $encoder; fetch it: motet data fetch minilm_encoder --output $encoder" >&2
    exit 0
fi
ids=$(mktemp)
trap 'rm -f "$ids"' EXIT
"$bench" encode "$encoder" --seconds "$seconds" --ids "$ids"
if [ -x "$peers/bin/python" ]; then
    "$peers/bin/python" -W ignore Benchmarks/Peers/encoder_peer.py "$encoder" "$ids" --seconds "$seconds"
fi
