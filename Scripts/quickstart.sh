#!/usr/bin/env bash
# Runs the recipe support-reply, goes on with it if it was cut off, or shows it if it is done.
set -euo pipefail
cd "$(dirname "$0")/.."

operant=.build/release/operant
# The newest run of the recipe and its state; nothing when there is none.
read -r name state < <("$operant" run list --json | python3 -c '
import json, sys
runs = [json.loads(line) for line in sys.stdin if line.strip()]
if len(runs) == 1 and isinstance(runs[0], list):
    runs = runs[0]
runs = [r for r in runs if r["name"].startswith("support-reply-")]
newest = max(runs, key=lambda r: r["created"], default=None)
if newest:
    print(newest["name"], newest["state"])
') || true

case "${state:-none}" in
  none) exec "$operant" train Recipes/support-reply/plan.yaml ;;
  finished)
    echo "The recipe has been run: runs/$name. To run it again: $operant train Recipes/support-reply/plan.yaml"
    exec "$operant" run show "$name" ;;
  *) exec "$operant" train --resume "$name" ;;
esac
