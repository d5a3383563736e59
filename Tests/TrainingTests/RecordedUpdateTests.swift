import LanguageModels
import Records
import Testing
import Torch

@testable import Training

/// An update whose forward pass was taken from the sampler: the same bits as one that computes it.
@Suite struct RecordedUpdateTests {
  /// Gradient sums' bits, and the measurement.
  static func accumulated(
    _ run: TinyRun, _ batches: [MicroBatch], _ recording: Recording?
  ) throws -> (gradients: [[UInt32]], measured: Trainer.Measurement) {
    let (measured, sums) = try run.trainer.accumulate(batches, old: nil, recording: recording)
    return (try sums.map { try $0.floats().map(\.bitPattern) }, measured)
  }

  @Test(arguments: TrainingMethod.allCases, [DType.float32, .bfloat16])
  func `gradients have the same bits in any micro-batches and over any shards`(
    method: TrainingMethod, dtype: DType
  ) throws {
    for shards in [1, 3] {
      let run = try ExactnessTests.long(method, dtype, temperature: 0.9, shards: shards) { $0.lora.rank = 3 }
      try run.disturb(0.02)
      let (graded, recorded) = try run.sampleRecording(step: 0)
      let recording = try #require(recorded)
      let groups = run.credit(graded).groups
      for budget in [1, 200, 700, 100_000] {
        let batches = MicroBatch.pack(groups, tokens: budget)
        let plain = try Self.accumulated(run, batches, nil)
        let taken = try Self.accumulated(run, batches, recording)
        #expect(taken.gradients == plain.gradients, "budget \(budget), \(shards) shards")
        #expect(taken.measured.loss == plain.measured.loss)
        #expect(taken.measured.entropySum == plain.measured.entropySum)
        // What is taken from the sampler proves nothing.
        #expect(taken.measured.compared == 0)
        #expect(plain.measured.compared == plain.measured.tokens)
      }
    }
  }

  @Test(arguments: TrainingMethod.allCases, [1, 2])
  func `whole updates leave the same weights`(method: TrainingMethod, updatesPerStep: Int) throws {
    func run() throws -> TinyRun {
      var plan = TinyRun.plan(method)
      plan.updatesPerStep = updatesPerStep
      var algorithm = TinyRun.algorithm
      algorithm.kl = KLPlan(coefficient: 0.05)
      return try TinyRun(TinyModel.decoder(.bfloat16, vocabulary: 64), plan, algorithm: algorithm)
    }
    let (plain, taken) = (try run(), try run())
    for step in 0..<4 {
      let (groups, recorded) = try taken.sampleRecording(step: step)
      let recording = try #require(recorded)
      #expect(try plain.sample(step: step) == groups)
      let parts =
        updatesPerStep == 1
        ? [taken.credit(groups)] : [taken.credit(Array(groups[..<2])), taken.credit(Array(groups[2...]))]
      let expected = try plain.trainer.update(parts, step: step, mismatchLimit: 0)
      let found = try taken.trainer.update(
        parts, step: step, mismatchLimit: 0, recording: recording)
      #expect(found == expected)
      #expect(try taken.masters() == plain.masters())
    }
    #expect(taken.trainer.updates == 4 * updatesPerStep)
  }

  @Test func `episodes that were not recorded are computed`() throws {
    let run = try ExactnessTests.long(.lora, .bfloat16)
    let (graded, recorded) = try run.sampleRecording(step: 0)
    let recording = try #require(recorded)
    var groups = run.credit(graded).groups
    // One token of one episode is another one than was sampled.
    let place = try #require(groups[1][0].episode.lossMask.firstIndex(of: true))
    try #require(groups[1][0].episode.tokens.count > place + 1)
    groups[1][0].episode.tokens[place] ^= 1
    let batches = MicroBatch.pack(groups, tokens: 300)
    let plain = try Self.accumulated(run, batches, nil)
    let taken = try Self.accumulated(run, batches, recording)
    #expect(taken.gradients == plain.gradients)
    let batch = try #require(batches.first { $0.targets.count == taken.measured.compared })
    #expect(taken.measured.compared > 0 && batches.count > 1)
    #expect(taken.measured.mismatchMax == plain.measured.mismatchMax)
    #expect(batch.ids.count < batches.reduce(0) { $0 + $1.ids.count })
  }

  // MARK: The mismatch, measured on one episode computed anew

  @Test func `a sampler that is wrong throughout is stopped, whatever was recorded`() throws {
    let run = try ExactnessTests.long(.lora, .bfloat16)
    let (graded, recorded) = try run.sampleRecording(step: 0)
    let recording = try #require(recorded)
    var credited = run.credit(graded)
    for group in credited.groups.indices {
      for index in credited.groups[group].indices {
        for place in credited.groups[group][index].episode.logProbabilities.indices {
          credited.groups[group][index].episode.logProbabilities[place] -= 0.25
        }
      }
    }
    let before = try run.masters()
    let error = try #require(throws: TrainingError.self) {
      try run.trainer.update([credited], step: 4, mismatchLimit: 0.2, recording: recording)
    }
    guard case .mismatch(4, let mean, _, 0.2) = error else {
      Issue.record("expected a mismatch, found \(error)")
      return
    }
    #expect(abs(mean - 0.25) < 1e-6)
    try UpdateTests.expectUntouched(run, before)
  }

  @Test func `every update holds another episode against the sampler`() throws {
    let run = try TinyRun(TinyModel.decoder(), TinyRun.plan(.lora, learningRate: 1e-9))
    var seen: Set<Int> = []
    for step in 0..<6 {
      let (graded, recorded) = try run.sampleRecording(step: step)
      let recording = try #require(recorded)
      var credited = run.credit(graded)
      // Every episode is wrong by an amount of its own.
      var number = 0
      for group in credited.groups.indices {
        for index in credited.groups[group].indices {
          number += 1
          for place in credited.groups[group][index].episode.logProbabilities.indices {
            credited.groups[group][index].episode.logProbabilities[place] -= Float(number) * 0x1p-10
          }
        }
      }
      let update = try #require(
        try run.trainer.update([credited], step: step, mismatchLimit: 1, recording: recording))
      let episode = (update.mismatchMean * 0x1p10).rounded()
      #expect(abs(update.mismatchMean * 0x1p10 - episode) < 1e-2)
      seen.insert(Int(episode))
    }
    #expect(seen.count == 6)
  }
}
