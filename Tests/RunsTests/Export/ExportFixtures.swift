import Checkpoints
import Foundation
import LanguageModels
import Records
import Runs
import Tokenization
import Torch

/// A folder for one test, removed when it goes out of use.
final class TemporaryExports {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "exports-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  static func / (folder: TemporaryExports, name: String) -> String { folder.path + "/" + name }
}

/// What is in a folder, sorted.
func names(in folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

func json(_ path: String) throws -> JSONValue { try JSONValue(parsing: bytes(path)) }

extension TokenizerDefinition {
  /// Single bytes, a few merges and three special tokens: enough for a folder to be a model's.
  static func small() -> TokenizerDefinition {
    var vocabulary: [String?] = (0x21...0x7E).map { String(UnicodeScalar(UInt8($0))) }
    vocabulary += ["Ġ", "Ċ", "th", "the", "Ġthe"]
    let start = Int32(vocabulary.count)
    let added = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"].enumerated().map {
      AddedToken(id: start + Int32($0), content: $1, special: true)
    }
    return TokenizerDefinition(
      vocabulary: vocabulary, merges: ["t h", "th e", "Ġ the"], addedTokens: added, preTokenizer: .smollm,
      bosID: start + 1, eosID: start + 2, padID: start + 2, stopIDs: [start, start + 2])
  }
}

/// A model on disk with its tokenizer, and what an export of it needs.
struct ExportedModel {
  let location: ModelLocation
  let loader: ModelLoader
  let text: ModelTokenizer

  init(folder: String) throws {
    location = .folder(folder)
    loader = try ModelLoader(huggingFace: folder)
    text = try ModelTokenizer(location)
  }

  init(gguf: String) throws {
    location = .gguf(gguf)
    loader = try ModelLoader(gguf: gguf)
    text = try ModelTokenizer(location)
  }

  /// Puts the small tokenizer into a folder that has none.
  static func addTokenizer(to folder: String) throws {
    let definition = TokenizerDefinition.small()
    let documents = [
      ("tokenizer.json", try definition.tokenizerJSON()),
      ("tokenizer_config.json", definition.tokenizerConfig(chatTemplate: ChatTemplate.chatML, context: 512)),
    ]
    for (name, document) in documents {
      // Not as an export lays it out, so that a copy can be told from a new file.
      try Data(document.serialised(.spaced).utf8).write(to: URL(filePath: folder + "/" + name))
    }
  }

  /// A Hugging Face folder with random weights, made here.
  static func random(_ configuration: ModelConfiguration, in folder: String) throws -> ExportedModel {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let config = configuration.huggingFaceConfig(dtype: "float32", extra: [("layer_norm_note", "kept")])
    try Data(config.serialised().utf8).write(to: URL(filePath: folder + "/config.json"))
    try addTokenizer(to: folder)
    var names: [WeightName] = [.embedding, .finalNorm]
    if !configuration.tiesEmbeddings { names.append(.head) }
    let traits = configuration.architecture.traits
    for layer in 0..<configuration.layers {
      for weight in WeightName.LayerWeight.allCases {
        switch weight {
        case .qBias, .kBias, .vBias: guard traits.hasAttentionBias else { continue }
        case .qNorm, .kNorm: guard traits.hasHeadNorms else { continue }
        default: break
        }
        names.append(.layer(layer, weight))
      }
    }
    var random = SplitMix64(seed: 5)
    let entries = names.map {
      SafetensorsEntry(name: $0.huggingFace, type: .float32, shape: $0.shape(in: configuration))
    }
    try SafetensorsWriter.write(entries, toFolder: folder) { entry, emit in
      let values = (0..<entry.byteCount / 4).map { _ in Float.random(in: -0.3...0.3, using: &random) }
      try values.withUnsafeBytes { try emit($0) }
    }
    return try ExportedModel(folder: folder)
  }

  func export(
    _ decoder: Decoder, adapter: LowRankAdapter?, card: ModelCard = .sample()
  ) -> ModelExport {
    ModelExport(
      configuration: decoder.configuration, weights: decoder.weights, adapter: adapter, location: location,
      text: text, card: card)
  }
}

extension LowRankAdapter {
  /// A float32 adapter whose B is not zero.
  static func random(
    _ plan: LoRAPlan, _ configuration: ModelConfiguration, seed: UInt64, spread: Float
  ) throws -> LowRankAdapter {
    let fresh = try LowRankAdapter(plan, configuration: configuration, seed: seed, dtype: .float32)
    var random = SplitMix64(seed: seed ^ 0xB)
    return try fresh.mapped { name, tensor throws(TorchError) in
      guard name.hasSuffix(".b") else { return tensor }
      let values = (0..<tensor.count).map { _ in Float.random(in: -spread...spread, using: &random) }
      return try Tensor.floats(values, tensor.shape)
    }
  }
}

extension ModelConfiguration {
  static func tiny(_ architecture: Architecture, tied: Bool = true) -> ModelConfiguration {
    ModelConfiguration(
      architecture: architecture, vocabulary: 128, hidden: 32, intermediate: 48, layers: 2, heads: 4,
      kvHeads: 2, headSize: architecture == .qwen3 ? 12 : 8, normEpsilon: 1e-5,
      rotary: RotaryConfiguration(theta: 10_000), tiesEmbeddings: tied, context: 256)
  }
}

extension ModelCard {
  static func sample(comparison: Comparison? = .sample, steps: Int = 40) -> ModelCard {
    var plan = Plan(
      name: "support: \"replies\"",
      data: DataPlan(train: .file("/home/someone/data/tickets.jsonl"), heldOutShare: 0.25),
      grader: ["type": "multi", "name": "helpful", "api_key": "secret"])
    plan.training.steps = 40
    return ModelCard(
      base: BaseModel(name: "org/base-model", license: "apache-2.0", languages: ["en"]), plan: plan,
      steps: steps, comparison: comparison)
  }
}

extension Comparison {
  static let sample: Comparison = {
    func summary(_ version: Int, _ mean: Double) -> EvaluationSummary {
      EvaluationSummary(
        policyVersion: version, examples: 100, failedGrades: 1,
        reward: Interval(mean: mean, low: mean - 0.05, high: mean + 0.05),
        fullMarks: Interval(mean: mean / 2, low: 0, high: 1),
        tokens: Interval(mean: 80, low: 70, high: 90), truncatedShare: 0.015,
        subRewards: [.init("length", mean / 4)])
    }
    return Comparison(
      base: summary(0, 0.4), tuned: summary(40, 0.8), rewardGain: Interval(mean: 0.4, low: 0.3, high: 0.5),
      fullMarksGain: Interval(mean: 0.2, low: 0.1, high: 0.3),
      tokensGain: Interval(mean: 0, low: -2, high: 2), samples: [])
  }()
}
