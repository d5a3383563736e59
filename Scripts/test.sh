#!/usr/bin/env bash
# Runs the built tests; what failed is said again at the end, where it is not lost among two thousand lines.
#
#   Scripts/test.sh [flags of swift test]      the whole output stays in .build/tests.log
set -uo pipefail
cd "$(dirname "$0")/.."

log=.build/tests.log
swift test --skip-build "$@" 2>&1 | tee "$log"
code=${PIPESTATUS[0]}
if [ "$code" -ne 0 ]; then
  printf '\nWhat failed (the whole output is in %s):\n' "$log"
  # Tests by what they recorded; then whatever ended the process itself.
  grep -aE '^✘ Test .*recorded an issue|↳ ' "$log" | cut -c1-400 | head -40
  grep -aiE '(^|[^a-z])(fatal error|exited with unexpected signal|crash)' "$log" | cut -c1-400 | head -5
fi
exit "$code"
