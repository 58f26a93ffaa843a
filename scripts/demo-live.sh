#!/usr/bin/env bash
# From nothing to a server under live traffic: `make demo-live`.
#
#     scripts/demo-live.sh [--keep] [--day YYYY-MM-DD] [--hours N] [--seconds N] [--from FOLDER]
#
# Trains a model with online features on the Complete Journey's purchases (or takes the run that is there), serves it with a
# store, replays a day of the log as events and requests, and prints hit rates, latencies and the console's address. With
# --keep the server goes on afterwards, until Ctrl-C.
set -euo pipefail
cd "$(dirname "$0")/.."

keep=
replay=()
from=()
while [ $# -gt 0 ]; do
    case $1 in
        --keep) keep=yes ;;
        --day | --hours | --seconds | --from)
            [ $# -gt 1 ] || { echo "demo-live: $1: a value is missing." >&2; exit 1; }
            if [ "$1" = --from ]; then from=(--from "$2"); else replay+=("$1" "$2"); fi
            shift
            ;;
        *) echo "demo-live: expected --keep, --day, --hours, --seconds or --from; received $1." >&2; exit 1 ;;
    esac
    shift
done

bin=$(swift build -c release --show-bin-path)
motet=$bin/motet
live=$bin/LiveJourney
example=Examples/LiveJourney
data=data/live_journey
run=runs/live_journey
heading() { printf '\n== %s\n\n' "$1"; }

heading "Purchases, and rows a model learns from"
if [ -f $data/rows/validation.parquet ]; then
    echo "$data is there already; delete it to prepare it again."
else
    "$live" prepare "${from[@]}" --output $data
fi

heading "Online features of the rows, as a server would have had them ($example/features.yaml)"
if [ -f $data/columns/validation.parquet ]; then
    echo "$data/columns is there already."
else
    "$motet" data features $example/features.yaml --rows $data/rows/train.parquet \
        --rows $data/rows/validation.parquet --output $data/columns
fi

heading "Training ($example/mmoe.yaml)"
if [ -f $run/parameters.safetensors ]; then
    echo "$run is there already; delete it to train it again."
else
    # What a training that was cut off left is of no use here.
    rm -rf $run
    "$motet" train $example/mmoe.yaml --output $run
fi

heading "What is bought together"
if [ -f $data/together.parquet ]; then
    echo "$data/together.parquet is there already."
else
    "$motet" data together $data/baskets.parquet --basket basket --item item --output $data/together.parquet
fi

heading "Serving"
# A replay begins with an empty store: the same events again would be duplicates.
rm -rf $data/state
log=$data/server.log
"$motet" serve $run --config $example/serve.yaml 2>$log &
server=$!
end() { [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || true; }
trap end EXIT
for _ in $(seq 1200); do
    grep -q '"message":"ready"' $log && break
    kill -0 "$server" 2>/dev/null || { cat $log >&2; server=; exit 1; }
    sleep 0.05
done
port_of() { sed -n 's/.*"message":"'"$1"'".*"port":\([0-9]*\).*/\1/p' $log; }
port=$(port_of listening)
console=http://127.0.0.1:$(port_of "listening for admin routes")/console
[ -n "$port" ] || { echo "demo-live: the server did not get ready; $log tells why." >&2; exit 1; }
echo "http://127.0.0.1:$port answers; the console is $console"

heading "Replay"
"$live" replay --port "$port" "${from[@]}" "${replay[@]}"

if [ -n "$keep" ]; then
    printf '\nThe console is %s; Ctrl-C ends the server.\n' "$console"
    wait "$server" || true
    server=
else
    printf '\nThe console was %s; with --keep the server goes on.\n' "$console"
fi
