#!/usr/bin/env bash
# Holds `motet serve` to its OpenAPI document with schemathesis: `make api-check`.
#
# A tiny run is trained, served, and asked by requests made from the document, right and wrong ones. It fails on an
# answer of 500 or above, on a status, type, field or body the document does not say, on a wrong request that is taken,
# and on a method that is not refused.
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

"$motet" train docs/models/tiny/mmoe.yaml --output "$place/run" >"$place/train.txt"
"$motet" serve "$place/run" --port 0 2>"$place/log" &
server=$!
for _ in $(seq 600); do
    grep -q '"message":"ready"' "$place/log" && break
    kill -0 "$server" 2>/dev/null || { cat "$place/log" >&2; exit 1; }
    sleep 0.05
done
port=$(sed -n 's/.*"message":"listening".*"port":\([0-9]*\).*/\1/p' "$place/log")

status=0
# It leaves files where it runs.
cd "$place"
"$tools/schemathesis" run "http://127.0.0.1:$port/openapi.json" \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,negative_data_rejection,unsupported_method \
    --max-examples "$examples" --seed 1 --generation-database none --no-color || status=$?
# The server is still the one that was started, and ends as it should.
kill -TERM "$server"
wait "$server" || { echo "api-check: the server did not end with 0" >&2; status=1; }
server=
if grep -q '"level":"error"' "$place/log"; then
    grep '"level":"error"' "$place/log" | head >&2
    status=1
fi
exit $status
