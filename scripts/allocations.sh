#!/usr/bin/env bash
# Counts the heap allocations of training steps after warm-up: motet-bench runs under a counting
# library for N and for 2N steps of each workload, and fails when our own code allocated any.
#   scripts/allocations.sh [WORKLOAD...]
set -euo pipefail
cd "$(dirname "$0")/.."

workloads=("$@")
[ ${#workloads[@]} -gt 0 ] || workloads=(census-mmoe aliccp-mmoe-small aliccp-mmoe aliccp-ple)
command -v cc >/dev/null 2>&1 || { echo "allocations: 'cc' was not found; install a C compiler." >&2; exit 1; }
bench=$(scripts/bench-build.sh)
counter=Benchmarks/.build/count_allocations.so
cc -O2 -fPIC -shared -o "$counter" Benchmarks/Tools/count_allocations.c -ldl

failed=0
for workload in "${workloads[@]}"; do
    for steps in 50 100; do
        result=$(LD_PRELOAD="$PWD/$counter" "$bench" allocations "$workload" --steps "$steps")
        printf '%s\n' "$result"
        case $result in *'"own_allocations":0,'*) ;; *) failed=1 ;; esac
    done
done
[ "$failed" -eq 0 ] || { echo "allocations: our code allocated during steps; MOTET_ALLOCATIONS_TRACE=5 shows where." >&2; exit 1; }
