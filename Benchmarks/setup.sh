#!/usr/bin/env bash
# Makes what the peers need: .venv-bench with their pinned packages, and the default model in their formats
# (.deps/bench). Idempotent. A peer that does not build is told of and left out; the benchmark then skips it.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(torch==2.13.0 transformers==5.23.0 peft==0.21.2 trl==1.16.0 gguf==0.19.0 datasets==5.2.0 accelerate==1.15.0)
llama='llama-cpp-python[server]==0.3.36'
gguf=.deps/models/smollm2-135m-instruct/model.gguf

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }

stamp=$(sha256sum "$0" | cut -c1-64)
if [ "$(cat .venv-bench/.complete 2>/dev/null)" != "$stamp" ]; then
  say "making .venv-bench: ${packages[*]}"
  [ -x .venv-bench/bin/python ] || python3 -m venv .venv-bench
  .venv-bench/bin/python -m pip install --quiet "${packages[@]}"
  say "building $llama from its source package (minutes)"
  log=.venv-bench/llama-build.log
  if .venv-bench/bin/python -m pip install --quiet cmake==4.4.4 ninja==1.13.2 &&
    CMAKE_ARGS="-DGGML_NATIVE=ON -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_TOOLS=OFF" \
      PATH="$PWD/.venv-bench/bin:$PATH" .venv-bench/bin/python -m pip install --no-binary llama-cpp-python "$llama" \
      > "$log" 2>&1
  then say "built $llama"; else say "$llama did not build and will be skipped; $log says why"; fi
  echo "$stamp" > .venv-bench/.complete
fi
if [ ! -f .deps/bench/.complete ]; then
  say "writing the model in the peers' formats (bfloat16) to .deps/bench"
  .venv-bench/bin/python Benchmarks/peers/convert.py "$gguf" .deps/bench 2> .venv-bench/convert.log ||
    { tail -n 5 .venv-bench/convert.log >&2; exit 1; }
  touch .deps/bench/.complete
fi
