#!/usr/bin/env bash
# Runs schemathesis against a service by its own OpenAPI document: no 5xx, and answers as the document says.
#
#   Scripts/clients/schemathesis.sh URL KEY [examples for each operation]
#
# schemathesis is big and only wanted here, so it has an environment of its own, .venv-schemathesis.
set -euo pipefail
cd "$(dirname "$0")/../.."
url=$1 key=$2 examples=${3:-15}
if [ ! -x .venv-schemathesis/bin/schemathesis ]; then
  python3 -m venv .venv-schemathesis
  .venv-schemathesis/bin/python -m pip install --quiet schemathesis==4.32.5
fi
exec .venv-schemathesis/bin/schemathesis run "$url/openapi.json" --url "$url" -H "Authorization: Bearer $key" \
  -c not_a_server_error -c response_schema_conformance -c content_type_conformance -c status_code_conformance \
  --phases examples,coverage,fuzzing --max-examples "$examples" --request-timeout 30 --continue-on-failure \
  --workers 1 --seed "${SEED:-1}"
