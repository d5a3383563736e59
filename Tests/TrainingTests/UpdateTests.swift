import Foundation
import LanguageModels
import Records
import Testing
import Torch

@testable import Training

/// One update: what it measures, what it refuses, and what it does to the weights.
@Suite struct UpdateTests {
  static func run(
    _ method: TrainingMethod = .lora,
    _ change: (inout TrainingPlan, inout AlgorithmPlan) -> Void = { _, _ in }
  ) throws -> TinyRun {
    var plan = TinyRun.plan(method)
    var algorithm = TinyRun.algorithm
    change(&plan, &algorithm)
    return try TinyRun(TinyModel.decoder(), plan, algorithm: algorithm)
  }

  @Test func `an adapter at its start changes no bit of a log-probability or a sample`() throws {
    for dtype in [DType.float32, .bfloat16] {
      // 64 columns of vocabulary take the packed head in bfloat16.
      for vocabulary in [40, 64] {
        let base = try TinyModel.decoder(dtype, vocabulary: vocabulary)
        let ids = (0..<30).map { Int32($0 * 7 % 40) }
        let expected = try base.score(ids)
        for targets in [LinearTarget.allCases, [.q], [.v, .down], [.up, .o]] {
          var plan = TinyRun.plan(.lora)
          plan.lora.targets = targets
          let run = try TinyRun(base, plan)
          #expect(try run.trainer.decoder.score(ids) == expected)
        }
        let plain = try TinyRun(base, TinyRun.plan(.full))
        let adapted = try TinyRun(base, TinyRun.plan(.lora))
        #expect(try adapted.sample(step: 0) == plain.sample(step: 0))
      }
    }
  }

  @Test(arguments: TrainingMethod.allCases)
  func `the ratio is exactly one in a step's first update`(method: TrainingMethod) throws {
    let run = try Self.run(method) { _, algorithm in
      (algorithm.clipLow, algorithm.clipHigh) = (0, 0)
    }
    for step in 0..<3 {
      let groups = try run.sample(step: step)
      let credited = run.credit(groups)
      let update = try #require(try run.trainer.update([credited], step: step, mismatchLimit: 0.1))
      // With an empty clip range any other ratio would be clipped on one side or the other.
      #expect(update.clippedShare == 0)
      let weights = credited.groups.joined().flatMap(\.credit.policy).reduce(0) { $0 + Double($1) }
      #expect(abs(update.loss + weights) < 1e-12)
    }
  }

  @Test func `later updates of a step compare with the policy before the first and clip`() throws {
    let run = try Self.run(.lora) { plan, _ in plan.updatesPerStep = 2 }
    try run.disturb()
    let groups = try run.sample(step: 0)
    let parts = [run.credit(Array(groups[..<2])), run.credit(Array(groups[2...]))]
    let batches = MicroBatch.pack(parts[1].groups, tokens: 4096)
    let before = try batches.map { batch in
      let hidden = try run.trainer.decoder.hidden(batch.ids, layout: batch.layout)
      return try run.trainer.decoder.logProbabilities(
        hidden.rows(at: Tensor.integers(batch.rows)), targets: batch.targets, temperature: 1
      ).logProbabilities.floats()
    }

    // The first update alone, then the second part measured by hand against the policy before it.
    let twin = try Self.run(.lora)
    try twin.disturb()
    _ = try twin.trainer.update([parts[0]], step: 0, mismatchLimit: 0.1)
    let (measured, gradients) = try twin.trainer.accumulate(batches, old: before)
    #expect(measured.clipped > 0, "the learning rate is high enough for ratios to leave the range")
    let (fresh, _) = try twin.trainer.accumulate(batches, old: nil)
    #expect(fresh.clipped == 0)
    let masters = try twin.masters()
    var norm = 0.0
    for gradient in gradients { norm += try gradient.sumOfSquares() }

    let update = try #require(try run.trainer.update(parts, step: 0, mismatchLimit: 0.1))
    #expect(run.trainer.updates == 2)
    let tokens = parts.flatMap(\.groups).joined().reduce(0) { $0 + $1.episode.generatedCount }
    #expect(update.clippedShare == Double(measured.clipped) / Double(tokens))
    #expect(update.gradientNorm >= norm.squareRoot() * (1 - 1e-6))
    #expect(try run.masters() != masters)
  }

  @Test func `the gradient is scaled down to the clip and its own norm is reported`() throws {
    let free = try Self.run { plan, _ in plan.gradientClip = 0 }
    let credited = free.credit(try free.sample(step: 0))
    let norm = try #require(try free.trainer.update([credited], step: 0, mismatchLimit: 0.1)).gradientNorm
    for (clip, expected) in [(norm / 4, 0.25), (norm * 4, 1)] {
      let run = try Self.run { plan, _ in plan.gradientClip = clip }
      let update = try #require(try run.trainer.update([credited], step: 0, mismatchLimit: 0.1))
      #expect(abs(update.gradientNorm / norm - 1) < 1e-6)
      // The first moment of a first step is (1 - beta1) times the scaled gradient.
      for (a, b) in zip(free.trainer.parameters, run.trainer.parameters) {
        let scaled = try a.moment1.floats().map { $0 * Float(expected) }
        #expect(zip(try b.moment1.floats(), scaled).allSatisfy { abs($0 - $1) <= 1e-6 * Float(norm) })
      }
    }
  }

  @Test func `weights move by AdamW's first step and no more than the learning rate`() throws {
    let run = try Self.run { plan, _ in plan.learningRate = 1e-3 }
    let before = try run.masters()
    let update = try #require(try run.step(0).update)
    #expect(update.learningRate == 1e-3)
    let moved = zip(before.joined(), try run.masters().joined()).map { abs($0 - $1) }
    #expect(moved.max() ?? 0 > 0.5e-3)
    #expect(moved.max() ?? 1 < 1.01e-3)
  }

  // MARK: Refusals

  static func expectUntouched(_ run: TinyRun, _ before: [[Float]]) throws {
    #expect(try run.masters() == before)
    #expect(run.trainer.updates == 0)
    for parameter in run.trainer.parameters {
      #expect(try parameter.moment1.floats().allSatisfy { $0 == 0 })
      #expect(try parameter.moment2.floats().allSatisfy { $0 == 0 })
    }
  }

  @Test(arguments: TrainingMethod.allCases)
  func `a mismatch over the limit stops before the weights change and says what to do`(method: TrainingMethod)
    throws
  {
    let run = try Self.run(method)
    let before = try run.masters()
    var credited = run.credit(try run.sample(step: 0))
    for group in credited.groups.indices {
      for index in credited.groups[group].indices {
        credited.groups[group][index].episode.logProbabilities =
          credited.groups[group][index].episode.logProbabilities.map { $0 - 0.25 }
      }
    }
    let error = try #require(throws: TrainingError.self) {
      try run.trainer.update([credited], step: 4, mismatchLimit: 0.2)
    }
    guard case .mismatch(let step, let mean, let largest, let limit) = error else {
      Issue.record("expected a mismatch, found \(error)")
      return
    }
    #expect((step, limit) == (4, 0.2))
    #expect(abs(mean - 0.25) < 1e-6)
    #expect(largest >= mean)
    #expect(error.description.contains("float32"))
    try Self.expectUntouched(run, before)
    // The same difference within the limit is measured and let through.
    let update = try #require(try run.trainer.update([credited], step: 4, mismatchLimit: 0.3))
    #expect(abs(update.mismatchMean - 0.25) < 1e-6)
  }

  @Test func `weights that are not numbers are called diverged and not a mismatch`() throws {
    let run = try Self.run(.full)
    let credited = run.credit(try run.sample(step: 0))
    let norm = try #require(run.trainer.parameters.first { $0.name == "finalNorm" })
    let good = try norm.master.floats()
    try norm.master.copy(from: Tensor.floats(good.map { _ in .nan }, norm.master.shape))
    try run.trainer.publish()
    let error = try #require(throws: TrainingError.self) {
      try run.trainer.update([credited], step: 2, mismatchLimit: 0.1)
    }
    #expect(error == .diverged(step: 2, what: "log-probability of a sampled token"))
    try norm.master.copy(from: Tensor.floats(good, norm.master.shape))
    try run.trainer.publish()
    try Self.expectUntouched(run, try Self.run(.full).masters())
  }

  @Test(arguments: [Float.infinity, 3e38])
  func `a loss or gradient that is not finite leaves the weights alone`(weight: Float) throws {
    let run = try Self.run()
    let before = try run.masters()
    var credited = run.credit(try run.sample(step: 0))
    for index in credited.groups[0].indices {
      let mask = credited.groups[0][index].episode.lossMask
      credited.groups[0][index].credit.policy = mask.map { $0 ? weight : 0 }
    }
    let error = try #require(throws: TrainingError.self) {
      try run.trainer.update([credited], step: 1, mismatchLimit: 0.1)
    }
    #expect(error == .diverged(step: 1, what: weight == .infinity ? "loss" : "gradient"))
    try Self.expectUntouched(run, before)
  }

  // MARK: Measurements

  @Test func `the divergence from the base is measured when it is in the loss and nil otherwise`() throws {
    #expect(try Self.run().step(0).update?.kl == nil)
    for method in TrainingMethod.allCases {
      let run = try Self.run(method) { _, algorithm in algorithm.kl = KLPlan(coefficient: 0.01) }
      let first = try #require(try run.step(0).update?.kl)
      #expect(abs(first) < 1e-9, "\(method): the policy is still the base")
      let second = try #require(try run.step(1).update?.kl)
      #expect(second > 1e-4, "\(method): the base stays where it was")
    }
  }

  @Test func `the entropy is that of the distribution that tokens are drawn from`() throws {
    let run = try TinyRun(TinyModel.decoder(), TinyRun.plan(.lora), temperature: 0.7)
    let credited = run.credit(try run.sample(step: 0))
    var entropies: [Double] = []
    for batch in MicroBatch.pack(credited.groups, tokens: 4096) {
      let hidden = try run.trainer.decoder.hidden(batch.ids, layout: batch.layout)
      // Every row with every token of the vocabulary as its target.
      let rows = batch.rows.flatMap { [Int](repeating: $0, count: 40) }
      let logs = try run.trainer.decoder.logProbabilities(
        hidden.rows(at: Tensor.integers(rows)), targets: batch.rows.flatMap { _ in 0..<Int32(40) },
        temperature: 0.7
      ).logProbabilities.floats()
      for row in batch.rows.indices {
        entropies.append(logs[row * 40..<(row + 1) * 40].reduce(0) { $0 - exp(Double($1)) * Double($1) })
      }
    }
    let update = try #require(try run.trainer.update([credited], step: 0, mismatchLimit: 0.1))
    #expect(abs(update.entropy - entropies.reduce(0, +) / Double(entropies.count)) < 1e-5)
    #expect(update.entropy > 0.5)
  }

  /// Sampling and training at a temperature, with a truncated support: the sampler's figures are brought back to
  /// the whole vocabulary before they are compared.
  @Test(arguments: [(0.5, 1.0, 0), (2, 1, 0), (1, 0.7, 0), (0.8, 1, 5)])
  func `temperature and truncated support leave no mismatch`(temperature: Double, topP: Double, topK: Int)
    throws
  {
    var run = try TinyRun(TinyModel.decoder(), TinyRun.plan(.lora), temperature: temperature)
    try run.disturb()
    run.options.topP = topP
    run.options.topK = topK
    let update = try #require(try run.step(0).update)
    // Bringing them back rounds once: an ulp of a number below 8.
    #expect(update.mismatchMax <= (run.options.truncatesSupport ? 0x1p-21 : 0))
  }
}
