import CreditAssignment
import LanguageModels
import Records
import Torch

@testable import Training

/// Sampling, grading and updating of a tiny model, as a run does it but in memory.
struct TinyRun {
  /// The token that ends an answer.
  static let stop: Int32 = 1
  static let shortPrompts: [[Int32]] = [[2, 3, 4], [5, 6], [7, 8, 9, 10], [11]]

  var plan: TrainingPlan
  var algorithm: AlgorithmPlan
  var options = SamplerOptions(maxTokens: 6, stopIDs: [Self.stop])
  var prompts = Self.shortPrompts
  var attempts = 8
  var seed: UInt64 = 5
  let trainer: Trainer

  init(
    _ decoder: Decoder, _ plan: TrainingPlan, algorithm: AlgorithmPlan = Self.algorithm,
    temperature: Double = 1, shards: Int = 2
  ) throws {
    self.plan = plan
    self.algorithm = algorithm
    options.temperature = temperature
    trainer = try Trainer(
      decoder, plan: plan,
      loss: PolicyLoss(clipLow: algorithm.clipLow, clipHigh: algorithm.clipHigh, kl: algorithm.kl),
      temperature: temperature, seed: 3, shards: Shards(count: shards))
  }

  static let algorithm = AlgorithmPlan(name: .grpo, aggregation: .token, scale: .off)

  static func plan(_ method: TrainingMethod, learningRate: Double? = nil) -> TrainingPlan {
    TrainingPlan(
      method: method, lora: LoRAPlan(rank: 4, alpha: 8), steps: 30,
      learningRate: learningRate ?? (method == .lora ? 1e-2 : 1e-2))
  }

  /// Share of an answer's tokens, its end left out, that are below 12: a random model has a sixth or so.
  static func reward(_ tokens: [Int32]) -> Double {
    let said = tokens.filter { $0 != stop }
    return said.isEmpty ? 0 : Double(said.count { $0 < 12 }) / Double(said.count)
  }

  func sample(step: Int) throws(TorchError) -> [GradedGroup] {
    try sampleRecording(step: step, bytes: 0).groups
  }

  /// With what the layers made meanwhile.
  func sampleRecording(
    step: Int, bytes: Int = .max
  ) throws(TorchError) -> (groups: [GradedGroup], recording: Recording?) {
    let requests = prompts.enumerated().map { number, prompt in
      SampleRequest(
        prompt: prompt,
        streams: (0..<attempts).map {
          RandomStream(run: seed, step: step, exampleID: "\(number)", index: $0)
        })
    }
    let (answers, recording) = try Sampler(trainer.decoder, shards: trainer.shards).sample(
      requests, options, observer: SamplingObserver(), bytesToRecord: bytes)
    let groups = zip(requests.indices, answers).map { number, answers in
      GradedGroup(
        example: Example(id: "\(number)", messages: []),
        episodes: answers.enumerated().map { index, answer in
          Self.graded(
            prompts[number], answer, id: "\(number)", index: index,
            hasMasses: options.truncatesSupport)
        })
    }
    return (groups, recording)
  }

  private static func graded(
    _ prompt: [Int32], _ answer: SampledAnswer, id: String, index: Int, hasMasses: Bool
  ) -> GradedEpisode {
    func aligned<Value>(_ blank: Value, _ values: [Value]) -> [Value] { prompt.map { _ in blank } + values }
    return GradedEpisode(
      episode: Episode(
        exampleID: id, index: index, turns: [], tokens: prompt + answer.tokens,
        lossMask: aligned(false, answer.tokens.map { _ in true }),
        logProbabilities: aligned(0, answer.logProbabilities),
        policyVersions: aligned(-1, answer.tokens.map { _ in 0 }),
        supportLogMasses: hasMasses ? aligned(0, answer.logMasses) : nil, stopReason: answer.stopReason),
      grade: Grade(.reward(reward(answer.tokens))))
  }

  func credit(_ groups: [GradedGroup]) -> CreditedStep {
    Crediting(algorithm, maxTokens: options.maxTokens).credit(groups)
  }

  /// One step, with the mean reward of its episodes.
  @discardableResult
  func step(_ step: Int, mismatchLimit: Double = 0.1) throws -> (reward: Double, update: UpdateRecord?) {
    let groups = try sample(step: step)
    let rewards = groups.flatMap(\.episodes).compactMap(\.grade.reward)
    let update = try trainer.update([credit(groups)], step: step, mismatchLimit: mismatchLimit)
    return (rewards.reduce(0, +) / Double(rewards.count), update)
  }

  /// Gradient sums of some groups with this budget, one array a parameter.
  func gradients(
    _ groups: [[CreditedEpisode]], tokens budget: Int = 4096, old: [[Float]]? = nil
  ) throws(TorchError) -> [[Float]] {
    var all: [[Float]] = []
    for sum in try trainer.accumulate(MicroBatch.pack(groups, tokens: budget), old: old).1 {
      all.append(try sum.floats())
    }
    return all
  }

  /// The masters' values.
  func masters() throws(TorchError) -> [[Float]] {
    var all: [[Float]] = []
    for parameter in trainer.parameters { all.append(try parameter.master.floats()) }
    return all
  }

  /// Moves every master by values of a seed: a LoRA B of zero would hide the gradient of its A.
  func disturb(_ spread: Float = 0.1, seed: UInt64 = 9) throws(TorchError) {
    var random = SplitMix64(seed: seed)
    for parameter in trainer.parameters {
      let values = try parameter.master.floats().map {
        $0 + Float.random(in: -spread...spread, using: &random)
      }
      try parameter.master.copy(from: Tensor.floats(values, parameter.master.shape))
    }
    try trainer.publish()
  }
}

/// The largest difference of two sets of arrays over the largest value of the first.
func relativeDifference(_ a: [[Float]], _ b: [[Float]]) -> Double {
  var difference: Float = 0
  var largest: Float = 0
  guard a.map(\.count) == b.map(\.count) else { return .infinity }
  for (x, y) in zip(a.joined(), b.joined()) {
    difference = max(difference, abs(x - y))
    largest = max(largest, abs(x))
  }
  return Double(difference) / Double(largest)
}
