internal import CreditAssignment
internal import Foundation
internal import LanguageModels
package import Records
internal import Torch
internal import Training

/// What is measured of a device, with a model of random weights; the product's own sampler and trainer.
package struct Measurement: Sendable {
  package let route: DeviceRoute
  package let shape: ModelShape
  package let dtype: ComputeType

  package init(_ shape: ModelShape, over route: DeviceRoute, dtype: ComputeType = .bfloat16) {
    self.route = route
    self.shape = shape
    self.dtype = dtype
  }

  private var model: ModelConfiguration { shape.configuration }
  private var tensorType: DType { dtype == .bfloat16 ? .bfloat16 : .float32 }

  // MARK: The device itself

  /// Bytes a second of copying a large tensor, read and written, and multiplications and additions a second of a large
  /// product.
  ///
  /// `side` is that of the matrices; nil chooses one that the device can do in a moment.
  package func limits(side: Int? = nil) throws -> (bytesPerSecond: Double, operationsPerSecond: Double) {
    try route.run {
      let side = side ?? (route.device.isCUDA ? 8192 : 256)
      let source = try Tensor.zeros([side * side], .float32, on: route.device)
      let target = try Tensor.zeros([side * side], .float32, on: route.device)
      let copying = try seconds(repeating: 20) { try target.copy(from: source) }
      let a = try Tensor.zeros([side, side], tensorType, on: route.device)
      try a.fillNormal(deviation: 1)
      let multiplying = try seconds(repeating: 20) { _ = try a.matmul(a) }
      let cells = Double(side) * Double(side)
      return (8 * cells / copying, 2 * cells * Double(side) / multiplying)
    }
  }

  // MARK: Decoding

  package struct Decoding: Sendable {
    package let tokens: Int
    package let seconds: Double
    /// What reading weights and caches once a step would take at the measured rate of copying.
    package let floorSeconds: Double
  }

  /// `rows` answers of `length` tokens to prompts of `prompt`, eight to a prompt; the graphs were recorded before.
  package func decoding(rows: Int, prompt: Int, length: Int) throws -> Decoding {
    let rate = try limits().bytesPerSecond
    return try route.run {
      let decoder = try decoder(positions: prompt + length)
      let sampler = Sampler(decoder, shards: Shards(count: 1))
      let groups = try requests((rows + 7) / 8, attempts: min(8, rows), prompt: prompt)
      _ = try sampler.sample(groups, options(length, rows: rows))
      let elapsed = try seconds(repeating: 1) { _ = try sampler.sample(groups, options(length, rows: rows)) }
      let drawn = groups.reduce(0) { $0 + $1.streams.count } * length
      let weights = Double(model.parameterCount * tensorType.size)
      let position = Double(2 * model.layers * model.kvHeads * model.headSize * tensorType.size)
      let caches = Double(rows) * (Double(prompt) + Double(length) / 2) * position
      // `rate` counts reading and writing; here is only reading.
      return Decoding(
        tokens: drawn, seconds: elapsed, floorSeconds: Double(length) * (weights + caches) / rate)
    }
  }

  // MARK: Updating

  package struct Updating: Sendable {
    package let tokens: Int
    package let seconds: Double
    /// Share of the measured rate of products that the model's own products come to.
    package let shareOfProducts: Double
  }

  /// One update of a LoRA over about `tokens` tokens: groups of eight that share a prompt of 128.
  package func updating(tokens: Int, rank: Int) throws -> Updating {
    let rate = try limits().operationsPerSecond
    return try route.run {
      let prompt = 128
      let length = 240
      let groups = max(1, tokens / (prompt + 8 * length))
      let trainer = try trainer(rank: rank, microBatchTokens: tokens, positions: prompt + length)
      let answers = try requests(groups, attempts: 8, prompt: prompt).map { request in
        (request, (0..<8).map { _ in made(length) })
      }
      let credited = credit(answers)
      func update() throws { _ = try trainer.update([credited], step: 0, mismatchLimit: .infinity) }
      try update()
      let elapsed = try seconds(repeating: 3, update)
      let count = groups * (prompt + 8 * (length - 1))
      let trained = groups * 8 * length
      // Forward, and backward to the inputs: the base does not learn. Adapters are left out.
      let body = model.parameterCount - model.vocabulary * model.hidden
      let operations =
        4 * Double(body) * Double(count) + 4 * Double(model.vocabulary * model.hidden) * Double(trained)
      return Updating(tokens: count, seconds: elapsed, shareOfProducts: operations / elapsed / rate)
    }
  }

  // MARK: A step from end to end

  package struct Step: Sendable {
    package let tokens: Int
    package let sampling: Double
    package let updating: Double
  }

  /// Groups of eight, `length` new tokens each, sampled and learned from.
  package func step(groups: Int, prompt: Int, length: Int, rank: Int, microBatchTokens: Int) throws -> Step {
    try route.run {
      let trainer = try trainer(rank: rank, microBatchTokens: microBatchTokens, positions: prompt + length)
      let sampler = Sampler(trainer.decoder, shards: Shards(count: 1))
      let wanted = try requests(groups, attempts: 8, prompt: prompt)
      var sampling = 0.0
      var updating = 0.0
      for round in 0..<3 {
        var answers: [[SampledAnswer]] = []
        let sampled = try seconds(repeating: 1) {
          answers = try sampler.sample(wanted, options(length, rows: groups * 8))
        }
        let credited = credit(Array(zip(wanted, answers)))
        let updated = try seconds(repeating: 1) {
          _ = try trainer.update([credited], step: round, mismatchLimit: .infinity)
        }
        // The first round records graphs and fills the allocator.
        if round > 0 {
          sampling += sampled / 2
          updating += updated / 2
        }
      }
      return Step(tokens: groups * 8 * length, sampling: sampling, updating: updating)
    }
  }

  // MARK: Parts

  private func decoder(positions: Int) throws -> Decoder {
    try Decoder.random(model, tensorType, device: route.device, positions: positions, seed: nil)
  }

  private func trainer(rank: Int, microBatchTokens: Int, positions: Int) throws -> Trainer {
    try Trainer(
      decoder(positions: positions),
      plan: TrainingPlan(lora: LoRAPlan(rank: rank), microBatchTokens: microBatchTokens),
      loss: PolicyLoss(clipLow: 0.2, clipHigh: 0.2, kl: KLPlan()), temperature: 1, seed: 3,
      shards: Shards(count: 1))
  }

  private func options(_ length: Int, rows: Int) -> SamplerOptions {
    SamplerOptions(maxTokens: length, stopIDs: [], maxRows: rows)
  }

  private func requests(_ count: Int, attempts: Int, prompt: Int) throws -> [SampleRequest] {
    (0..<count).map { number in
      SampleRequest(
        prompt: (0..<prompt).map { Int32(($0 * 37 + number * 101) % model.vocabulary) },
        streams: (0..<attempts).map { RandomStream(run: 5, step: 0, exampleID: "\(number)", index: $0) })
    }
  }

  private func made(_ length: Int) -> SampledAnswer {
    var answer = SampledAnswer()
    answer.tokens = (0..<length).map { Int32(($0 * 53) % model.vocabulary) }
    answer.logProbabilities = Array(repeating: -10, count: length)
    answer.logMasses = Array(repeating: 0, count: length)
    return answer
  }

  private func credit(_ answers: [(SampleRequest, [SampledAnswer])]) -> CreditedStep {
    let groups = answers.enumerated().map { number, pair in
      GradedGroup(
        example: Example(id: "\(number)", messages: []),
        episodes: pair.1.enumerated().map { index, answer in
          GradedEpisode(
            episode: SmallRun.episode(pair.0.prompt, answer, id: "\(number)", index: index),
            grade: Grade(.reward(Double(index % 2))))
        })
    }
    let algorithm = AlgorithmPlan(name: .grpo, aggregation: .token, scale: .off)
    return Crediting(algorithm, maxTokens: 4096).credit(groups)
  }

  /// Mean seconds of `body`, behind all that was launched before and until it is done.
  private func seconds(repeating times: Int, _ body: () throws -> Void) throws -> Double {
    try route.device.synchronize()
    let start = ContinuousClock.now
    for _ in 0..<times { try body() }
    try route.device.synchronize()
    let elapsed = ContinuousClock.now - start
    return (Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18)
      / Double(times)
  }
}
