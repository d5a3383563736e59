import LanguageModels
import Records
import Testing
import Torch

/// LoRA: nothing at the start, and the merged weights later.
struct LowRankAdapterTests {
  static let plans = [
    LoRAPlan(rank: 4, alpha: 8), LoRAPlan(rank: 3, alpha: 3, targets: [.q, .v]),
    LoRAPlan(rank: 2, alpha: 10, targets: [.k, .o, .up]),
    LoRAPlan(rank: 1, alpha: 1, targets: [.gate, .down]),
  ]

  func adapter(_ plan: LoRAPlan, _ decoder: Decoder, seed: UInt64 = 3) throws -> LowRankAdapter {
    try LowRankAdapter(plan, configuration: decoder.configuration, seed: seed, dtype: decoder.dtype)
  }

  @Test(arguments: Architecture.allCases, [DType.float32, .bfloat16])
  func `a new adapter changes no bit of scores and samples`(family: Architecture, dtype: DType) throws {
    let model = try TinyModel(family)
    let base = try model.decoder(dtype)
    let request = SampleRequest(
      prompt: model.text(5, seed: 1), streams: [RandomStream(seed: 1), RandomStream(seed: 2)])
    let options = SamplerOptions(maxTokens: 20, stopIDs: [])
    for plan in Self.plans {
      var adapted = base
      try adapted.adopt(adapter(plan, base))
      let ids = model.text(40, seed: 9)
      #expect(try adapted.score(ids) == base.score(ids))
      let shards = Shards(count: 1)
      #expect(
        try Sampler(adapted, shards: shards).sample([request], options)
          == Sampler(base, shards: shards).sample([request], options))
    }
  }

  @Test(arguments: Architecture.allCases)
  func `an adapter that has learned equals merged weights`(family: Architecture) throws {
    let model = try TinyModel(family)
    let base = try model.decoder()
    let ids = model.text(60, seed: 4)
    for plan in Self.plans {
      let adapter = try adapter(plan, base)
      try adapter.fillB()
      var adapted = base
      try adapted.adopt(adapter)
      let merged = try model.decoder()
      for part in try adapter.parts() {
        let place = try #require(Self.place(of: part.target, in: model.configuration))
        let fused = Self.matrix(place.linear, merged.weights.layers[part.layer])
        try fused.rows(place.rows).add(part.b.matmul(part.a), scale: adapter.scale)
      }
      for layer in 0..<model.configuration.layers { try merged.refreshWeights(layer: layer) }
      let scores = try adapted.score(ids)
      let baseScores = try base.score(ids)
      #expect(zip(scores, baseScores).contains { abs($0 - $1) > 0.01 })
      for (a, b) in zip(scores, try merged.score(ids)) { #expect(abs(a - b) < 1e-4) }
    }
  }

  @Test func `gradients reach every A and B, and no weight of the base`() throws {
    let model = try TinyModel(.qwen3)
    let base = try model.decoder()
    let adapter = try adapter(LoRAPlan(rank: 2, alpha: 4), base)
    try adapter.fillB()
    var decoder = base
    let leaves = try adapter.mapped { _, tensor throws(TorchError) in try tensor.leaf(requiresGradient: true)
    }
    try decoder.adopt(adapter)
    try decoder.prepareForGradients()
    decoder.adapter = leaves
    let ids = model.text(12, seed: 1)
    let hidden = try decoder.hidden(ids, layout: TreeLayout([.init(prefix: 4, branches: [3, 5])]))
    let (scores, _) = try decoder.logProbabilities(hidden, targets: ids, temperature: 1)
    try scores.backward(gradient: Tensor.floats([Float](repeating: 1, count: 12), [12]))
    for (name, leaf) in leaves.named {
      let gradient = try #require(try leaf.gradient(), "\(name)")
      #expect(try gradient.sumOfSquares() > 0, "\(name)")
    }
    for (name, tensor) in base.weights.named { #expect(try tensor.gradient() == nil, "\(name)") }
  }

  @Test func `A is drawn from the seed, within 1 / sqrt(in), and B is zero`() throws {
    let base = try TinyModel().decoder()
    let plan = Self.plans[0]
    let first = try adapter(plan, base)
    let same = try adapter(plan, base)
    let other = try adapter(plan, base, seed: 4)
    for ((name, a), ((_, b), (_, c))) in zip(first.named, zip(same.named, other.named)) {
      let values = try a.floats()
      #expect(try values == b.floats())
      if name.hasSuffix(".b") {
        #expect(values.allSatisfy { $0 == 0 })
      } else {
        let bound = 1 / Float(a.shape[1]).squareRoot()
        #expect(values.allSatisfy { abs($0) <= bound })
        #expect(values.contains { abs($0) > bound * 0.9 })
        #expect(try values != c.floats())
      }
    }
  }

  @Test func `parts have the shapes that other tools expect`() throws {
    let base = try TinyModel().decoder()
    let parts = try adapter(LoRAPlan(rank: 2, alpha: 4), base).parts()
    #expect(parts.count == 3 * LinearTarget.allCases.count)
    let shapes = Dictionary(
      uniqueKeysWithValues: parts.filter { $0.layer == 2 }.map { ($0.target, $0.a.shape + $0.b.shape) })
    #expect(
      shapes == [
        .q: [2, 32, 32, 2], .k: [2, 32, 16, 2], .v: [2, 32, 16, 2], .o: [2, 32, 32, 2],
        .gate: [2, 32, 48, 2], .up: [2, 32, 48, 2], .down: [2, 48, 32, 2],
      ])
  }

  /// The rows of a fused matrix that are a Hugging Face layer.
  static func place(of target: LinearTarget, in model: ModelConfiguration) -> (
    linear: FusedLinear, rows: Range<Int>
  )? {
    for linear in FusedLinear.allCases {
      for part in linear.parts(in: model) where part.target == target {
        return (linear, part.offset..<part.offset + part.width)
      }
    }
    return nil
  }

  static func matrix(_ linear: FusedLinear, _ layer: LayerWeights) -> Tensor {
    switch linear {
    case .qkv: layer.qkv
    case .output: layer.output
    case .gateUp: layer.gateUp
    case .down: layer.down
    }
  }
}
