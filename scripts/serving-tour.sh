#!/usr/bin/env bash
# Runs the commands of README's tours of serving and of decisions as they stand there, and says what each printed: `make tour`.
#
#     scripts/serving-tour.sh [FOLDER]
#
# FOLDER, a new temporary one unless given, gets what the tour makes: data, the run and the store. It fails at the first
# command that fails, and where an answer of the server is an error.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
PATH=$(cd "$root" && swift build -c release --show-bin-path):$PATH
place=${1:-}
if [ -z "$place" ]; then
    place=$(mktemp -d)
    trap 'rm -rf "$place"' EXIT
fi
mkdir -p "$place/Examples"
cp -r "$root/Examples/Simulation" "$root/Examples/OnlineFeatures" "$root/Examples/LiveDecisions" "$place/Examples/"

# Lines of ```console blocks of the sections: those with `$ ` begin a command, those with `> ` continue it.
commands=$(awk '
    /^## /{inside = ($0 == "## A tour of serving" || $0 == "## A tour of decisions")}
    inside && /^```console/{block = 1; next}
    /^```/{block = 0}
    block && sub(/^\$ /, ""){print "echo \"== command $((++step))\""; print; next}
    block && sub(/^> /, ""){print}
' "$root/README.md")
[ -n "$commands" ] || { echo "serving-tour: README.md has no commands in its tours" >&2; exit 1; }
cd "$place"
# As a reader's shell, but ending at the first failure; curl fails at statuses from 400 on.
bash -euo pipefail -c "step=0
curl() { command curl --fail-with-body \"\$@\"; }
trap 'jobs -p | xargs -r kill 2>/dev/null' EXIT
$commands
wait"
