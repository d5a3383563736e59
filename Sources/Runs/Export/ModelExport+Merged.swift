internal import Checkpoints
internal import Foundation
internal import LanguageModels
package import Records
internal import Tokenization
internal import Torch

extension ModelExport {
  /// Writes a Hugging Face folder: the weights with the adapter added in float32 and rounded to `dtype`,
  /// configuration for transformers 4 and 5, tokenizer, template and a model card.
  ///
  /// The folder appears when it is complete. Throws `ExportError`, `StorageError` when the destination is taken
  /// or cannot be written, `TokenizerError` for a vocabulary that `tokenizer.json` cannot express.
  package func merged(to destination: String, dtype: ComputeType) throws {
    try merged(to: destination, dtype: dtype, shardBytes: 5_000_000_000)
  }

  /// As above, with weights in files of at most `shardBytes`.
  func merged(to destination: String, dtype: ComputeType, shardBytes: Int) throws {
    let config = try modelConfig(dtype)
    try ExportFolder.write(to: destination) { folder in
      try writeText(to: folder)
      try Self.write(config, to: folder + "/config.json")
      try Self.write(try generationConfig(), to: folder + "/generation_config.json")
      try Self.write(card.text(.merged), to: folder + "/README.md")
      try writeWeights(to: folder, dtype: dtype, shardBytes: shardBytes)
    }
  }

  private func writeWeights(to folder: String, dtype: ComputeType, shardBytes: Int) throws {
    let all = try mergedWeights()
    let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name.huggingFace, $0) })
    let type: SafetensorsType = dtype == .bfloat16 ? .bfloat16 : .float32
    let entries = all.map {
      SafetensorsEntry(name: $0.name.huggingFace, type: type, shape: $0.name.shape(in: configuration))
    }
    try SafetensorsWriter.write(entries, toFolder: folder, shardBytes: shardBytes) { entry, emit in
      guard let weight = byName[entry.name] else { preconditionFailure("an entry without a weight") }
      try weight.emit(as: dtype.tensorType, emit)
    }
  }

  /// Members of a base's `config.json` that are not the tuned model's.
  private static let droppedFromConfig = [
    "_name_or_path", "transformers_version", "quantization_config", "auto_map",
  ]

  /// The base folder's own `config.json`, brought up to date; from a GGUF file, one made anew.
  private func modelConfig(_ dtype: ComputeType) throws -> JSONValue {
    var model = configuration
    // GGUF has it as a float: the shortest number that is this float is the one that was meant.
    model.normEpsilon = Double("\(Float(model.normEpsilon))") ?? model.normEpsilon
    model.rotary = try model.rotary.named(headSize: model.headSize, file: location.path)
    var config = try baseDocument("config.json") ?? JSONObject()
    for key in Self.droppedFromConfig { config[key] = nil }
    let made = model.huggingFaceConfig(dtype: dtype.rawValue, extra: [])
    for (key, value) in made.object?.members ?? [] { config[key] = value }
    let definition = text.tokenizer.definition
    for (key, id) in [
      ("bos_token_id", definition.bosID), ("eos_token_id", definition.eosID),
      ("pad_token_id", definition.padID),
    ] where config[key] == nil {
      config[key] = id.map { .integer(Int($0)) } ?? .null
    }
    return .object(config)
  }

  /// The base folder's own sampling defaults, with every token that ends an answer.
  private func generationConfig() throws -> JSONValue {
    let definition = text.tokenizer.definition
    var config = try baseDocument("generation_config.json") ?? JSONObject()
    config["transformers_version"] = nil
    let ends = [definition.eosID].compactMap { $0 } + definition.stopIDs.sorted()
    var seen: Set<Int32> = []
    let ids = ends.filter { seen.insert($0).inserted }
    config["eos_token_id"] = ids.isEmpty ? .null : .array(ids.map { .integer(Int($0)) })
    if let id = definition.bosID { config["bos_token_id"] = .integer(Int(id)) }
    if let id = definition.padID ?? definition.eosID { config["pad_token_id"] = .integer(Int(id)) }
    return .object(config)
  }

  /// A JSON file of the base's folder; nil when it has none, or is no folder.
  private func baseDocument(_ name: String) throws -> JSONObject? {
    guard case .folder(let base) = location else { return nil }
    let path = base + "/" + name
    guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
    do throws(JSONSyntaxError) {
      return try JSONValue(parsing: [UInt8](bytes)).object
    } catch {
      throw ModelFileError(.malformed, file: path, "\(error)")
    }
  }
}
