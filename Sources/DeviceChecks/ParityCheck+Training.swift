internal import Checkpoints
internal import CreditAssignment
internal import Foundation
internal import LanguageModels
internal import Records
internal import Torch
internal import Training

extension ParityCheck {
  /// Whole steps of training: the weights afterwards, and what was measured.
  static let training: [ParityCheck] = [
    step("LoRA", .lora, of: .llama), step("LoRA, pulled to the base", .lora, of: .qwen3, kl: 0.1),
    step("LoRA, two updates", .lora, of: .qwen2, updates: 2), step("full", .full, of: .qwen2),
    step("full, pulled to the base", .full, of: .llama, kl: 0.1),
  ]

  private static func step(
    _ name: String, _ method: TrainingMethod, of architecture: Architecture, kl: Double = 0, updates: Int = 1
  ) -> ParityCheck {
    ParityCheck("training step: \(name)", tolerance: 1e-3) { site in
      let run = try SmallRun(site.device, method, of: architecture, kl: kl)
      let record = try run.step(0, updates: updates)
      return try run.masters()
        + [
          [Float(record.loss)], [Float(record.gradientNorm)], [Float(record.entropy)],
          [Float(record.kl ?? 0)],
        ]
    }
  }
}

/// A tiny model in training: sampled from, credited by an arbitrary reward, updated.
struct SmallRun {
  let trainer: Trainer
  private let model: ModelConfiguration

  init(_ device: Device, _ method: TrainingMethod, of architecture: Architecture, kl: Double = 0) throws {
    model = .tiny(architecture, tied: architecture != .qwen2)
    // AdamW's first steps depend on the gradient's sign alone: a large epsilon shows its size.
    let plan = TrainingPlan(
      method: method, lora: LoRAPlan(rank: 4), learningRate: 1e-2, epsilon: 1e-3, microBatchTokens: 128)
    let loss = PolicyLoss(clipLow: 0.2, clipHigh: 0.2, kl: KLPlan(coefficient: kl))
    trainer = try Trainer(
      Decoder.random(model, .float32, device: device, positions: 128, seed: 7), plan: plan, loss: loss,
      temperature: 1, seed: 3, shards: Shards(count: 1))
  }

  /// Samples, credits and updates once; the samples are made by the policy as it is.
  func step(_ step: Int, updates: Int = 1) throws -> UpdateRecord {
    let options = SamplerOptions(
      maxTokens: 14, stopIDs: Set((0..<Int32(model.vocabulary)).filter { $0 % 17 == 4 }))
    let requests = (0..<3).map { number in
      SampleRequest(
        prompt: (0..<5 + 9 * number).map { Int32(($0 * 37 + number * 101 + step) % model.vocabulary) },
        streams: (0..<4).map { RandomStream(run: 5, step: step, exampleID: "\(number)", index: $0) })
    }
    let answers = try Sampler(trainer.decoder, shards: Shards(count: 1)).sample(requests, options)
    let groups = zip(requests, answers).enumerated().map { number, pair in
      GradedGroup(
        example: Example(id: "\(number)", messages: []),
        episodes: pair.1.enumerated().map { index, answer in
          GradedEpisode(
            episode: Self.episode(pair.0.prompt, answer, id: "\(number)", index: index),
            grade: Grade(.reward(Double((answer.tokens.first ?? 0) % 7))))
        })
    }
    let algorithm = AlgorithmPlan(name: .grpo, aggregation: .token, scale: .off)
    let credited = Crediting(algorithm, maxTokens: options.maxTokens).credit(groups)
    let parts = Array(repeating: credited, count: updates)
    guard let record = try trainer.update(parts, step: step, mismatchLimit: 1e-3) else {
      preconditionFailure("a step of unequal rewards must have a signal")
    }
    return record
  }

  func masters() throws -> [[Float]] { try trainer.parameters.map { try $0.master.floats() } }

  static func episode(_ prompt: [Int32], _ answer: SampledAnswer, id: String, index: Int) -> Episode {
    func aligned<Value>(_ blank: Value, _ values: [Value]) -> [Value] { prompt.map { _ in blank } + values }
    return Episode(
      exampleID: id, index: index, turns: [], tokens: prompt + answer.tokens,
      lossMask: aligned(false, answer.tokens.map { _ in true }),
      logProbabilities: aligned(0, answer.logProbabilities),
      policyVersions: aligned(-1, answer.tokens.map { _ in 0 }), stopReason: answer.stopReason)
  }
}

/// Whether a run over a route that was saved, loaded and went on is bit for bit the one that was not.
package func resumesExactly(over route: DeviceRoute) throws -> Bool {
  try route.run {
    let whole = try SmallRun(route.device, .lora, of: .llama)
    for step in 0..<3 { _ = try whole.step(step) }
    let folder = FileManager.default.temporaryDirectory.appending(path: "operant-resume-\(UUID().uuidString)")
      .path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let first = try SmallRun(route.device, .lora, of: .llama)
    for step in 0..<2 { _ = try first.step(step) }
    let checkpoint = try CheckpointStore(path: folder).write(step: 2) { try first.trainer.save(to: $0) }
    let second = try SmallRun(route.device, .lora, of: .llama)
    try second.trainer.restore(from: checkpoint)
    _ = try second.step(2)
    return try whole.masters() == second.masters()
  }
}
