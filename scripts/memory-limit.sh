#!/usr/bin/env bash
# Shows that data bigger than memory train: writes a prepared cache, then trains on it in a process
# whose data segment (heap, stacks, private mappings; the kernel's RLIMIT_DATA) may not reach the
# cache's size. As a check of the check, a limit far too low must fail.
#   scripts/memory-limit.sh [ROWS [LIMIT_MB]]
set -euo pipefail
cd "$(dirname "$0")/.."

rows=${1:-8000000}
limit_mb=${2:-384}
bench=$(scripts/bench-build.sh)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

written=$("$bench" write census-mmoe --data "$folder/cache" --rows "$rows")
bytes=$(sed -E 's/.*"bytes":([0-9]+).*/\1/' <<<"$written")
limit_kib=$((limit_mb * 1024))
[ "$bytes" -gt $((2 * limit_kib * 1024)) ] || {
    echo "memory-limit: the cache has $bytes bytes, less than twice the limit; ask for more rows." >&2
    exit 1
}
echo "memory-limit: a cache of $((bytes / 1000000)) MB, trained in $limit_mb MB:"
(ulimit -d "$limit_kib" && "$bench" train census-mmoe --data "$folder/cache" --epochs 1)
if (ulimit -d 8192 && "$bench" train census-mmoe --data "$folder/cache" --epochs 1) >/dev/null 2>&1; then
    echo "memory-limit: training also succeeded with 8 MB, so the limit does not bind here." >&2
    exit 1
fi
echo "memory-limit: with 8 MB it fails, so the limit binds"
