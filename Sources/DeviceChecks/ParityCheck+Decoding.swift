internal import LanguageModels
internal import Records
internal import Torch

extension ParityCheck {
  /// Sampling: the same tokens from the same random numbers, and their log-probabilities.
  static let decoding: [ParityCheck] = [
    sampling("all tokens", SamplerOptions(maxTokens: 21, stopIDs: [])),
    sampling("at temperature 0", SamplerOptions(maxTokens: 12, temperature: 0, stopIDs: [])),
    sampling(
      "with stop ids, rows refilled",
      SamplerOptions(maxTokens: 24, stopIDs: Set((0..<1034).filter { $0 % 9 == 4 }), maxRows: 3)),
    sampling(
      "with many rows that end at many places",
      SamplerOptions(maxTokens: 40, stopIDs: Set((0..<1034).filter { $0 % 13 == 4 })), attempts: 12),
    sampling("top-k", SamplerOptions(maxTokens: 17, temperature: 0.8, topK: 7, stopIDs: [])),
    sampling("top-p", SamplerOptions(maxTokens: 17, topP: 0.7, stopIDs: [])),
    sampling(
      "top-k, top-p and min-p at once",
      SamplerOptions(maxTokens: 17, temperature: 1.3, topP: 0.9, topK: 40, minP: 0.05, stopIDs: [])),
    sampling("with an observer that ends rows", SamplerOptions(maxTokens: 30, stopIDs: []), ends: true),
    sampling("Qwen2", SamplerOptions(maxTokens: 10, stopIDs: []), of: .qwen2),
    sampling("Qwen3, adapted", SamplerOptions(maxTokens: 10, stopIDs: []), of: .qwen3, isAdapted: true),
  ]

  private static func sampling(
    _ name: String, _ options: SamplerOptions, of architecture: Architecture = .llama,
    isAdapted: Bool = false,
    attempts: Int = 4, ends: Bool = false
  ) -> ParityCheck {
    var observer = SamplingObserver()
    if ends { observer.token = { _, _, token in token % 10 == 3 ? .stop : .goOn } }
    let watching = observer
    return ParityCheck("sampling: \(name)", tolerance: 1e-4) { site in
      try answers(
        site, options, model: ModelConfiguration.tiny(architecture), isAdapted: isAdapted, attempts: attempts,
        observer: watching)
    }
  }

  private static func answers(
    _ site: Site, _ options: SamplerOptions, model: ModelConfiguration, isAdapted: Bool, attempts: Int,
    observer: SamplingObserver
  ) throws -> [[Float]] {
    var decoder = try Decoder.random(model, .float32, device: site.device, positions: 128, seed: 7)
    if isAdapted {
      let adapter = try LowRankAdapter(
        LoRAPlan(rank: 4), configuration: model, seed: 3, dtype: .float32, device: site.device)
      for (number, entry) in adapter.named.enumerated() where entry.name.hasSuffix("b") {
        try entry.tensor.copy(from: site.tensor(entry.tensor.shape, seed: UInt64(number), spread: 0.2))
      }
      try decoder.adopt(adapter)
    }
    var random = SplitMix64(seed: 11)
    var requests: [SampleRequest] = []
    for (number, length) in [9, 1, 30].enumerated() {
      let prompt = (0..<length).map { _ in Int32.random(in: 0..<Int32(model.vocabulary), using: &random) }
      let streams = (0..<attempts).map { RandomStream(run: 5, step: 0, exampleID: "\(number)", index: $0) }
      requests.append(SampleRequest(prompt: prompt, streams: streams))
    }
    let sampler = Sampler(decoder, shards: Shards(count: 1))
    // Twice: what is kept from one call to the next must not matter.
    let first = try sampler.sample(requests, options, observer: observer)
    let second = try sampler.sample(requests, options, observer: observer)
    var outputs: [[Float]] = [[], [], [], [], []]
    for answer in (first + second).joined() {
      // Ids are whole numbers: any difference is larger than the tolerance.
      outputs[0] += answer.tokens.map { Float($0 + 1) }
      outputs[1].append(Float(answer.tokens.count))
      outputs[2].append(answer.stopReason == .truncated ? 0 : answer.stopReason == .endOfTurn ? 1 : 2)
      outputs[3] += answer.logProbabilities
      outputs[4] += answer.logMasses
    }
    return outputs
  }
}
