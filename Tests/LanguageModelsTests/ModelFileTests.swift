import Checkpoints
import Foundation
import LanguageModels
import Records
import Testing
import Torch

/// Files that cannot be loaded say which file, which tensor or key, and what was expected.
struct ModelFileTests {
  func expect(
    _ kind: ModelFileError.Kind, file: String, part: String, mentions words: [String],
    location: SourceLocation = #_sourceLocation, _ body: () throws -> Void
  ) {
    let error = #expect(throws: ModelFileError.self, sourceLocation: location, performing: body)
    guard let error else { return }
    #expect(error.kind == kind, sourceLocation: location)
    #expect(error.file.hasPrefix(file), "\(error)", sourceLocation: location)
    #expect(error.part == part, "\(error)", sourceLocation: location)
    for word in words { #expect(error.message.contains(word), "\(error)", sourceLocation: location) }
  }

  @Test(arguments: [
    (Architecture.llama, WeightName.layer(1, .up), "[48, 32]"), (.llama, .embedding, "[128, 32]"),
    (.qwen2, .layer(0, .kBias), "[16]"), (.qwen3, .layer(2, .qNorm), "[12]"), (.qwen3, .finalNorm, "[32]"),
  ])
  func `a missing tensor is named with the shape it should have`(
    family: Architecture, name: WeightName, shape: String
  ) throws {
    let model = try TinyModel(family, damage: .missing(name))
    expect(.missing, file: model.folder, part: name.huggingFace, mentions: [shape, family.rawValue]) {
      _ = try model.decoder()
    }
  }

  @Test func `a head that is not tied must be there`() throws {
    let model = try TinyModel(.llama, tied: false, damage: .missing(.head))
    expect(.missing, file: model.folder, part: "lm_head.weight", mentions: ["[128, 32]"]) {
      _ = try model.decoder()
    }
  }

  @Test(arguments: [
    (WeightName.layer(0, .q), [16, 32]), (.layer(2, .down), [48, 32]), (.finalNorm, [33]),
    (.embedding, [128, 16]),
  ])
  func `a wrong shape is given with the one expected`(name: WeightName, shape: [Int]) throws {
    let model = try TinyModel(damage: .reshaped(name, shape))
    let expected = "\(name.shape(in: model.configuration))"
    expect(.malformed, file: model.folder, part: name.huggingFace, mentions: ["\(shape)", expected]) {
      _ = try model.decoder()
    }
  }

  @Test func `a tensor of whole numbers is not a weight`() throws {
    let name = WeightName.layer(1, .gate)
    let model = try TinyModel(damage: .integers(name))
    expect(.unsupported, file: model.folder, part: name.huggingFace, mentions: ["I32", "BF16"]) {
      _ = try model.decoder()
    }
  }

  @Test func `safetensors cut off anywhere are refused`() throws {
    let model = try TinyModel()
    let path = model.folder + "/model.safetensors"
    let whole = try Data(contentsOf: URL(filePath: path))
    for count in [0, 7, 100, whole.count / 2, whole.count - 1] {
      try whole.prefix(count).write(to: URL(filePath: path))
      let error = #expect(throws: ModelFileError.self, "\(count) bytes") { try model.decoder() }
      #expect(error?.file == path)
    }
  }

  @Test(arguments: [
    ("\"model_type\":\"llama\"", "\"model_type\":\"gpt2\"", "model_type", "gpt2"),
    ("\"hidden_act\":\"silu\"", "\"hidden_act\":\"gelu\"", "hidden_act", "silu"),
    ("\"attention_bias\":false", "\"attention_bias\":true", "attention_bias", "llama"),
    ("\"hidden_size\":32", "\"hidden_size\":\"32\"", "hidden_size", "whole number"),
    ("\"rms_norm_eps\":", "\"other\":", "rms_norm_eps", "missing"),
    ("\"rope_type\":\"default\"", "\"rope_type\":\"yarn\"", "rope_scaling", "yarn"),
  ])
  func `a configuration that cannot be run names its key`(from: String, to: String, key: String, word: String)
    throws
  {
    let model = try TinyModel()
    let path = model.folder + "/config.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains(from))
    try text.replacing(from, with: to).write(toFile: path, atomically: true, encoding: .utf8)
    let error = #expect(throws: ModelFileError.self) { try ModelLoader(huggingFace: model.folder) }
    #expect(error?.kind == .unsupported)
    #expect(error?.file == path)
    #expect(error.map { $0.description.contains(key) && $0.description.contains(word) } == true, "\(error!)")
  }

  @Test func `a configuration that is not JSON, or not there, is an error about that file`() throws {
    let model = try TinyModel()
    let path = model.folder + "/config.json"
    try "{\"model_type\": ".write(toFile: path, atomically: true, encoding: .utf8)
    expect(.malformed, file: path, part: "", mentions: []) { _ = try ModelLoader(huggingFace: model.folder) }
    try FileManager.default.removeItem(atPath: path)
    expect(.inaccessible, file: path, part: "", mentions: []) {
      _ = try ModelLoader(huggingFace: model.folder)
    }
  }

  @Test func `weights survive the way through an exported folder bit for bit`() throws {
    for family in Architecture.allCases {
      for tied in [true, false] {
        let model = try TinyModel(family, tied: tied)
        let loader = try ModelLoader(huggingFace: model.folder)
        #expect(loader.configuration == model.configuration)
        let weights = try loader.weights(.float32)
        #expect((weights.head === weights.embedding) == tied)
        #expect(weights.named.reduce(0) { $0 + $1.tensor.count } == model.configuration.parameterCount)
      }
    }
  }
}
