#!/usr/bin/env bash
# Everything that needs a GPU, in one call: parity with the processor, resume, a recipe from end to end, and measurements
# beside TRL. Needs no network and no Swift; Docs/gpu.md says how to build what it runs.
#
#   Benchmarks/gpu.sh [FOLDER]     results into FOLDER (default: gpu-results): results.jsonl, results.md, logs
#
#   OPERANT_BUILD      where operant, operant-worker and operant-gpu-check lie    (default: .build-cuda/release)
#   OPERANT_TORCH_LIB  folders of libtorch_cuda.so and of CUDA's libraries, with colons (default: python3's torch)
#   OPERANT_MODEL      the recipe's model                                        (default: .deps/models/...)
#   PYTHON             the Python whose torch is used, for libraries and for TRL  (default: python3)
#   OPERANT_PARTS      which of: parity resume recipe limits decode update step trl   (default: all)
set -uo pipefail
cd "$(dirname "$0")/.."

out=${1:-gpu-results}
build=${OPERANT_BUILD:-.build-cuda/release}
python=${PYTHON:-python3}
model=${OPERANT_MODEL:-.deps/models/smollm2-135m-instruct/model.gguf}
parts=" ${OPERANT_PARTS:-parity resume recipe limits decode update step trl} "
mkdir -p "$out"
results=$out/results.jsonl
: > "$results"
failures=0

say() { printf '==> %s\n' "$*" >&2; }
note() { "$python" -c 'import json, sys; print(json.dumps({"what": sys.argv[1], "reason": sys.argv[2]}))' "$1" "$2" >> "$results"; say "$1: $2"; }
wants() { case $parts in *" $1 "*) ;; *) return 1 ;; esac; }
# attempt NAME LIMIT COMMAND...: its lines of JSON go to the results, a failure is written down and does not stop the rest.
attempt() {
  local name=$1 limit=$2 status
  shift 2
  say "$name"
  timeout "$limit" "$@" > "$out/$name.out" 2> "$out/$name.err"
  status=$?
  grep '^{.*"what":' "$out/$name.out" >> "$results"
  if [ $status -ne 0 ]; then
    failures=$((failures + 1))
    note "$name" "ended with status $status: $(tail -n 1 "$out/$name.err" | cut -c1-300)"
  fi
  return $status
}

# ---- the machine ----

for program in operant operant-worker operant-gpu-check; do
  [ -x "$build/$program" ] || { say "there is no $build/$program; see Docs/gpu.md"; exit 2; }
done
if [ -z "${OPERANT_TORCH_LIB:-}" ]; then
  OPERANT_TORCH_LIB=$("$python" - <<'PY'
import glob, os, sys
try:
    import torch
except ImportError:
    sys.exit("this Python has no torch; set OPERANT_TORCH_LIB to folders with libtorch_cuda.so 2.11.0 and CUDA 13's libraries")
if not torch.__version__.startswith("2.11.0"):
    sys.exit(f"this Python's torch is {torch.__version__}; the build is for 2.11.0, whose libraries no other version replaces")
lib = os.path.join(os.path.dirname(torch.__file__), "lib")
nvidia = os.path.join(os.path.dirname(os.path.dirname(torch.__file__)), "nvidia")
print(":".join([lib] + sorted(glob.glob(nvidia + "/*/lib"))))
PY
  ) || exit 2
fi
# A folder for the loader of these programs alone: Python finds its own.
export OPERANT_LIBRARY_PATH="$OPERANT_TORCH_LIB${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
ours() { LD_LIBRARY_PATH=$OPERANT_LIBRARY_PATH "$@"; }
check() { attempt "$1" "$2" env LD_LIBRARY_PATH="$OPERANT_LIBRARY_PATH" "$build/operant-gpu-check" "${@:3}"; }
nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader > "$out/device.txt" 2>&1 ||
  { say "nvidia-smi does not answer: $(tail -n 1 "$out/device.txt")"; exit 2; }
say "$(head -n 1 "$out/device.txt")"

# ---- parity and resume ----

wants parity && check parity 600 parity
wants resume && check resume 300 resume

# A run that is killed without warning after its second step and goes on, against one that is not: the same bits.
train() { ours "$build/operant" train "$@" --runs "$out/runs" --json; }
settings=(--set model.device=cuda --set "model.source=$model" --set training.steps=4 --set evaluation.prompts=8
  --set evaluation.every=0 --set sampling.prompts_per_step=4)
killed_run() {
  local folder plan=Recipes/support-reply/plan.yaml worker
  train "$plan" "${settings[@]}" --set name=whole > "$out/whole.events" || return 1
  # Not through a function: the shell between would be who is asked for its child below.
  env LD_LIBRARY_PATH="$OPERANT_LIBRARY_PATH" "$build/operant" train "$plan" "${settings[@]}" --set name=cut \
    --runs "$out/runs" --json > "$out/cut.events" &
  local command=$!
  for _ in $(seq 600); do
    folder=$(ls -d "$out"/runs/cut* 2> /dev/null | head -n 1)
    if [ -n "$folder" ] && [ "$(wc -l < "$folder/journal.jsonl" 2> /dev/null || echo 0)" -ge 2 ]; then break; fi
    kill -0 $command 2> /dev/null || break
    sleep 0.2
  done
  worker=$(ps -o pid= --ppid $command | head -n 1)
  [ -n "$worker" ] && kill -9 "$worker"
  wait $command
  train --resume "$(basename "$folder")" > "$out/resumed.events" || return 1
  "$python" - "$out/runs" <<'PY'
import glob, hashlib, json, sys
def last(name):
    files = sorted(glob.glob(f"{sys.argv[1]}/{name}*/checkpoints/*/trainer.safetensors"))
    return hashlib.sha256(open(files[-1], "rb").read()).hexdigest(), len(files)
whole, cut = last("whole"), last("cut")
print(json.dumps({"what": "resume after kill -9", "passes": whole[0] == cut[0], "sha256": whole[0]}))
sys.exit(whole[0] != cut[0])
PY
}
if wants resume || wants recipe; then
  if [ ! -e "$model" ]; then
    note recipe "there is no $model; carry it and set OPERANT_MODEL"
  else
    export out build python model OPERANT_LIBRARY_PATH
    export -f killed_run train ours
    declare -p settings > "$out/settings.sh"
    wants resume && attempt killed_run 900 bash -c ". $out/settings.sh; killed_run"
    if wants recipe; then
      started=$(date +%s)
      attempt recipe 1800 env LD_LIBRARY_PATH="$OPERANT_LIBRARY_PATH" "$build/operant" train \
        Recipes/support-reply/plan.yaml --runs "$out/runs" --json --set model.device=cuda --set "model.source=$model" &&
        "$python" - "$out/recipe.out" $(($(date +%s) - started)) >> "$results" <<'PY'
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
end = next(e for e in reversed(events) if e["event"] == "run_ended")
print(json.dumps({"what": "recipe support-reply", "seconds": int(sys.argv[2]), "end": end}))
PY
    fi
  fi
fi

# ---- measurements ----

wants limits && check limits 120 measure limits
if wants decode; then
  check decode 600 measure decode --model qwen2.5-0.5b --rows 512 --prompt 128 --tokens 512
fi
if wants update; then
  check update 600 measure update --model qwen3-0.6b --tokens 16384 --rank 16
fi
for shape in smollm2-135m qwen2.5-0.5b qwen2.5-1.5b; do
  wants step && check "step-$shape" 900 measure step --model $shape --groups 8 --prompt 128 --tokens 512
  if wants trl; then
    if "$python" -c 'import torch, transformers, trl, peft, datasets; assert torch.cuda.is_available()' 2> "$out/trl-missing.txt"; then
      attempt "trl-$shape" 1800 "$python" Benchmarks/trl_gpu.py $shape 8 128 512 2
    else
      note "trl-$shape" "this Python cannot run TRL on CUDA: $(tail -n 1 "$out/trl-missing.txt")"
    fi
  fi
done

# ---- the report ----

"$python" - "$results" "$out/device.txt" > "$out/results.md" <<'PY'
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
print(f"# Measured on {open(sys.argv[2]).readline().strip()}\n")
of = lambda what: [row for row in rows if row["what"] == what]
parity = [row for row in of("parity") if "passes" in row]
if parity:
    print(f"Parity: {sum(row['passes'] for row in parity)} of {len(parity)} checks pass.\n")
    print("| Check | Largest deviation | Allowed | |\n|---|---|---|---|")
    for row in parity:
        print(f"| {row['check']} | {row['deviation']} | {row['tolerance']} | {'passes' if row['passes'] else 'FAILS'} |")
    print()
for what in ("resume", "resume after kill -9"):
    for row in of(what):
        if "passes" in row:
            print(f"{what}: {'the same bits' if row['passes'] else 'FAILS'}.\n")
for row in of("recipe support-reply"):
    print(f"Recipe support-reply: {row['seconds']} s from end to end.\n")
print("| Measured | Figure |\n|---|---|")
for row in of("limits"):
    if "operations_per_second" in row:
        print(f"| Copying | {row['copied_bytes_per_second'] / 1e9:.0f} GB/s |")
        print(f"| Products in bfloat16 | {row['operations_per_second'] / 1e12:.0f} T/s |")
for row in of("decode"):
    if "tokens_per_second" in row:
        print(f"| Decoding, {row['model']}, {row['rows']:.0f} rows | {row['tokens_per_second']:.0f} tokens/s, "
              f"{100 * row['share_of_bandwidth_floor']:.1f}% of the bandwidth floor |")
for row in of("update"):
    if "tokens_per_second" in row:
        print(f"| Update, {row['model']}, LoRA, {row['tokens']:.0f} tokens | {row['tokens_per_second']:.0f} tokens/s, "
              f"{100 * row['share_of_matrix_rate']:.1f}% of the matrix rate |")
peers = {row["model"]: row for row in of("trl_step")}
for row in of("step"):
    if "seconds" not in row:
        continue
    peer = peers.get(row["model"])
    beside = f"; TRL {peer['seconds']:.2f} s: {peer['seconds'] / row['seconds']:.1f} times as fast" if peer else ""
    print(f"| Step, {row['model']}, 8 groups of 8, 512 new tokens | {row['seconds']:.2f} s "
          f"({row['sampling_seconds']:.2f} sampling, {row['updating_seconds']:.2f} updating){beside} |")
reasons = [row for row in rows if "reason" in row]
if reasons:
    print("\nNot measured:\n")
    for row in reasons:
        print(f"- {row['what']}: {row['reason']}")
PY
cat "$out/results.md"
[ $failures -eq 0 ]
