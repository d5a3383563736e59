import Checkpoints
import Foundation
import LanguageModels
import Records
import Testing
import Tokenization
import Torch

@testable import Runs

/// Names, shapes and numbers of exported files, and what becomes of a destination, without Python.
struct ExportFolderTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var architecture: Architecture
    var tied: Bool
    var testDescription: String { "\(architecture.rawValue), \(tied ? "tied" : "untied")" }
  }
  static let cases = Architecture.allCases.flatMap {
    [Case(architecture: $0, tied: true), Case(architecture: $0, tied: false)]
  }
  static let ids: [Int32] = (0..<60).map { Int32($0 * 37 % 101) }

  func largest(_ a: [Float], _ b: [Float]) throws -> Float {
    try #require(a.count == b.count)
    return zip(a, b).map { abs($0 - $1) }.max() ?? 0
  }

  @Test(arguments: cases)
  func `a merged model read back scores as base and adapter do`(_ given: Case) throws {
    let folder = try TemporaryExports()
    let model = try ExportedModel.random(.tiny(given.architecture, tied: given.tied), in: folder / "base")
    var decoder = try model.loader.decoder(.float32, positions: 64)
    let before = try decoder.weights.named.map { try $0.tensor.floats() }
    let plain = try decoder.score(Self.ids)
    let adapter = try LowRankAdapter.random(
      LoRAPlan(rank: 3, alpha: 6), decoder.configuration, seed: 1, spread: 0.3)
    try decoder.adopt(adapter)
    let expected = try decoder.score(Self.ids)
    #expect(try largest(plain, expected) > 0.05)

    try model.export(decoder, adapter: adapter).merged(to: folder / "out", dtype: .float32)
    let loader = try ModelLoader(huggingFace: folder / "out")
    #expect(loader.configuration == model.loader.configuration)
    #expect(try largest(loader.decoder(.float32, positions: 64).score(Self.ids), expected) < 1e-5)
    #expect(try decoder.weights.named.map { try $0.tensor.floats() } == before, "the base was changed")

    let names = Set(try SafetensorsFolder(path: folder / "out").names)
    #expect(names == Set(try SafetensorsFolder(path: folder / "base").names))
    #expect(names.contains("lm_head.weight") == !given.tied)
  }

  @Test func `without an adapter the weights are written as they are, rounded once`() throws {
    let folder = try TemporaryExports()
    let model = try ExportedModel.random(.tiny(.qwen2), in: folder / "base")
    let decoder = try model.loader.decoder(.float32, positions: 64)
    let export = model.export(decoder, adapter: nil)
    try export.merged(to: folder / "whole", dtype: .float32)
    try export.merged(to: folder / "half", dtype: .bfloat16)
    let base = try SafetensorsFolder(path: folder / "base")
    let whole = try SafetensorsFolder(path: folder / "whole")
    let half = try SafetensorsFolder(path: folder / "half")
    for name in base.names {
      let original = try base.withBytes(of: base.tensor(name)) { Array($0.bindMemory(to: Float.self)) }
      #expect(
        try whole.withBytes(of: whole.tensor(name)) { Array($0.bindMemory(to: Float.self)) } == original)
      let rounded = try half.withBytes(of: half.tensor(name)) { Array($0.bindMemory(to: UInt16.self)) }
      #expect(try half.tensor(name).type == .bfloat16)
      for (a, b) in zip(original, rounded) {
        // To nearest, ties to even, in the upper half of the bits.
        let bits = a.bitPattern
        #expect(b == UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16))
      }
    }
    #expect(try json(folder / "half/config.json")["dtype"] == "bfloat16")
  }

  @Test func `large models are written in shards that are read back whole`() throws {
    let folder = try TemporaryExports()
    let model = try ExportedModel.random(.tiny(.llama), in: folder / "base")
    let decoder = try model.loader.decoder(.float32, positions: 64)
    try model.export(decoder, adapter: nil).merged(to: folder / "out", dtype: .float32, shardBytes: 20_000)
    let files = try names(in: folder / "out")
    #expect(files.filter { $0.hasSuffix(".safetensors") }.count > 1)
    #expect(files.contains("model.safetensors.index.json") && !files.contains("model.safetensors"))
    let again = try ModelLoader(huggingFace: folder / "out").decoder(.float32, positions: 64)
    #expect(try again.score(Self.ids) == decoder.score(Self.ids))
  }

  @Test func `an adapter has PEFT's names, shapes and configuration`() throws {
    let folder = try TemporaryExports()
    let model = try ExportedModel.random(.tiny(.llama), in: folder / "base")
    let decoder = try model.loader.decoder(.float32, positions: 64)
    let plan = LoRAPlan(rank: 3, alpha: 4.5, targets: [.v, .q, .down])
    let adapter = try LowRankAdapter.random(plan, decoder.configuration, seed: 1, spread: 0.3)
    try model.export(decoder, adapter: adapter).peft(to: folder / "new/out")
    #expect(
      try names(in: folder / "new/out") == ["README.md", "adapter_config.json", "adapter_model.safetensors"])
    let file = try SafetensorsFile(path: folder / "new/out/adapter_model.safetensors")
    var expected: [String: [Int]] = [:]
    for layer in 0..<2 {
      let prefix = "base_model.model.model.layers.\(layer)."
      for (module, inputs, outputs) in [
        ("self_attn.q_proj", 32, 32), ("self_attn.v_proj", 32, 16), ("mlp.down_proj", 48, 32),
      ] {
        expected[prefix + module + ".lora_A.weight"] = [3, inputs]
        expected[prefix + module + ".lora_B.weight"] = [outputs, 3]
      }
    }
    #expect(file.tensors.mapValues(\.shape) == expected)
    #expect(file.tensors.values.allSatisfy { $0.type == .float32 })
    #expect(file.metadata == ["format": "pt"])
    for part in try adapter.parts() where part.target == .v {
      let tensor = try file.tensor(
        "base_model.model.model.layers.\(part.layer).self_attn.v_proj.lora_B.weight")
      #expect(file.withBytes(of: tensor) { Array($0.bindMemory(to: Float.self)) } == (try part.b.floats()))
    }
    let config = try json(folder / "new/out/adapter_config.json")
    #expect(config["peft_type"] == "LORA" && config["task_type"] == "CAUSAL_LM")
    #expect(config["r"] == 3 && config["lora_alpha"] == 4.5)
    #expect(config["target_modules"] == ["q_proj", "v_proj", "down_proj"])
    #expect(config["base_model_name_or_path"] == "org/base-model")
  }

  @Test func `a folder's own tokenizer, terms and settings go along`() throws {
    let folder = try TemporaryExports()
    let model = try ExportedModel.random(.tiny(.llama), in: folder / "base")
    for (name, text) in [
      ("LICENSE", "terms"), ("NOTICE.txt", "notice"), ("chat_template.jinja", ChatTemplate.chatML + "\n"),
      ("training_args.bin", "not ours"),
      (
        "generation_config.json",
        #"{"eos_token_id": 7, "top_p": 0.8, "transformers_version": "4.51.0"}"#
      ),
    ] {
      try Data(text.utf8).write(to: URL(filePath: folder / "base/\(name)"))
    }
    let decoder = try model.loader.decoder(.float32, positions: 64)
    try ExportedModel(folder: folder / "base").export(decoder, adapter: nil)
      .merged(to: folder / "out", dtype: .float32)
    for name in ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "LICENSE", "NOTICE.txt"] {
      #expect(try bytes(folder / "out/\(name)") == bytes(folder / "base/\(name)"), "\(name)")
    }
    #expect(try !names(in: folder / "out").contains("training_args.bin"))
    let config = try json(folder / "out/config.json")
    #expect(config["layer_norm_note"] == "kept")
    let generation = try json(folder / "out/generation_config.json")
    #expect(generation["top_p"] == 0.8 && generation["transformers_version"] == nil)
    let stops = Set(try #require(generation["eos_token_id"]?.array).compactMap(\.integer))
    #expect(stops == Set([7] + TokenizerDefinition.small().stopIDs.map(Int.init)))
  }

  @Test func `a destination that is taken stays as it is`() throws {
    let folder = try TemporaryExports()
    let model = try ExportedModel.random(.tiny(.llama), in: folder / "base")
    let export = model.export(try model.loader.decoder(.float32, positions: 8), adapter: nil)
    try FileManager.default.createDirectory(atPath: folder / "full", withIntermediateDirectories: true)
    try Data("mine".utf8).write(to: URL(filePath: folder / "full/notes.txt"))
    let before = try names(in: folder.path)
    for (taken, words) in [("full", "not empty"), ("full/notes.txt", "a file of this name")] {
      let error = #expect(throws: StorageError.self) {
        try export.merged(to: folder / taken, dtype: .float32)
      }
      #expect(error?.kind == .exists && error?.description.contains(words) == true)
    }
    #expect(try names(in: folder.path) == before && names(in: folder / "full") == ["notes.txt"])

    try FileManager.default.createDirectory(atPath: folder / "empty", withIntermediateDirectories: true)
    try export.merged(to: folder / "empty/", dtype: .float32)
    #expect(try names(in: folder / "empty").contains("model.safetensors"))
  }

  @Test func `an export that fails leaves nothing behind`() throws {
    let folder = try TemporaryExports()
    let model = try ExportedModel.random(.tiny(.llama), in: folder / "base")
    let decoder = try model.loader.decoder(.float32, positions: 8)
    try decoder.weights.layers[1].down.withBytes { $0.bindMemory(to: Float.self)[5] = .nan }
    let error = #expect(throws: ExportError.self) {
      try model.export(decoder, adapter: nil).merged(to: folder / "out", dtype: .bfloat16)
    }
    #expect(error == .notFinite(tensor: "model.layers.1.mlp.down_proj.weight"))
    #expect(throws: ExportError.noAdapter) {
      try model.export(decoder, adapter: nil).peft(to: folder / "out")
    }
    #expect(try names(in: folder.path) == ["base"])
  }

  @Test(arguments: [8.0, 32.0])
  func `the rope divisors of a GGUF file are named by Llama 3's formula`(factor: Double) throws {
    let scaling = RotaryConfiguration(
      theta: 500_000,
      scaling: .llama3(factor: factor, lowFrequency: 1, highFrequency: 4, originalContext: 8192))
    let plain = RotaryConfiguration(theta: 500_000).frequencies(headSize: 64)
    let divisors = zip(plain, scaling.frequencies(headSize: 64)).map { $0 / $1 }
    let file = RotaryConfiguration(theta: 500_000, scaling: .divisors(divisors))
    #expect(try file.named(headSize: 64, file: "m.gguf") == scaling)
    for wrong in [divisors.map { $0 + 0.01 }, Array(divisors.dropLast())] {
      #expect(throws: ExportError.unknownRopeScaling(file: "m.gguf")) {
        try RotaryConfiguration(theta: 500_000, scaling: .divisors(wrong)).named(headSize: 64, file: "m.gguf")
      }
    }
  }
}
