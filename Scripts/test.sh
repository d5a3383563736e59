#!/usr/bin/env bash
# Runs the built tests; what failed is said again at the end, where it is not lost among two thousand lines.
#
#   Scripts/test.sh [flags of swift test]      the whole output stays in .build/tests.log
#
# Without flags there are four runs. Swift Testing has as many threads as the machine has processors, tests that compute
# hold them for seconds, and a server inside such a process would keep its clients waiting just as long; so the tests of
# the service's parts have a process of their own, those of the gateway, which watch its time limits, another, and so have
# those that race with a real worker.
set -uo pipefail
cd "$(dirname "$0")/.."

gateway='^GatewayTests\.'
worker='^JobsTests\.RealWorkerTests'
service='^(Service|OpenAIShape|BedrockShape|Inference|Jobs|Store|Cluster)Tests\.'
log=.build/tests.log
: > "$log"
code=0

run() {
  swift test --skip-build "$@" 2>&1 | tee -a "$log"
  local status=${PIPESTATUS[0]}
  [ "$status" -eq 0 ] || code=$status
}

if [ $# -gt 0 ]; then
  run "$@"
else
  run --skip "$service" --skip "$gateway"
  run --filter "$service" --skip "$worker"
  run --filter "$gateway"
  run --filter "$worker"
fi
if [ "$code" -ne 0 ]; then
  printf '\nWhat failed (the whole output is in %s):\n' "$log"
  # Tests by what they recorded; then whatever ended the process itself.
  grep -aE '^✘ Test .*recorded an issue|↳ ' "$log" | cut -c1-400 | head -40
  grep -aiE '(^|[^a-z])(fatal error|exited with unexpected signal|crash)' "$log" | cut -c1-400 | head -5
fi
exit "$code"
