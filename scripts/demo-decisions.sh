#!/usr/bin/env bash
# Every decision of a shop, asked of live servers; the second half of `make demo-live`.
#
#     scripts/demo-decisions.sh
#
# Simulates a shop whose truth is known, trains a model of behaviour, payments and fraud and one of demand, serves both, and asks for
# ads, for what to do with orders, for prices and for forecasts; prints what came of them.
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -eq 0 ] || { echo "demo-decisions: expected no arguments; received $1." >&2; exit 1; }
bin=$(swift build -c release --show-bin-path)
motet=$bin/motet
decisions=$bin/LiveDecisions
example=Examples/LiveDecisions
data=data/live_decisions
heading() { printf '\n== %s\n\n' "$1"; }
there() { # a file that is there when a step is done
    [ -e "$1" ] && echo "$1 is there already; delete it to make it again."
}

heading "A shop whose truth is known ($example/shop.yaml)"
mkdir -p $data
there $data/shop/simulation.json || "$motet" simulate $example/shop.yaml --output $data/shop
there $data/campaigns.yaml || "$decisions" prepare $data

heading "A model of behaviour, payments and fraud ($example/decisions.yaml)"
if ! there runs/decisions/parameters.safetensors; then
    rm -rf runs/decisions
    "$motet" train $example/decisions.yaml --output runs/decisions
fi

heading "A panel of sales, and a model of demand ($example/panel.yaml, $example/forecast.yaml)"
if ! there $data/panel/test.parquet; then
    rm -rf $data/panel
    "$motet" data panel $data/shop/item_days.parquet --config $example/panel.yaml --output $data/panel
fi
if ! there runs/forecast/parameters.safetensors; then
    rm -rf runs/forecast
    "$motet" train $example/forecast.yaml --output runs/forecast
fi

heading "Serving"
# Sales, orders and prices begin anew with each demo.
rm -rf $data/ads $data/risk $data/prices
servers=()
end() {
    for server in "${servers[@]}"; do kill "$server" 2>/dev/null && wait "$server" 2>/dev/null || true; done
}
trap end EXIT
ports=()
for pair in "runs/decisions serve" "runs/forecast forecast-serve"; do
    read -r run config <<<"$pair"
    log=$data/$config.log
    "$motet" serve "$run" --config "$example/$config.yaml" 2>"$log" &
    servers+=($!)
    for _ in $(seq 1200); do
        grep -q '"message":"ready"' "$log" && break
        kill -0 "${servers[-1]}" 2>/dev/null || { cat "$log" >&2; exit 1; }
        sleep 0.05
    done
    port=$(sed -n 's/.*"message":"listening".*"port":\([0-9]*\).*/\1/p' "$log")
    [ -n "$port" ] || { echo "demo-decisions: the server did not get ready; $log tells why." >&2; exit 1; }
    ports+=("$port")
    echo "$run answers at http://127.0.0.1:$port"
done

heading "Decisions"
"$decisions" ask $data --port "${ports[0]}" --forecast-port "${ports[1]}"
