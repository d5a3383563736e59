internal import Checkpoints
internal import LanguageModels
internal import Records
internal import Torch

extension ModelExport {
  /// Writes the adapter alone, in float32, as the PEFT library reads it: `adapter_config.json`,
  /// `adapter_model.safetensors` and a model card.
  ///
  /// The folder appears when it is complete. Throws `ExportError`, and `StorageError` when the destination is
  /// taken or cannot be written.
  package func peft(to destination: String) throws {
    guard let adapter else { throw ExportError.noAdapter }
    try ExportFolder.write(to: destination) { folder in
      try Self.write(adapterConfig(adapter), to: folder + "/adapter_config.json")
      try writeAdapter(adapter, to: folder + "/adapter_model.safetensors")
      try Self.write(card.text(.peft), to: folder + "/README.md")
    }
  }

  private func adapterConfig(_ adapter: LowRankAdapter) -> JSONValue {
    let targets = LinearTarget.allCases.filter(adapter.targets.contains)
    // PEFT declares alpha as a whole number and computes with fractions as well.
    let alpha: JSONValue = Int(exactly: adapter.alpha).map { .integer($0) } ?? .number(adapter.alpha)
    let members: [(String, JSONValue)] = [
      ("peft_type", "LORA"), ("task_type", "CAUSAL_LM"),
      ("base_model_name_or_path", .string(card.base.name)), ("revision", nil),
      ("r", .integer(adapter.rank)), ("lora_alpha", alpha), ("lora_dropout", 0.0),
      ("target_modules", .array(targets.map { .string($0.rawValue) })), ("bias", "none"),
      ("fan_in_fan_out", false), ("use_rslora", false), ("use_dora", false), ("modules_to_save", nil),
      ("rank_pattern", [:]), ("alpha_pattern", [:]), ("layers_to_transform", nil), ("layers_pattern", nil),
      ("init_lora_weights", true), ("inference_mode", true),
    ]
    return .object(JSONObject(members))
  }

  private func writeAdapter(_ adapter: LowRankAdapter, to path: String) throws {
    var tensors: [String: Tensor] = [:]
    for part in try adapter.parts() {
      let linear = "base_model.model." + part.target.layer(part.layer)
      tensors[linear + ".lora_A.weight"] = part.a
      tensors[linear + ".lora_B.weight"] = part.b
    }
    let entries = tensors.map { SafetensorsEntry(name: $0.key, type: .float32, shape: $0.value.shape) }
    try SafetensorsWriter.write(entries, to: path) { entry, emit in
      guard let tensor = tensors[entry.name] else { preconditionFailure("an entry without a tensor") }
      try Self.emit(tensor.to(.float32), as: .float32, named: entry.name, emit)
    }
  }
}

extension LinearTarget {
  /// The weight of this layer.
  var weight: WeightName.LayerWeight {
    switch self {
    case .q: .q
    case .k: .k
    case .v: .v
    case .o: .output
    case .gate: .gate
    case .up: .up
    case .down: .down
    }
  }

  /// The module's name in transformers: that of its weight, less the last part.
  fileprivate func layer(_ index: Int) -> String {
    let name = WeightName.layer(index, weight).huggingFace
    return String(name.dropLast(".weight".count))
  }
}
