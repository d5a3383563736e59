internal import Jobs
internal import Records

extension TuningChoices {
  /// Reads `rftConfig.hyperParameters`.
  init(_ reader: WireReader, _ limits: BedrockLimits) {
    self.init()
    reader.rejectOthers(than: [
      "epochCount", "batchSize", "learningRate", "maxPromptLength", "trainingSamplePerPrompt",
      "inferenceMaxTokens", "reasoningEffort", "evalInterval",
    ])
    epochs = reader.integer("epochCount", in: limits.epochs)
    batchSize = reader.integer("batchSize", in: limits.batchSize)
    learningRate = Self.rate(reader, limits)
    maxPromptTokens = reader.integer("maxPromptLength", in: 1...1_000_000)
    samplesPerPrompt = reader.integer("trainingSamplePerPrompt", in: limits.samplesPerPrompt)
    maxTokens = reader.integer("inferenceMaxTokens", in: 1...1_000_000)
    reasoningEffort = reader.choice("reasoningEffort", Effort.self).flatMap {
      ReasoningEffort(rawValue: $0.rawValue)
    }
    evalInterval = reader.integer("evalInterval", in: limits.evalInterval)
  }

  private enum Effort: String, CaseIterable { case low, medium, high }

  /// Floats of single precision travel as their double: 0.001 may arrive as 0.0010000000474974513.
  private static func rate(_ reader: WireReader, _ limits: BedrockLimits) -> Double? {
    let slack = 1e-6
    let wide = limits.learningRate.lowerBound * (1 - slack)...limits.learningRate.upperBound * (1 + slack)
    guard let number = reader.value("learningRate")?.double, wide.contains(number) else {
      return reader.number("learningRate", in: limits.learningRate)
    }
    return min(max(number, limits.learningRate.lowerBound), limits.learningRate.upperBound)
  }

  /// Names that people know from other recipes, and the fields of a plan that they are.
  static let extensionNames = [
    "lora_rank": "training.lora.rank", "lora_alpha": "training.lora.alpha",
    "learning_rate": "training.learning_rate", "kl_loss_coef": "algorithm.kl.coefficient",
    "clip_ratio_low": "algorithm.clip_low", "clip_ratio_high": "algorithm.clip_high",
    "advantage_method": "algorithm.name", "max_steps": "training.steps",
    "temperature": "sampling.temperature", "top_p": "sampling.top_p", "top_k": "sampling.top_k",
    "weight_decay": "training.weight_decay", "warmup_steps": "training.warmup_steps",
  ]

  /// Sets what a member of the top-level `hyperParameters` asks for. The eight of `rftConfig` may be given here too, and
  /// then without Bedrock's lowest values, which are those of a large machine.
  ///
  /// - Returns: what is wrong with it.
  mutating func setExtension(_ key: String, _ text: String) -> String? {
    func whole(_ lowest: Int = 1) -> Int? { Int(text).flatMap { $0 >= lowest ? $0 : nil } }
    switch key {
    case "epochCount": epochs = whole()
    case "batchSize": batchSize = whole()
    case "maxPromptLength": maxPromptTokens = whole()
    case "trainingSamplePerPrompt":
      samplesPerPrompt = whole(2)
      if samplesPerPrompt == nil { return "Member must be a whole number of at least 2" }
    case "inferenceMaxTokens": maxTokens = whole()
    case "evalInterval": evalInterval = whole()
    case "learningRate":
      learningRate = Double(text).flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
      return learningRate == nil ? "Member must be a number above 0" : nil
    case "reasoningEffort":
      reasoningEffort = ReasoningEffort(rawValue: text)
      return reasoningEffort == nil ? "Member must be low, medium or high" : nil
    case "learningRateMultiplier":
      learningRateMultiplier = Double(text).flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
      return learningRateMultiplier == nil ? "Member must be a number above 0" : nil
    default:
      overrides[Self.extensionNames[key] ?? key] = text
      guard key.contains(".") || Self.extensionNames[key] != nil else {
        return
          "Member is not known; expected a field of a plan by its path (such as training.lora.rank), or one of "
          + Self.extensionNames.keys.sorted().joined(separator: ", ")
      }
      return nil
    }
    let isSet = [
      "epochCount": epochs, "batchSize": batchSize, "maxPromptLength": maxPromptTokens,
      "trainingSamplePerPrompt": samplesPerPrompt, "inferenceMaxTokens": maxTokens,
      "evalInterval": evalInterval,
    ][key]
    return isSet == .some(.none) ? "Member must be a whole number of at least 1" : nil
  }
}
