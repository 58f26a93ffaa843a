#!/usr/bin/env bash
# From nothing to a measured multi-task model on real data: `make demo`.
set -euo pipefail
cd "$(dirname "$0")/.."

motet=$(swift build -c release --show-bin-path)/motet
data=data/complete_journey
heading() { printf '\n== %s\n\n' "$1"; }

heading "Data: what households saw promoted in a store, and what they bought"
if [ -f "$data/test.parquet" ]; then
    echo "$data is there already; delete it to prepare it again."
else
    "$motet" data fetch complete_journey --output "$data"
fi

# Runs of an earlier demo are replaced: a demo shows what this build does.
for model in single_task ple; do
    heading "Training: $model (Examples/CompleteJourney/$model.yaml)"
    rm -rf "runs/complete_journey_$model"
    "$motet" train "Examples/CompleteJourney/$model.yaml" --output "runs/complete_journey_$model"
done

heading "The model"
"$motet" inspect runs/complete_journey_ple

heading "Multi-task against single-task: weeks 49-53, never seen, by kind of exposure"
"$motet" evaluate runs/complete_journey_ple --against runs/complete_journey_single_task

cat <<'TEXT'

Next: change Examples/CompleteJourney/ple.yaml (docs/configuration.md) and train it again, or start from your
own files: `motet data describe FILES` drafts an experiment for them (docs/data/your-own.md).
TEXT
