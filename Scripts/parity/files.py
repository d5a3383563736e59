"""Checks the Checkpoints target's files against the reference Python packages.

    files.py gguf FOLDER            writes every.gguf and, for each of its tensors, the floats that gguf-py reads
    files.py safetensors FOLDER     writes every.safetensors with the safetensors package, and a sharded model
    files.py read-safetensors PATH  prints what the safetensors package reads, as JSON
    files.py read-tensorboard PATH  prints what TensorBoard's EventAccumulator reads, as JSON
"""

import json
import pathlib
import sys
import zlib

import numpy as np


def write_gguf(folder):
    import gguf
    import torch
    from gguf import GGMLQuantizationType as Kind
    from gguf import quants

    random = np.random.default_rng(7)
    writer = gguf.GGUFWriter(folder / "every.gguf", "llama")
    writer.add_string("test.text", "grüße, 世界")
    writer.add_uint8("test.u8", 200)
    writer.add_int8("test.i8", -5)
    writer.add_uint64("test.u64", 2**63 + 5)
    writer.add_int64("test.i64", -(2**40))
    writer.add_float32("test.f32", 0.1)
    writer.add_float64("test.f64", 0.1)
    writer.add_bool("test.bool", True)
    writer.add_array("test.texts", ["a", "", "Ġthe"])
    writer.add_array("test.integers", [1, -2, 3])
    writer.add_array("test.floats", [0.5, -1.5])
    expected = {}

    def add(name, raw, kind):
        writer.add_tensor(name, raw, raw_dtype=kind)
        expected[name] = quants.dequantize(raw, kind).astype(np.float32)

    numbers = random.standard_normal((6, 512)).astype(np.float32)
    numbers[0] *= 1e-6
    numbers[1] *= 1e3
    numbers[2, :32] = 0
    for kind in [Kind.F32, Kind.F16, Kind.BF16, Kind.Q8_0, Kind.Q4_0, Kind.Q4_1, Kind.Q5_0, Kind.Q5_1]:
        add(f"random.{kind.name}", quants.quantize(numbers, kind), kind)
    # gguf-py does not quantise to these: any bytes are a valid block as long as the scales are numbers.
    scales = {Kind.Q2_K: (80, 82), Kind.Q3_K: (108,), Kind.Q4_K: (0, 2), Kind.Q5_K: (0, 2), Kind.Q6_K: (208,)}
    for kind, places in scales.items():
        size = gguf.GGML_QUANT_SIZES[kind][1]
        blocks = random.integers(0, 256, (6, 2, size), dtype=np.uint8)
        for place in places:
            scale = (random.standard_normal((6, 2)) * 0.01).astype(np.float16)
            blocks[..., place : place + 2] = scale[..., None].view(np.uint8)
        add(f"random.{kind.name}", blocks.reshape(6, 2 * size), kind)
    every_half = np.arange(65536, dtype=np.uint16).view(np.float16).reshape(64, 1024)
    add("every.F16", every_half, Kind.F16)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    for name, floats in expected.items():
        floats.astype("<f4").tofile(folder / f"{name}.f32")
        halves = torch.from_numpy(floats).to(torch.bfloat16).view(torch.int16)
        halves.numpy().astype("<i2").tofile(folder / f"{name}.bf16")


def write_safetensors(folder):
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(7)
    tensors = {
        "f32": torch.randn(3, 5), "f16": torch.randn(7).half(), "bf16": torch.randn(2, 2, 2).bfloat16(),
        "f64": torch.randn(2).double(), "i64": torch.arange(-3, 3), "i32": torch.arange(4, dtype=torch.int32),
        "i16": torch.arange(3, dtype=torch.int16), "i8": torch.arange(-2, 3, dtype=torch.int8),
        "u8": torch.arange(5, dtype=torch.uint8), "bool": torch.tensor([True, False, True]),
        "scalar": torch.tensor(1.5), "empty": torch.zeros(0, 4),
    }
    save_file(tensors, folder / "every.safetensors", metadata={"format": "pt", "note": "grüße"})
    (folder / "every.json").write_text(json.dumps(listing(folder / "every.safetensors")))
    shards = folder / "sharded"
    shards.mkdir(exist_ok=True)
    names = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    save_file({"a": torch.randn(4, 4)}, shards / names[0], metadata={"format": "pt"})
    save_file({"b": torch.randn(2)}, shards / names[1], metadata={"format": "pt"})
    index = {"metadata": {"total_size": 72}, "weight_map": {"a": names[0], "b": names[1]}}
    (shards / "model.safetensors.index.json").write_text(json.dumps(index))


def listing(path):
    import torch
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        tensors = {}
        for name in file.keys():
            tensor = file.get_tensor(name).contiguous()
            data = tensor.reshape(-1).view(torch.uint8).numpy().tobytes() if tensor.numel() else b""
            tensors[name] = {
                "shape": list(tensor.shape), "dtype": str(tensor.dtype).removeprefix("torch."),
                "crc32": f"{zlib.crc32(data):08x}",
            }
        return {"metadata": file.metadata(), "tensors": tensors}


def read_tensorboard(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    events.Reload()
    tags = events.Tags()["scalars"]
    return {tag: [[e.step, e.value, e.wall_time] for e in events.Scalars(tag)] for tag in tags}


command, place = sys.argv[1], pathlib.Path(sys.argv[2])
if command == "gguf":
    write_gguf(place)
elif command == "safetensors":
    write_safetensors(place)
elif command == "read-safetensors":
    print(json.dumps(listing(place)))
elif command == "read-tensorboard":
    print(json.dumps(read_tensorboard(place)))
else:
    sys.exit(f"unknown command {command}")
