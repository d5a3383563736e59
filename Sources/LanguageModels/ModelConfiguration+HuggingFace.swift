package import Checkpoints
internal import Foundation
package import Records

extension ModelConfiguration {
  /// Reads the `config.json` of a Hugging Face folder, as transformers 4 and 5 write it.
  package init(huggingFace folder: String) throws(ModelFileError) {
    let path = folder + "/config.json"
    let json: JSONValue
    do {
      json = try JSONValue(parsing: Array(Data(contentsOf: URL(filePath: path))))
    } catch let error as JSONSyntaxError {
      throw ModelFileError(.malformed, file: path, "\(error)")
    } catch {
      throw ModelFileError(.inaccessible, file: path, error.localizedDescription)
    }
    try self.init(config: json, path: path)
  }

  /// Reads a parsed `config.json`; `path` is named in errors.
  package init(config json: JSONValue, path: String) throws(ModelFileError) {
    func failure(_ key: String, _ message: String) -> ModelFileError {
      ModelFileError(.unsupported, file: path, part: key, message)
    }
    func integer(_ key: String) throws(ModelFileError) -> Int {
      guard let value = json[key]?.integer, value > 0 else {
        throw failure(key, "expected a positive whole number, found \(json[key]?.serialised() ?? "none")")
      }
      return value
    }
    let type = json["model_type"]?.string ?? "none"
    guard let architecture = Architecture(rawValue: type) else {
      let known = Architecture.allCases.map(\.rawValue).joined(separator: ", ")
      throw failure("model_type", "the model type '\(type)' is not supported; expected one of \(known)")
    }
    for key in ["attention_bias", "mlp_bias", "use_sliding_window"] where json[key]?.bool == true {
      throw failure(key, "is true; Operant runs \(type) models without it")
    }
    if let activation = json["hidden_act"]?.string, activation != "silu" {
      throw failure("hidden_act", "is '\(activation)'; expected silu")
    }
    guard let epsilon = json["rms_norm_eps"]?.double else { throw failure("rms_norm_eps", "is missing") }
    let heads = try integer("num_attention_heads")
    let hidden = try integer("hidden_size")
    self.init(
      architecture: architecture, vocabulary: try integer("vocab_size"), hidden: hidden,
      intermediate: try integer("intermediate_size"), layers: try integer("num_hidden_layers"), heads: heads,
      kvHeads: json["num_key_value_heads"]?.integer ?? heads,
      headSize: json["head_dim"]?.integer ?? hidden / heads, normEpsilon: epsilon,
      rotary: try RotaryConfiguration(config: json, path: path),
      tiesEmbeddings: json["tie_word_embeddings"]?.bool ?? false,
      context: try integer("max_position_embeddings"))
  }

  /// The `config.json` of an exported folder, readable by transformers 4 and 5.
  package func huggingFaceConfig(dtype: String, extra: [(String, JSONValue)]) -> JSONValue {
    let traits = architecture.traits
    let plain: [(String, JSONValue)] = [("rope_theta", .number(rotary.theta)), ("rope_type", "default")]
    var rope = JSONObject(plain)
    var scaling: JSONValue = .null
    switch rotary.scaling {
    case .none: break
    case .linear(let factor):
      rope["rope_type"] = "linear"
      rope["factor"] = .number(factor)
      scaling = ["rope_type": "linear", "factor": .number(factor)]
    case .llama3(let factor, let low, let high, let original):
      let members: [(String, JSONValue)] = [
        ("rope_type", "llama3"), ("factor", .number(factor)), ("low_freq_factor", .number(low)),
        ("high_freq_factor", .number(high)), ("original_max_position_embeddings", .integer(original)),
      ]
      for (key, value) in members { rope[key] = value }
      scaling = .object(JSONObject(members))
    case .divisors:
      preconditionFailure(
        "rope divisors of a GGUF file must be named (`RotaryConfiguration.named`) before export")
    }
    let members: [(String, JSONValue)] = [
      ("architectures", [.string(traits.huggingFaceClass)]), ("model_type", .string(architecture.rawValue)),
      ("vocab_size", .integer(vocabulary)), ("hidden_size", .integer(hidden)),
      ("intermediate_size", .integer(intermediate)), ("num_hidden_layers", .integer(layers)),
      ("num_attention_heads", .integer(heads)), ("num_key_value_heads", .integer(kvHeads)),
      ("head_dim", .integer(headSize)), ("hidden_act", "silu"), ("rms_norm_eps", .number(normEpsilon)),
      ("max_position_embeddings", .integer(context)), ("tie_word_embeddings", .bool(tiesEmbeddings)),
      ("attention_dropout", 0.0), ("initializer_range", 0.02), ("use_cache", true),
      ("rope_theta", .number(rotary.theta)), ("rope_scaling", scaling), ("rope_parameters", .object(rope)),
      ("torch_dtype", .string(dtype)), ("dtype", .string(dtype)),
    ]
    var config = JSONObject(members)
    if architecture != .qwen2 { config["attention_bias"] = false }
    if architecture == .llama { config["mlp_bias"] = false }
    for (key, value) in extra { config[key] = value }
    return .object(config)
  }
}

extension RotaryConfiguration {
  /// Reads `rope_parameters` (transformers 5) or `rope_theta` and `rope_scaling` (4).
  init(config json: JSONValue, path: String) throws(ModelFileError) {
    let parameters = json["rope_parameters"]
    let theta = parameters?["rope_theta"]?.double ?? json["rope_theta"]?.double ?? 10_000
    guard let scaling = parameters ?? json["rope_scaling"], scaling.object != nil else {
      self.init(theta: theta)
      return
    }
    let type = scaling["rope_type"]?.string ?? scaling["type"]?.string ?? "default"
    switch type {
    case "default": self.init(theta: theta)
    case "linear": self.init(theta: theta, scaling: .linear(factor: scaling["factor"]?.double ?? 1))
    case "llama3":
      guard let factor = scaling["factor"]?.double, let low = scaling["low_freq_factor"]?.double,
        let high = scaling["high_freq_factor"]?.double,
        let original = scaling["original_max_position_embeddings"]?.integer
      else {
        throw ModelFileError(
          .malformed, file: path, part: "rope_scaling",
          "llama3 scaling needs factor, low_freq_factor, high_freq_factor and original_max_position_embeddings"
        )
      }
      self.init(
        theta: theta,
        scaling: .llama3(factor: factor, lowFrequency: low, highFrequency: high, originalContext: original))
    default:
      throw ModelFileError(
        .unsupported, file: path, part: "rope_scaling",
        "rope scaling '\(type)' is not supported; expected default, linear or llama3")
    }
  }
}
