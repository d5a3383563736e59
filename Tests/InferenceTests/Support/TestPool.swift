import Checkpoints
import Cluster
import Foundation
import Records
import Tokenization

@testable import Inference

/// A pool over models that are only tokenizers: files that say how large they would be.
enum TestPool {
  static func make(
    _ launcher: any ServingLauncher, models: [String] = ["tiny"], template: String = ByteModel.plainTemplate,
    observer: (any InferenceObserver)? = nil, _ change: (inout InferenceSettings) -> Void = { _ in }
  ) throws -> InferencePool {
    let folder = FileManager.default.temporaryDirectory.appending(path: "pool-\(UUID().uuidString)").path
    let entries = try models.map { name in
      let path = "\(folder)/\(name)"
      try write(path, template)
      return ModelCatalogue.Entry(name: name, source: path, aliases: ["\(name)-alias"])
    }
    var settings = InferenceSettings(modelBytes: 1 << 40)
    settings.cacheBytes = 1000
    change(&settings)
    return InferencePool(
      catalogue: ModelCatalogue(entries), settings: settings, launcher: launcher, observer: observer)
  }

  /// A folder with a tokenizer, a template and ten weights.
  private static func write(_ path: String, _ template: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let definition = try ByteModel.text().tokenizer.definition
    var vocabulary = JSONObject()
    for (id, token) in definition.vocabulary.enumerated() { vocabulary[token ?? ""] = .integer(id) }
    let added = definition.addedTokens.map { token -> JSONValue in
      [
        "id": .integer(Int(token.id)), "content": .string(token.content), "special": .bool(token.special),
        "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
      ]
    }
    let tokenizer: JSONValue = [
      "version": "1.0", "added_tokens": .array(added), "normalizer": .null,
      "pre_tokenizer": ["type": "ByteLevel", "add_prefix_space": false, "use_regex": true],
      "decoder": ["type": "ByteLevel"],
      "model": ["type": "BPE", "vocab": .object(vocabulary), "merges": []],
    ]
    let files: [String: JSONValue] = [
      "config.json": ["max_position_embeddings": 512], "tokenizer.json": tokenizer,
      "tokenizer_config.json": ["eos_token": "<|im_end|>", "chat_template": .string(template)],
    ]
    for (name, value) in files {
      try value.serialised().write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
    }
    try SafetensorsWriter.write(
      [SafetensorsEntry(name: "w", type: .bfloat16, shape: [10])], to: path + "/model.safetensors"
    ) { _, emit in
      try [UInt8](repeating: 0, count: 20).withUnsafeBytes { try emit($0) }
    }
  }
}

extension AnswerRequest {
  static func chat(_ text: String, _ change: (inout AnswerRequest) -> Void = { _ in }) -> AnswerRequest {
    var request = AnswerRequest(
      prompt: .conversation([Message(.user, text)], tools: [], templateVariables: JSONObject()))
    change(&request)
    return request
  }
}
