import Checkpoints
import Foundation
import LanguageModels
import Records
import Torch

/// A small model with random weights in a Hugging Face folder that is removed with the object.
final class TinyModel {
  let folder: String
  let configuration: ModelConfiguration

  /// What a test wants wrong with the folder.
  enum Damage {
    case none
    case missing(WeightName)
    case reshaped(WeightName, [Int])
    case integers(WeightName)
  }

  init(_ architecture: Architecture = .llama, tied: Bool = true, damage: Damage = .none) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "operant-tiny-\(UUID().uuidString)").path
    configuration = Self.configuration(architecture, tied: tied)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let config = configuration.huggingFaceConfig(dtype: "float32", extra: [])
    try config.serialised().write(toFile: folder + "/config.json", atomically: true, encoding: .utf8)
    var entries: [SafetensorsEntry] = []
    for name in configuration.weightNames {
      var entry = SafetensorsEntry(
        name: name.huggingFace, type: .float32, shape: name.shape(in: configuration))
      switch damage {
      case .missing(name): continue
      case .reshaped(name, let shape): entry.shape = shape
      case .integers(name): entry.type = .int32
      default: break
      }
      entries.append(entry)
    }
    var random = SplitMix64(seed: 42)
    try SafetensorsWriter.write(entries, toFolder: folder) { entry, emit in
      let isNorm = entry.shape.count == 1 && !entry.name.hasSuffix("bias")
      let spread = entry.shape.count == 1 ? 0.3 : 2 / Float(entry.shape[1]).squareRoot()
      let values = (0..<entry.shape.reduce(1, *)).map { _ in
        (isNorm ? 1 : 0) + spread * Float.random(in: -1.5...1.5, using: &random)
      }
      try values.withUnsafeBytes { try emit($0) }
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// The vocabulary fits the packed head's kernel; the sizes of the heads differ between the families.
  static func configuration(_ architecture: Architecture, tied: Bool) -> ModelConfiguration {
    ModelConfiguration(
      architecture: architecture, vocabulary: 128, hidden: 32, intermediate: 48, layers: 3, heads: 4,
      kvHeads: 2, headSize: architecture == .qwen3 ? 12 : 8, normEpsilon: 1e-5,
      rotary: RotaryConfiguration(theta: 10_000), tiesEmbeddings: tied, context: 512)
  }

  func decoder(_ dtype: DType = .float32) throws -> Decoder {
    try ModelLoader(huggingFace: folder).decoder(dtype, positions: 512)
  }

  /// A text of random ids.
  func text(_ count: Int, seed: UInt64) -> [Int32] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in Int32.random(in: 0..<Int32(configuration.vocabulary), using: &random) }
  }
}

extension ModelConfiguration {
  /// Every weight that a model of this shape has.
  var weightNames: [WeightName] {
    let biases: Set<WeightName.LayerWeight> = [.qBias, .kBias, .vBias]
    let norms: Set<WeightName.LayerWeight> = [.qNorm, .kNorm]
    let layer = WeightName.LayerWeight.allCases.filter { weight in
      (architecture.traits.hasAttentionBias || !biases.contains(weight))
        && (architecture.traits.hasHeadNorms || !norms.contains(weight))
    }
    let all = (0..<layers).flatMap { index in layer.map { WeightName.layer(index, $0) } }
    return [.embedding] + all + [.finalNorm] + (tiesEmbeddings ? [] : [.head])
  }
}
