import Foundation
import LanguageModels
import Records
import Testing
import Torch

@testable import Training

/// The gradient of a step: the same for any split, the slope of the loss, and of the right tokens.
@Suite struct GradientTests {
  /// A run whose adapters or weights are away from their start, with a credited step.
  static func prepared(
    _ method: TrainingMethod, shards: Int = 1, kl: KLPlan = KLPlan(coefficient: 0.1), tied: Bool = true
  ) throws -> (run: TinyRun, groups: [[CreditedEpisode]]) {
    var algorithm = TinyRun.algorithm
    algorithm.kl = kl
    let run = try TinyRun(
      TinyModel.decoder(tied: tied), TinyRun.plan(method), algorithm: algorithm, shards: shards)
    try run.disturb()
    return (run, run.credit(try run.sample(step: 0)).groups)
  }

  @Test(arguments: TrainingMethod.allCases)
  func `any split into micro-batches, shards and trees gives the same gradient`(method: TrainingMethod) throws
  {
    let (run, groups) = try Self.prepared(method)
    #expect(groups.count >= 3)
    let whole = try run.gradients(groups)
    #expect(whole.contains { $0.contains { $0 != 0 } })
    var splits: Set<Int> = []
    for budget in [1, 5, 9, 16, 23, 40, 64, 100, 100_000, .max] {
      let count = MicroBatch.pack(groups, tokens: budget).count
      splits.insert(count)
      #expect(relativeDifference(whole, try run.gradients(groups, tokens: budget)) < 1e-5, "budget \(budget)")
    }
    #expect(splits.count > 4, "the budgets must part the step in different ways")
    // Another order of the groups, and of the attempts within them.
    let reversed = groups.reversed().map { Array($0.reversed()) }
    #expect(relativeDifference(whole, try run.gradients(reversed, tokens: 30)) < 1e-5)
    // Every episode a sequence of its own: nothing shares a prompt.
    let separate = groups.flatMap { $0.map { [$0] } }
    #expect(relativeDifference(whole, try run.gradients(separate)) < 1e-5)
    for shards in [2, 3] {
      let (other, same) = try Self.prepared(method, shards: shards)
      // Sampling is split over shards too, so the episodes are those of the first run.
      #expect(same.map(\.count) == groups.map(\.count))
      #expect(relativeDifference(whole, try other.gradients(groups, tokens: 20)) < 1e-5, "\(shards) shards")
    }
  }

  @Test func `the same split over the same shards is the same to the bit`() throws {
    let (run, groups) = try Self.prepared(.full, shards: 3)
    let first = try run.gradients(groups, tokens: 20)
    for _ in 0..<5 { #expect(try run.gradients(groups, tokens: 20) == first) }
  }

  @Test(arguments: TrainingMethod.allCases)
  func `the gradient is the slope of the loss`(method: TrainingMethod) throws {
    let (run, groups) = try Self.prepared(method, kl: KLPlan(coefficient: 0.3, estimator: .k3))
    let batches = MicroBatch.pack(groups, tokens: 4096)
    // Ratios away from one, inside the clip range.
    let old = batches.map { batch in batch.sampled.map { $0 + 0.05 } }
    let gradient = try run.gradients(groups, old: old)
    let squares = gradient.joined().reduce(0) { $0 + Double($1) * Double($1) }
    let masters = try run.masters()
    func loss(at distance: Float) throws -> Double {
      for (place, parameter) in run.trainer.parameters.enumerated() {
        let moved = zip(masters[place], gradient[place]).map { $0 + distance * $1 }
        try parameter.master.copy(from: Tensor.floats(moved, parameter.master.shape))
      }
      try run.trainer.publish()
      return try run.trainer.accumulate(batches, old: old).0.loss
    }
    let distance = Float(2e-3 / squares.squareRoot())
    let slope = try (loss(at: distance) - loss(at: -distance)) / Double(2 * distance)
    #expect(abs(slope / squares - 1) < 1e-2)
  }

  @Test func `a token's log-probability does not depend on what it is packed with`() throws {
    let (run, groups) = try Self.prepared(.lora)
    for batch in MicroBatch.pack(groups, tokens: 100_000) {
      let hidden = try run.trainer.decoder.hidden(batch.ids, layout: batch.layout)
      let packed = try run.trainer.decoder.logProbabilities(
        hidden.rows(at: Tensor.integers(batch.rows)), targets: batch.targets, temperature: 1
      ).logProbabilities.floats()
      var alone: [Float] = []
      for entry in groups.joined() {
        let scores = try run.trainer.decoder.score(entry.episode.tokens)
        alone += entry.episode.tokens.indices.filter { entry.episode.lossMask[$0] }.map { scores[$0 - 1] }
      }
      #expect(packed == alone)
    }
  }

  @Test func `a tied head learns from both of its uses`() throws {
    let (tied, groups) = try Self.prepared(.full, tied: true)
    let (untied, _) = try Self.prepared(.full, tied: false)
    // The same weights on both sides: `disturb` has moved the untied head on its own.
    for (a, b) in zip(tied.trainer.parameters, untied.trainer.parameters) {
      try #require(a.name == b.name)
      try b.master.copy(from: a.master)
    }
    let head = try #require(untied.trainer.parameters.last)
    #expect(head.name == "head")
    try head.master.copy(from: tied.trainer.parameters[0].master)
    try untied.trainer.publish()

    let both = try tied.gradients(groups)
    let apart = try untied.gradients(groups)
    let sum = zip(apart[0], apart[apart.count - 1]).map(+)
    #expect(apart[0].contains { $0 != 0 } && apart[apart.count - 1].contains { $0 != 0 })
    #expect(relativeDifference([both[0]], [sum]) < 1e-5)
    #expect(relativeDifference(Array(both.dropFirst()), Array(apart[1..<apart.count - 1])) < 1e-5)
  }

  // MARK: Which tokens

  /// The stop token also stands in the prompt and pads nothing: what is trained on is told by the mask alone.
  @Test func `the token that ends an answer is trained on exactly once and only where it was sampled`() throws
  {
    func episode(_ index: Int, _ answer: [Int32], _ reason: StopReason, weight: Float) -> CreditedEpisode {
      let prompt: [Int32] = [1, 5, 1, 6]
      let tokens = prompt + answer
      let mask = tokens.indices.map { $0 >= prompt.count }
      return CreditedEpisode(
        episode: Episode(
          exampleID: "a", index: index, turns: [], tokens: tokens, lossMask: mask,
          logProbabilities: tokens.map { _ in -1 }, policyVersions: tokens.map { _ in 0 }, stopReason: reason),
        credit: Credit(
          policy: mask.map { $0 ? weight : 0 }, regularisation: mask.map { $0 ? 0.1 : 0 }))
    }
    let group = [
      episode(0, [7, 8, 1], .endOfTurn, weight: 0.5), episode(1, [9, 9, 9], .truncated, weight: -0.5),
      episode(2, [1], .endOfTurn, weight: 0.25),
    ]
    for budget in [1, 12, 100] {
      let batches = MicroBatch.pack([group], tokens: budget)
      let targets = batches.flatMap(\.targets)
      #expect(targets == [7, 8, 1, 9, 9, 9, 1])
      #expect(batches.flatMap(\.policyWeights) == [0.5, 0.5, 0.5, -0.5, -0.5, -0.5, 0.25])
      // What a token is predicted from is the one before it.
      let predictors = batches.flatMap { batch in batch.rows.map { batch.ids[$0] } }
      #expect(predictors == [6, 7, 8, 6, 9, 9, 6])
    }
    #expect(MicroBatch.pack([group], tokens: 100)[0].ids == [1, 5, 1, 6, 7, 8, 9, 9])
  }

  @Test func `episodes without credit are not computed and a step without credit makes no update`() throws {
    var algorithm = TinyRun.algorithm
    algorithm.truncated = .mask
    var run = try TinyRun(TinyModel.decoder(), TinyRun.plan(.lora), algorithm: algorithm)
    run.options.stopIDs = []
    let step = run.credit(try run.sample(step: 0))
    #expect(!step.groups.isEmpty)
    #expect(MicroBatch.pack(step.groups, tokens: 4096).isEmpty)
    #expect(try run.trainer.update([step], step: 0, mismatchLimit: 1) == nil)
    #expect(run.trainer.updates == 0)
  }

  @Test func `micro-batches keep to the budget unless one episode alone is larger`() throws {
    let (_, groups) = try Self.prepared(.lora)
    for budget in [10, 17, 33, 64] {
      for batch in MicroBatch.pack(groups, tokens: budget) {
        let isOneEpisode = batch.trees.count == 1 && batch.trees[0].branches.count <= 1
        #expect(batch.ids.count <= budget || isOneEpisode)
        #expect(batch.layout.count == batch.ids.count)
      }
    }
    let total = groups.joined().reduce(0) { $0 + $1.episode.generatedCount }
    #expect(MicroBatch.pack(groups, tokens: 20).reduce(0) { $0 + $1.targets.count } == total)
  }
}
