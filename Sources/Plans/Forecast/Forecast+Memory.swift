import Records

extension Forecast {
  /// Bytes by use. What a layer's gradient needs is kept of every token in work, and of all tokens of a step between
  /// sampling and update when an eighth of the machine's memory suffices; logits never exist whole.
  static func memory(
    _ plan: Plan, _ model: ModelFigures, promptTokens: Int, answerShare: Double, cores: Int, machineBytes: Int
  ) -> [Part] {
    let width = plan.model.dtype == .bfloat16 ? 2 : 4
    var parts = [
      Part(name: "weights", bytes: model.parameters * width),
      Part(name: "weights in the kernels' order", bytes: 2 * model.parameters * width),
    ]
    switch plan.training.method {
    case .lora:
      parts.append(
        Part(
          name: "adapters and their optimiser",
          bytes: adapterParameters(plan.training.lora, model) * bytesPerTrainedParameter))
    case .full:
      parts.append(
        Part(name: "gradients and optimiser", bytes: model.parameters * bytesPerTrainedParameter))
      if plan.algorithm.kl.coefficient > 0 {
        parts.append(Part(name: "base model for the KL term", bytes: model.parameters * width))
      }
    }
    let episodes = plan.sampling.promptsPerStep * plan.sampling.episodesPerPrompt
    let prompts = plan.sampling.promptsPerStep * promptTokens
    let sampled = prompts + Int(Double(episodes * plan.sampling.maxTokens) * answerShare)
    let inWork = min(
      sampled, cores * max(plan.training.microBatchTokens, promptTokens + plan.sampling.maxTokens))
    let perToken = activations(plan, model, width: width)
    parts.append(Part(name: "activations", bytes: inWork * perToken))
    if plan.exact, (prompts + episodes * plan.sampling.maxTokens) * perToken <= machineBytes / 8 {
      parts.append(Part(name: "kept from sampling", bytes: sampled * perToken))
    }
    let position = model.layers * 2 * model.kvHeads * model.headSize * width
    let rows = min(
      plan.sampling.maxRows, plan.sampling.promptsPerStep * plan.sampling.episodesPerPrompt)
    parts.append(
      Part(
        name: "key-value cache", bytes: rows * (promptTokens + plan.sampling.maxTokens) * position))
    parts.append(Part(name: "libraries", bytes: 500 << 20))
    return parts
  }

  /// float32 master weight, gradient and AdamW's two moments.
  private static let bytesPerTrainedParameter = 16

  static func adapterParameters(_ lora: LoRAPlan, _ model: ModelFigures) -> Int {
    let query = model.heads * model.headSize
    let keyValue = model.kvHeads * model.headSize
    let perLayer = lora.targets.map { target in
      switch target {
      case .q: model.hidden + query
      case .k, .v: model.hidden + keyValue
      case .o: query + model.hidden
      case .gate, .up: model.hidden + model.intermediate
      case .down: model.intermediate + model.hidden
      }
    }.reduce(0, +)
    return perLayer * lora.rank * model.layers
  }

  /// Bytes of a token: a layer keeps queries, keys and values, the attention's output, hidden states twice, gate and up,
  /// and 16 numbers or more for each low-rank part.
  private static func activations(_ plan: Plan, _ model: ModelFigures, width: Int) -> Int {
    let attention = (2 * model.heads + 2 * model.kvHeads) * model.headSize
    let parts = plan.training.method == .lora ? plan.training.lora.targets.count : 0
    let lowRank = parts * ((plan.training.lora.rank + 15) / 16 * 16)
    return model.layers
      * ((attention + 2 * model.hidden + 2 * model.intermediate + lowRank) * width + 4 * model.heads)
  }
}
