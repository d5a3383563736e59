import Records

extension Forecast {
  /// Bytes by use. Activations are kept for the backward pass without recomputation; logits are taken in
  /// chunks and never kept whole.
  static func memory(_ plan: Plan, _ model: ModelFigures, promptTokens: Int) -> [Part] {
    let width = plan.model.dtype == .bfloat16 ? 2 : 4
    var parts = [Part(name: "weights", bytes: model.parameters * width)]
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
    let tokens = max(plan.training.microBatchTokens, promptTokens + plan.sampling.maxTokens)
    parts.append(Part(name: "activations", bytes: activations(tokens: tokens, model, width: width)))
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

  /// A layer keeps its input, two normed copies, q, k, v, the attention's output, and four feed-forward
  /// tensors; the loss takes chunks of 512 tokens by the vocabulary in float32, three at a time.
  private static func activations(tokens: Int, _ model: ModelFigures, width: Int) -> Int {
    let attention = (2 * model.heads + 2 * model.kvHeads) * model.headSize
    let perToken = model.layers * (5 * model.hidden + attention + 4 * model.intermediate)
    return tokens * perToken * width + min(tokens, 512) * model.vocabulary * 4 * 3
  }
}
