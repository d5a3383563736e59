#!/usr/bin/env bash
# A GRPO step of 4 prompts x 8 episodes, at most 64 tokens, LoRA rank 16, bfloat16: Operant and TRL in turn.
# Prints both programs' seconds a step and peak memory. TRL lives in .venv-bench, made on the first call.
set -euo pipefail
cd "$(dirname "$0")/.."

make --silent build >&2
if [ ! -f .venv-bench/.complete ]; then
  python3 -m venv .venv-bench
  .venv-bench/bin/python -m pip install --quiet torch==2.13.0 transformers==5.23.0 peft==0.21.2 trl==1.16.0 \
    gguf==0.19.0 datasets accelerate
  touch .venv-bench/.complete
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
steps=${1:-3}
.build/release/operant data generate support-reply --rows 200 --seed 1 > "$scratch/prompts.jsonl"
for round in 1 2; do
  .build/release/operant train Recipes/support-reply/plan.yaml --runs "$scratch/runs" --json \
    --set sampling.prompts_per_step=4 --set sampling.max_tokens=64 --set training.steps="$steps" \
    --set evaluation.prompts=1 --set evaluation.every=0 --set evaluation.prompts_during=1 > "$scratch/events"
  python3 - "$scratch/events" "$round" <<'PY'
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
steps = [e["timing"] for e in events if e["event"] == "step"]
end = next(e for e in events if e["event"] == "run_ended")
end = end.get("end", end)
print(f"round {sys.argv[2]}  operant  seconds a step", [round(t["sampling"] + t["grading"] + t["updating"], 2) for t in steps],
      f"peak {end['peakMemoryBytes'] / 1e9:.1f} GB")
PY
  .venv-bench/bin/python Benchmarks/trl_step.py .deps/models/smollm2-135m-instruct/model.gguf "$scratch/prompts.jsonl" \
    "$steps" 2> "$scratch/trl.log" | tail -n 1 | python3 -c "
import json, sys
report = json.loads(sys.stdin.read())
print('round $round  trl      seconds a step', [round(s, 2) for s in report['step_seconds']],
      f\"peak {report['peak_memory_bytes'] / 1e9:.1f} GB\")"
done
