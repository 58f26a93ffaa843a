#!/usr/bin/env bash
# Holds `motet serve` to its OpenAPI document with schemathesis: `make api-check`.
#
# Tiny runs are trained, served without and with a store of features, recommendations, risk, prices, ads, forecasts and admin
# routes, and asked by requests made from the documents, right and wrong ones. It fails on an answer of 500 or above, on a status, type, field or body the document does not say, on a
# wrong request that is taken, and on a method that is not refused.
set -euo pipefail
cd "$(dirname "$0")/.."

examples=${EXAMPLES:-100}
tools=$PWD/.deps/http-tools/bin
[ -x "$tools/schemathesis" ] || { echo "api-check: run scripts/setup.sh first" >&2; exit 1; }
motet=$(swift build -c release --show-bin-path)/motet
place=$(mktemp -d)
server=
end() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || true
    rm -rf "$place"
}
trap end EXIT

# Serves a run and asks it: the name of the run, then options of `motet serve`.
check() {
    local run=$1 log="$place/$1.log" port errors
    shift
    "$motet" serve "$place/$run" --port 0 "$@" 2>"$log" &
    server=$!
    for _ in $(seq 600); do
        grep -q '"message":"ready"' "$log" && break
        kill -0 "$server" 2>/dev/null || { cat "$log" >&2; exit 1; }
        sleep 0.05
    done
    # Its public port, and that of admin routes where it has one.
    for port in $(sed -n 's/.*"message":"listening.*"port":\([0-9]*\).*/\1/p' "$log"); do
        # It leaves files where it runs.
        (cd "$place" && "$tools/schemathesis" run "http://127.0.0.1:$port/openapi.json" \
            --checks not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,negative_data_rejection,unsupported_method \
            --max-examples "$examples" --seed 1 --generation-database none --no-color) || status=$?
    done
    # The server is still the one that was started, and ends as it should.
    kill -TERM "$server"
    wait "$server" || { echo "api-check: the server did not end with 0" >&2; status=1; }
    server=
    # Names of runs that are none are refused, and logged.
    errors=$(grep '"level":"error"' "$log" | grep -v '"message":"model not loaded"') || true
    [ -z "$errors" ] || { head <<<"$errors" >&2; status=1; }
}

status=0
tiny=docs/models/tiny
sed -e "s|files: shop.csv|files: $PWD/$tiny/shop.csv|" -e '/cache:/d' $tiny/mmoe.yaml >"$place/run.yaml"
# The price as the last one that was paid.
{
    cat "$place/run.yaml"
    echo 'online_features:'
    echo '  features: [ { name: price, of: item, type: last, value: price, events: purchase, default: 1 } ]'
} >"$place/online.yaml"
# Every item once, to be recommended; what it costs comes from the store.
tail -n +2 $tiny/shop.csv | cut -d, -f3 | sort -u | sed '1i item' >"$place/items.csv"
cat >"$place/serve.yaml" <<'YAML'
features: { store: state }
recommend:
  catalogue: { files: items.csv, item: item }
  sources: [ { name: popular, feature: price, candidates: 20 } ]
  formula: click^0.7 * purchase
risk:
  store: memory
  currency: EUR
  order:
    task: purchase
    costs: { fraud_fixed: 5, good_share: 0.2, review: 2 }
    rules: [ { orders: { code: fast, of: device, window: 1h, above: 2, weight: 1 } } ]
  review: { task: click, costs: { fraud_fixed: 5, good_fixed: 1, review: 2 } }
ads: { folder: ads, currency: EUR, click: click, conversion: purchase }
admin: { port: 0 }
YAML
sed -e "s|files: shop.csv|files: $PWD/$tiny/shop.csv|" -e '/cache:/d' $tiny/demand.yaml >"$place/demand.yaml"
cat >"$place/price.yaml" <<'YAML'
price:
  store: prices
  task: purchase
  currency: EUR
  objective: revenue
  rules: { floor: 1, ceiling: 200, greatest_change: 0.2, endings: [99, 49] }
  changes: { most: 3, window: 7d }
  never_use: [ user ]
YAML
for run in run online demand; do "$motet" train "$place/$run.yaml" --output "$place/$run" >"$place/train.txt"; done
check run
check online --config "$place/serve.yaml"
check demand --config "$place/price.yaml"
# Forecasts, of the shop of README's tour of decisions.
mkdir "$place/Examples"
cp -r Examples/LiveDecisions "$place/Examples/"
(
    cd "$place"
    shop=data/live_decisions
    "$motet" simulate Examples/LiveDecisions/shop.yaml --output $shop/shop
    "$motet" data panel $shop/shop/item_days.parquet --config Examples/LiveDecisions/panel.yaml --output $shop/panel
    "$motet" train Examples/LiveDecisions/forecast.yaml --output forecast
) >"$place/forecast.txt" 2>&1 || { cat "$place/forecast.txt" >&2; exit 1; }
check forecast --config "$place/Examples/LiveDecisions/forecast-serve.yaml"
exit $status
