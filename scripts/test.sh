#!/usr/bin/env bash
# Builds and runs every test in release: numeric tests are slow without optimisation.
set -euo pipefail
cd "$(dirname "$0")/.."
swift test -c release -Xswiftc -enable-testing "$@"
