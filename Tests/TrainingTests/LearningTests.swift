import Checkpoints
import Foundation
import LanguageModels
import Records
import Testing
import Torch

@testable import Training

/// A tiny model really trained: the reward rises, sampler and trainer agree, and a restored run goes on as if
/// nothing had happened.
@Suite struct LearningTests {
  struct Course {
    var rewards: [Double] = []
    var mismatchMax = 0.0

    func mean(_ range: Range<Int>) -> Double { rewards[range].reduce(0, +) / Double(range.count) }
    /// The course as a line of text.
    var text: String {
      rewards.enumerated().filter { $0.offset % 6 == 0 || $0.offset == rewards.count - 1 }
        .map { "\($0.offset): \((100 * $0.element).rounded() / 100)" }.joined(separator: ", ")
    }
  }

  static func learn(_ run: TinyRun, steps: Int) throws -> Course {
    var course = Course()
    for step in 0..<steps {
      let (reward, update) = try run.step(step)
      course.rewards.append(reward)
      course.mismatchMax = max(course.mismatchMax, update?.mismatchMax ?? 0)
    }
    return course
  }

  @Test(arguments: [TrainingMethod.lora, .full], [DType.float32, .bfloat16])
  func `the reward rises from chance to nearly full marks`(method: TrainingMethod, dtype: DType) throws {
    let run = try TinyRun(TinyModel.decoder(dtype, vocabulary: 64), TinyRun.plan(method))
    let course = try Self.learn(run, steps: 30)
    print("learning \(method) \(dtype): reward \(course.text)")
    #expect(course.mean(0..<2) < 0.3)
    #expect(course.mean(27..<30) > 0.7)
    #expect(course.mismatchMax == 0)
  }

  @Test func `several updates a step learn as well`() throws {
    var plan = TinyRun.plan(.lora)
    plan.updatesPerStep = 2
    let run = try TinyRun(TinyModel.decoder(), plan)
    var rewards: [Double] = []
    for step in 0..<25 {
      let groups = try run.sample(step: step)
      let all = groups.flatMap(\.episodes).compactMap(\.grade.reward)
      rewards.append(all.reduce(0, +) / Double(all.count))
      let parts = [run.credit(Array(groups[..<2])), run.credit(Array(groups[2...]))]
      _ = try run.trainer.update(parts, step: step, mismatchLimit: 0.1)
    }
    #expect(rewards.suffix(3).reduce(0, +) / 3 > 0.7)
  }

  @Test func `the pull to the base keeps the policy near it`() throws {
    func divergence(_ coefficient: Double) throws -> Double {
      var algorithm = TinyRun.algorithm
      algorithm.kl = KLPlan(coefficient: coefficient)
      let run = try TinyRun(TinyModel.decoder(), TinyRun.plan(.lora), algorithm: algorithm)
      var last = 0.0
      for step in 0..<15 { last = try run.step(step).update?.kl ?? last }
      return last
    }
    #expect(try divergence(1) < 0.25 * divergence(1e-6))
  }

  // MARK: Caches and checkpoints

  @Test(arguments: [TrainingMethod.lora, .full], [DType.float32, .bfloat16])
  func `a sample after an update is that of a model built afresh from the weights`(
    method: TrainingMethod, dtype: DType
  ) throws {
    let run = try TinyRun(TinyModel.decoder(dtype, vocabulary: 64), TinyRun.plan(method))
    let before = try run.sample(step: 0)
    for step in 0..<3 { _ = try run.step(step) }
    let warm = try run.sample(step: 0)
    #expect(warm != before)

    let cold = try TinyRun(TinyModel.decoder(dtype, vocabulary: 64), TinyRun.plan(method))
    for (a, b) in zip(run.trainer.parameters, cold.trainer.parameters) {
      try b.master.copy(from: a.master)
    }
    try cold.trainer.publish()
    #expect(try cold.sample(step: 0) == warm)
  }

  @Test(arguments: [TrainingMethod.lora, .full], [DType.float32, .bfloat16])
  func `a trainer restored from a checkpoint goes on bit for bit`(method: TrainingMethod, dtype: DType) throws
  {
    let folder = FileManager.default.temporaryDirectory.appending(path: "trainer-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    func make(seed: UInt64) throws -> TinyRun {
      var plan = TinyRun.plan(method)
      (plan.warmupSteps, plan.schedule, plan.weightDecay) = (2, .cosine, 0.01)
      var algorithm = TinyRun.algorithm
      algorithm.kl = KLPlan(coefficient: 0.02)
      return try TinyRun(TinyModel.decoder(dtype, vocabulary: 64), plan, algorithm: algorithm)
    }
    let run = try make(seed: 1)
    for step in 0..<3 { _ = try run.step(step) }
    let store = CheckpointStore(path: folder.path)
    let checkpoint = try store.write(step: 3) { try run.trainer.save(to: $0) }

    let restored = try make(seed: 1)
    try restored.trainer.restore(from: checkpoint)
    #expect(restored.trainer.updates == 3)
    for step in 3..<6 {
      let ours = try run.sample(step: step)
      #expect(try restored.sample(step: step) == ours)
      let update = try #require(try run.step(step).update)
      #expect(try restored.step(step).update == update)
    }
    for (a, b) in zip(run.trainer.parameters, restored.trainer.parameters) {
      for (ours, theirs) in zip(a.state, b.state) {
        let bits = try ours.tensor.floats().map(\.bitPattern)
        #expect(try theirs.tensor.floats().map(\.bitPattern) == bits, "\(ours.name)")
      }
    }
  }

  @Test func `a checkpoint of another plan is refused by name`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "trainer-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let run = try TinyRun(TinyModel.decoder(), TinyRun.plan(.lora))
    let checkpoint = try CheckpointStore(path: folder.path).write(step: 0) { try run.trainer.save(to: $0) }
    var plan = TinyRun.plan(.lora)
    plan.lora.rank = 2
    let other = try TinyRun(TinyModel.decoder(), plan)
    let before = try other.masters()
    let error = try #require(throws: ModelFileError.self) { try other.trainer.restore(from: checkpoint) }
    #expect(error.description.contains("layers.0.qkv.a"))
    #expect(try other.masters() == before)
  }
}
