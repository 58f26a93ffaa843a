#!/usr/bin/env bash
# Builds and runs every test in release: numeric tests are slow without optimisation.
set -euo pipefail
cd "$(dirname "$0")/.."
# Idle threads sleep soon, so that the suite also ends in time on a machine with other work.
export GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-1000}
swift test -c release -Xswiftc -enable-testing "$@"
