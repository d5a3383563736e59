import LanguageModels
import OperantTesting
import Records
import Testing
import Torch

@testable import Training

/// What the trainer measures of the sampler's log-probabilities: no difference at all.
@Suite struct ExactnessTests {
  /// Prompts around the blocks of 16 positions that rows share, answers that outgrow their first room.
  static func long(
    _ method: TrainingMethod, _ dtype: DType, temperature: Double = 1, shards: Int = 2, exact: Bool = true,
    change: (inout TrainingPlan) -> Void = { _ in }
  ) throws -> TinyRun {
    var plan = TinyRun.plan(method)
    change(&plan)
    var run = try TinyRun(
      TinyModel.decoder(dtype, vocabulary: 64, tied: method == .lora, exact: exact), plan,
      temperature: temperature, shards: shards)
    var random = SplitMix64(seed: 4)
    run.prompts = [1, 15, 16, 17, 33, 48].map { length in
      (0..<length).map { _ in Int32.random(in: 2..<64, using: &random) }
    }
    run.options.maxTokens = 90
    run.attempts = 5
    return run
  }

  @Test(arguments: TrainingMethod.allCases, [DType.float32, .bfloat16])
  func `no token differs over a course of updates`(method: TrainingMethod, dtype: DType) throws {
    let run = try Self.long(method, dtype) { $0.lora.rank = 5 }
    var tokens = 0
    for step in 0..<5 {
      let credited = run.credit(try run.sample(step: step))
      tokens += credited.groups.joined().reduce(0) { $0 + $1.episode.generatedCount }
      let update = try #require(try run.trainer.update([credited], step: step, mismatchLimit: 0))
      #expect(update.mismatchMax == 0 && update.mismatchMean == 0)
      #expect(update.clippedShare == 0)
    }
    #expect(tokens > 2000)
    #expect(run.trainer.updates == 5)
  }

  @Test(arguments: TrainingMethod.allCases, [DType.float32, .bfloat16])
  func `no token differs in any micro-batches, over any shards`(method: TrainingMethod, dtype: DType) throws {
    let run = try Self.long(method, dtype, temperature: 0.8)
    try run.disturb(0.02)
    let groups = run.credit(try run.sample(step: 0)).groups
    var counts: Set<Int> = []
    for budget in [1, 90, 200, 333, 800, 100_000] {
      let batches = MicroBatch.pack(groups, tokens: budget)
      counts.insert(batches.count)
      let (measured, _) = try run.trainer.accumulate(batches, old: nil)
      #expect(measured.tokens > 500)
      #expect(measured.mismatchMax == 0, "budget \(budget)")
    }
    #expect(counts.count > 4, "the budgets must part the step in different ways")
    let separate = groups.reversed().flatMap { $0.reversed().map { [$0] } }
    let (measured, _) = try run.trainer.accumulate(MicroBatch.pack(separate, tokens: 500), old: nil)
    #expect(measured.mismatchMax == 0)
    for shards in [1, 3] {
      let other = try Self.long(method, dtype, temperature: 0.8, shards: shards)
      try other.disturb(0.02)
      let (measured, _) = try other.trainer.accumulate(MicroBatch.pack(groups, tokens: 300), old: nil)
      #expect(measured.mismatchMax == 0, "\(shards) shards")
      #expect(try other.sample(step: 0) == run.sample(step: 0), "\(shards) shards")
    }
  }

  @Test func `a mismatch in one token of all is seen`() throws {
    let run = try Self.long(.lora, .bfloat16)
    var credited = run.credit(try run.sample(step: 0))
    let place = try #require(credited.groups[0][0].episode.lossMask.lastIndex(of: true))
    credited.groups[0][0].episode.logProbabilities[place] += 0x1p-10
    let tokens = credited.groups.joined().reduce(0) { $0 + $1.episode.generatedCount }
    let update = try #require(try run.trainer.update([credited], step: 0, mismatchLimit: 0.1))
    #expect(abs(update.mismatchMax - 0x1p-10) < 1e-6)
    #expect(abs(update.mismatchMean * Double(tokens) - 0x1p-10) < 1e-6)
  }

  @Test(arguments: [DType.float32, .bfloat16])
  func `without exactness the mean difference stays far below the limit`(dtype: DType) throws {
    let run = try Self.long(.lora, dtype, exact: false)
    var (mean, largest) = (0.0, 0.0)
    for step in 0..<3 {
      let update = try #require(try run.step(step).update)
      mean = max(mean, update.mismatchMean)
      largest = max(largest, update.mismatchMax)
    }
    print("exact: false, trainer \(dtype): mean mismatch \(mean), largest \(largest)")
    #expect(mean < (dtype == .float32 ? 1e-5 : 2e-2))
  }

  @Test(
    .enabled(if: ParityFixture.defaultModel != nil, "the default model is not in .deps/models"),
    arguments: TrainingMethod.allCases)
  func `the default model's sampler and trainer agree before and after updates`(method: TrainingMethod) throws
  {
    let path = try #require(ParityFixture.defaultModel)
    var plan = TinyRun.plan(method, learningRate: method == .lora ? 1e-3 : 1e-5)
    plan.lora.rank = 16
    var run = try TinyRun(ModelLoader(gguf: path).decoder(.bfloat16, positions: 128), plan)
    let text: [Int32] = [504, 4186, 282, 260, 10219, 314, 7042, 30]
    run.prompts = [9, 16, 34].map { length in (0..<length).map { text[$0 % text.count] } }
    run.options.maxTokens = 40
    run.options.stopIDs = [0, 2]
    run.attempts = 4
    var tokens = 0
    for step in 0..<3 {
      var groups = try run.sample(step: step)
      // Any rewards that differ will do.
      for group in groups.indices {
        for index in groups[group].episodes.indices {
          groups[group].episodes[index].grade = Grade(.reward(Double((index + step) % 3) / 2))
        }
      }
      let credited = run.credit(groups)
      tokens += credited.groups.joined().reduce(0) { $0 + $1.episode.generatedCount }
      let before = try run.trainer.decoder.score(text)
      let update = try #require(try run.trainer.update([credited], step: step, mismatchLimit: 0))
      #expect(update.mismatchMax == 0)
      #expect(try run.trainer.decoder.score(text) != before, "the update must reach the panels")
    }
    print("exactness SmolLM2-135M-Instruct \(method): \(tokens) tokens over 3 updates, no bit different")
  }
}
