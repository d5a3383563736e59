import Foundation
import LanguageModels
import OperantTesting
import Records
import Testing
import Torch

/// The sampler's log-probabilities are the trainer's, bit for bit: however rows are batched, dealt to shards, ended and
/// grown, and however the trainer packs them.
struct ExactnessTests {
  /// A tiny model of some family.
  struct Subject: Sendable, CustomStringConvertible {
    var family: Architecture
    var tied: Bool
    var dtype: DType

    static let all = Architecture.allCases.flatMap { family in
      [true, false].flatMap { tied in
        [DType.float32, .bfloat16].map { Subject(family: family, tied: tied, dtype: $0) }
      }
    }
    var description: String { "\(family), \(tied ? "tied" : "untied"), \(dtype)" }
  }

  /// Prompts around the blocks of 16 positions that rows share.
  static let lengths = [1, 15, 16, 17, 5, 31, 32, 33, 48, 70]
  static let attempts = [4, 2, 9, 1, 3, 2, 5, 1, 2, 3]
  /// Stop ids that end a row after some thirty tokens.
  static let stops: Set<Int32> = [3, 60, 101]

  static func requests(_ model: TinyModel, seed: UInt64 = 1) -> [SampleRequest] {
    zip(lengths, attempts).enumerated().map { index, pair in
      SampleRequest(
        prompt: model.text(pair.0, seed: UInt64(index)),
        streams: (0..<pair.1).map { RandomStream(run: seed, step: 0, exampleID: "\(index)", index: $0) })
    }
  }

  static func options(
    _ maxTokens: Int = 150, temperature: Double = 1, stops: Set<Int32> = stops, maxRows: Int = 64
  ) -> SamplerOptions {
    SamplerOptions(maxTokens: maxTokens, temperature: temperature, stopIDs: stops, maxRows: maxRows)
  }

  @Test(arguments: Subject.all)
  func `every family's sampler has the trainer's bits, rows ending early or growing long`(subject: Subject)
    throws
  {
    let model = try TinyModel(subject.family, tied: subject.tied)
    let decoder = try model.decoder(subject.dtype)
    let ending = try Agreement(decoder, Self.requests(model), Self.options(), shards: 2)
    let lengths = Set(ending.groups.flatMap { $0.answers.map(\.tokens.count) })
    try #require(lengths.count > 10, "rows must end at different times: \(lengths)")
    // Room for 64 tokens doubles, and doubles again.
    let growing = try Agreement(
      decoder, Array(Self.requests(model).prefix(5)), Self.options(150, stops: []), shards: 1)
    let tokens = try ending.expectEqualBits() + growing.expectEqualBits()
    #expect(tokens > 3000)
  }

  @Test(arguments: [(1, 1), (1, 2), (1, 7), (1, 64), (2, 3), (2, 64), (3, 10), (5, 64)])
  func `companions, places and shards change no bit`(shards: Int, maxRows: Int) throws {
    for dtype in [DType.float32, .bfloat16] {
      let model = try TinyModel(.qwen3)
      let decoder = try model.decoder(dtype)
      let requests = Self.requests(model)
      let agreement = try Agreement(decoder, requests, Self.options(100, maxRows: maxRows), shards: shards)
      try agreement.expectEqualBits([.together])
      for (number, request) in requests.enumerated() {
        for (attempt, stream) in request.streams.enumerated() {
          let alone = try Sampler(decoder, shards: Shards(count: 1)).sample(
            [SampleRequest(prompt: request.prompt, streams: [stream])], Self.options(100))
          #expect(agreement.groups[number].answers[attempt] == alone[0][0], "\(number), \(attempt)")
        }
      }
    }
  }

  @Test(arguments: [0.7, 1.3, 0.2, 0], [DType.float32, .bfloat16])
  func `temperatures and greedy draws have the trainer's bits`(temperature: Double, dtype: DType) throws {
    let model = try TinyModel(.llama)
    let agreement = try Agreement(
      model.decoder(dtype), Self.requests(model), Self.options(90, temperature: temperature), shards: 2)
    try agreement.expectEqualBits([.together, .pairs])
  }

  @Test(arguments: [DType.float32, .bfloat16])
  func `a text scores the same bits wherever it is parted into prefix and branch`(dtype: DType) throws {
    for family in Architecture.allCases {
      let model = try TinyModel(family)
      let decoder = try model.decoder(dtype)
      let ids = model.text(100, seed: 3)
      let whole = try decoder.score(ids)
      for prefix in [1, 2, 15, 16, 17, 32, 47, 48, 49, 64, 80, 98] {
        var answer = SampledAnswer()
        answer.tokens = Array(ids[prefix...])
        let group = Agreement.Group(prompt: Array(ids[..<prefix]), answers: [answer, answer])
        for scores in try Agreement.pass([group, group], decoder, temperature: 1) {
          #expect(scores == Array(whole[(prefix - 1)...]), "\(family), prefix \(prefix)")
        }
      }
    }
  }

  @Test(arguments: Architecture.allCases, [DType.float32, .bfloat16])
  func `adapters that have learned, of any rank and targets`(family: Architecture, dtype: DType) throws {
    let model = try TinyModel(family)
    let plans = [
      LoRAPlan(rank: 4, alpha: 8), LoRAPlan(rank: 17, alpha: 17, targets: [.q, .v, .down]),
      LoRAPlan(rank: 3, alpha: 5, targets: [.k, .o, .up]),
      LoRAPlan(rank: 16, alpha: 4, targets: [.v, .gate]),
    ]
    for plan in plans {
      var decoder = try model.decoder(dtype)
      let adapter = try LowRankAdapter(
        plan, configuration: decoder.configuration, seed: 3, dtype: dtype)
      try decoder.adopt(adapter)
      let ids = model.text(40, seed: 9)
      let before = try decoder.score(ids)
      try adapter.fillB()
      for layer in 0..<model.configuration.layers { try decoder.refreshAdapter(layer: layer) }
      #expect(try decoder.score(ids) != before)
      // A decoder that never had another adapter.
      var twin = try model.decoder(dtype)
      try twin.adopt(adapter)
      try decoder.prepareForGradients()
      try twin.prepareForGradients()
      #expect(try decoder.gradients(ids) == twin.gradients(ids))
      try Agreement(decoder, Self.requests(model), Self.options(80), shards: 2)
        .expectEqualBits([.together, .alone], "\(plan)")
    }
  }

  @Test func `weights that have changed, once their panels are brought up to them`() throws {
    for dtype in [DType.float32, .bfloat16] {
      let model = try TinyModel(.qwen2, tied: false)
      var decoder = try model.decoder(dtype)
      try decoder.prepareForGradients()
      let ids = model.text(40, seed: 9)
      let before = try decoder.score(ids)
      for (_, tensor) in decoder.weights.named { try tensor.add(tensor, scale: -0.1) }
      let stale = try decoder.score(ids)
      for layer in 0..<model.configuration.layers { try decoder.refreshWeights(layer: layer) }
      try decoder.refreshHead()
      let fresh = try decoder.score(ids)
      #expect(fresh != before && fresh != stale)
      // A decoder that never had other weights.
      var twin = try Decoder(
        configuration: decoder.configuration, weights: decoder.weights, positions: decoder.positions)
      try twin.prepareForGradients()
      #expect(try twin.score(ids) == fresh)
      #expect(try decoder.gradients(ids) == twin.gradients(ids))
      try Agreement(decoder, Self.requests(model), Self.options(60), shards: 2).expectEqualBits([.together])
    }
  }

  /// What is reported is log p' = log p - log m, rounded; adding log m back rounds once more.
  @Test(arguments: [DType.float32, .bfloat16])
  func `with filters, log-probability and mass differ from the trainer's by one rounding at most`(
    dtype: DType
  )
    throws
  {
    let model = try TinyModel(.llama)
    var (different, tokens) = (0, 0)
    for (topP, topK, minP) in [(0.9, 0, 0.0), (1, 20, 0), (1, 0, 0.05), (0.8, 60, 0.01)] {
      var options = Self.options(80, temperature: 0.8)
      (options.topP, options.topK, options.minP) = (topP, topK, minP)
      let agreement = try Agreement(model.decoder(dtype), Self.requests(model), options, shards: 2)
      let trained = try agreement.recomputed(.together)
      for (answer, expected) in zip(agreement.groups.flatMap(\.answers), trained) {
        for (index, expected) in expected.enumerated() {
          let sum = answer.logProbabilities[index] + answer.logMasses[index]
          #expect(abs(sum - expected) <= 0x1p-24 * (abs(answer.logProbabilities[index]) + abs(expected)))
          if sum != expected { different += 1 }
          tokens += 1
        }
      }
    }
    print("exactness with filters \(dtype): \(different) of \(tokens) tokens differ in their last bit")
  }

  @Test(arguments: [DType.float32, .bfloat16])
  func `without exactness the difference stays small on average`(dtype: DType) throws {
    for family in Architecture.allCases {
      let model = try TinyModel(family)
      let decoder = try ModelLoader(huggingFace: model.folder).decoder(dtype, positions: 512, exact: false)
      #expect(!decoder.isExact)
      let agreement = try Agreement(decoder, Self.requests(model), Self.options(), shards: 2)
      let differences = try agreement.differences(.together)
      let mean = differences.reduce(0, +) / Float(differences.count)
      print(
        "exact: false, \(family) \(dtype): mean difference \(mean), largest \(differences.max() ?? 0), "
          + "\(differences.count) tokens")
      #expect(mean < (dtype == .float32 ? 1e-5 : 3e-2))
    }
  }

  /// The kernels of machines without AVX-512 BF16; the variable is read at the first product of a process.
  @Test(arguments: [DType.float32, .bfloat16])
  func `portable kernels agree as well`(dtype: DType) async throws {
    let isHalf = dtype == .bfloat16
    await #expect(processExitsWith: .success) { [isHalf = isHalf as Bool] in
      setenv("OPERANT_PORTABLE_KERNELS", "1", 1)
      for family in Architecture.allCases {
        let model = try TinyModel(family)
        var decoder = try model.decoder(isHalf ? .bfloat16 : .float32)
        let adapter = try LowRankAdapter(
          LoRAPlan(rank: 5, alpha: 5), configuration: decoder.configuration, seed: 3, dtype: decoder.dtype)
        try decoder.adopt(adapter)
        try adapter.fillB()
        for layer in 0..<model.configuration.layers { try decoder.refreshAdapter(layer: layer) }
        let tokens = try Agreement(
          decoder, ExactnessTests.requests(model), ExactnessTests.options(70), shards: 2
        ).expectEqualBits()
        #expect(tokens > 300)
      }
    }
  }

  // MARK: the default model

  /// Ordinary text, cut to lengths around blocks of 16.
  static func defaultRequests(_ attempts: Int) -> [SampleRequest] {
    let text: [Int32] = [504, 4186, 282, 260, 10219, 314, 7042, 30]
    return [7, 16, 33, 20].enumerated().map { index, length in
      SampleRequest(
        prompt: (0..<length).map { text[($0 + index) % text.count] },
        streams: (0..<attempts).map { RandomStream(run: 1, step: 0, exampleID: "\(index)", index: $0) })
    }
  }

  @Test(
    .enabled(if: ParityFixture.defaultModel != nil, "the default model is not in .deps/models"),
    arguments: [DType.bfloat16, .float32])
  func `the default model's sampler has the trainer's bits, with an adapter too`(dtype: DType) throws {
    let path = try #require(ParityFixture.defaultModel)
    let loader = try ModelLoader(gguf: path)
    var decoder = try loader.decoder(dtype, positions: 256)
    let options = SamplerOptions(maxTokens: dtype == .bfloat16 ? 100 : 40, temperature: 0.9, stopIDs: [0, 2])
    var tokens = try Agreement(decoder, Self.defaultRequests(6), options, shards: 2).expectEqualBits()
    let adapter = try LowRankAdapter(
      LoRAPlan(rank: 16, alpha: 32), configuration: decoder.configuration, seed: 3, dtype: dtype)
    try decoder.adopt(adapter)
    try adapter.fillB(0.02)
    for layer in 0..<decoder.configuration.layers { try decoder.refreshAdapter(layer: layer) }
    var plain = options
    plain.temperature = 1
    tokens += try Agreement(decoder, Self.defaultRequests(4), plain, shards: 1)
      .expectEqualBits([.together, .pairs])
    print("exactness SmolLM2-135M-Instruct \(dtype): \(tokens) tokens, no bit different")
  }

  @Test(.enabled(if: ParityFixture.defaultModel != nil, "the default model is not in .deps/models"))
  func `without exactness the default model's mean difference is that of bfloat16`() throws {
    let path = try #require(ParityFixture.defaultModel)
    let decoder = try ModelLoader(gguf: path).decoder(.bfloat16, positions: 256, exact: false)
    let options = SamplerOptions(maxTokens: 60, stopIDs: [0, 2])
    let agreement = try Agreement(decoder, Self.defaultRequests(6), options, shards: 2)
    let differences = try agreement.differences(.together)
    let mean = differences.reduce(0, +) / Float(differences.count)
    print(
      "exact: false, SmolLM2-135M-Instruct bfloat16: mean difference \(mean), largest "
        + "\(differences.max() ?? 0), \(differences.count) tokens")
    #expect(mean < 3e-2)
  }
}

extension Decoder {
  /// The gradient of a text's log-probability by every weight, or by those of the adapter when there is one.
  func gradients(_ ids: [Int32]) throws(TorchError) -> [[Float]] {
    var decoder = self
    var leaves: [Tensor] = []
    func leaf(_ tensor: Tensor) throws(TorchError) -> Tensor {
      let leaf = try tensor.leaf(requiresGradient: true)
      leaves.append(leaf)
      return leaf
    }
    if let adapter {
      decoder.adapter = try adapter.mapped { _, tensor throws(TorchError) in try leaf(tensor) }
    } else {
      decoder.weights = try weights.mapped { _, tensor throws(TorchError) in try leaf(tensor) }
    }
    let own = ids.count / 2
    let hidden = try decoder.hidden(
      ids, layout: TreeLayout([.init(prefix: ids.count - own, branches: [own - 1, 1])]))
    let (scores, _) = try decoder.logProbabilities(hidden, targets: ids.reversed(), temperature: 1)
    try scores.backward(gradient: Tensor.floats([Float](repeating: 1, count: ids.count), [ids.count]))
    var all: [[Float]] = []
    for leaf in leaves { all.append(try leaf.gradient()?.floats() ?? []) }
    return all
  }
}

extension LowRankAdapter {
  /// Gives every B values of a seed, as if it had learned.
  func fillB(_ spread: Float = 0.2) throws(TorchError) {
    var random = SplitMix64(seed: 8)
    for (name, tensor) in named where name.hasSuffix(".b") {
      let values = (0..<tensor.count).map { _ in Float.random(in: -spread...spread, using: &random) }
      try tensor.copy(from: Tensor.floats(values, tensor.shape))
    }
  }
}
