import Foundation
import LanguageModels
import Records
import Runs
import Torch

/// The product under measurement: everything here that names its interfaces is in this file.
actor Subject {
  private let opened: OpenedModel
  private let served: ServedModel
  private let shards = Shards()
  /// By KL coefficient: with a KL term the trainer keeps the base beside the policy.
  private var learners: [Double: Learner] = [:]
  private let source: String

  /// Longest sequence of any measure.
  private static let positions = 4096

  init(source: String) throws {
    self.source = source
    opened = try OpenedModel(source: source)
    served = try ServedModel(
      PolicySource(modelPath: source, dtype: .bfloat16), opened: opened, positions: Self.positions)
  }

  func carryOut(_ request: BenchRequest) async throws -> any Encodable & Sendable {
    switch request {
    case .model: model()
    case .decode(let work): try await decode(work)
    case .update(let work): try await update(work)
    case .floors(let work):
      try Floors(configuration: opened.loader.configuration, shards: shards).measure(work)
    case .adapters(let work):
      try AdapterRates(
        decoder: opened.loader.decoder(.bfloat16, positions: Self.positions), shards: shards
      ).measure(work)
    }
  }

  private func model() -> ModelReply {
    let shape = opened.loader.configuration
    return ModelReply(
      vocabulary: shape.vocabulary, hidden: shape.hidden, intermediate: shape.intermediate,
      layers: shape.layers, heads: shape.heads, kvHeads: shape.kvHeads, headSize: shape.headSize,
      parameters: shape.parameterCount, bytesPerWeight: DType.bfloat16.size, threads: shards.count,
      loadSeconds: served.summary.seconds)
  }

  private func decode(_ work: DecodeWork) async throws -> DecodeReply {
    let requests = work.prompts.enumerated().map { number, prompt in
      SampleRequest(
        prompt: prompt,
        streams: (0..<work.attempts).map {
          RandomStream(run: 1, step: number, exampleID: "benchmark", index: $0)
        })
    }
    // No stop ids: every row has the same length.
    var options = SamplerOptions(maxTokens: work.newTokens, stopIDs: [])
    if let rows = work.rows { options.maxRows = rows }
    let tally = TokenTally(rows: work.prompts.count * work.attempts)
    Memory.resetPeak()
    let started = ContinuousClock.now
    let observer = SamplingObserver(token: { request, attempt, _ in
      tally.count(request * work.attempts + attempt)
      return .goOn
    })
    _ = try await served.sample(requests, options, observer: observer)
    let ended = ContinuousClock.now
    return DecodeReply(
      seconds: (ended - started).seconds, tokens: tally.tokens,
      decodeSeconds: (ended - (tally.allRowsBegan ?? started)).seconds, decodeTokens: tally.tokensSince,
      peakMemoryBytes: Memory.peak())
  }

  private func update(_ work: UpdateWork) async throws -> UpdateReply {
    let learner = try learner(kl: work.kl)
    let credited = CreditedStep(work)
    Memory.resetPeak()
    let started = ContinuousClock.now
    // The sampler's figures are made up here, so no limit on their distance from the trainer's can hold.
    let record = try await learner.update([credited], step: 0, mismatchLimit: .infinity)
    return UpdateReply(
      seconds: (ContinuousClock.now - started).seconds, loss: record?.loss ?? .nan,
      peakMemoryBytes: Memory.peak())
  }

  private func learner(kl: Double) throws -> Learner {
    if let learner = learners[kl] { return learner }
    var plan = Plan(
      name: "benchmark", seed: 1, model: ModelPlan(source: source),
      data: DataPlan(train: .generated(.supportReply, rows: 1, seed: 1)), grader: .null)
    plan.algorithm.kl.coefficient = kl
    plan.training.lora.rank = 16
    plan.training.learningRate = 1e-6
    let learner = try Learner(plan, loader: opened, positions: Self.positions, shards: shards.count)
    learners[kl] = learner
    return learner
  }
}

extension CreditedStep {
  /// Credit as GRPO leaves it, advantages of plus and minus one in turn.
  init(_ work: UpdateWork) {
    let tokens = work.answers.joined().reduce(0) { $0 + $1.count }
    let groups = zip(work.prompts, work.answers).enumerated().map { number, group in
      group.1.enumerated().map { attempt, answer in
        CreditedEpisode(
          prompt: group.0, answer: answer, group: number, attempt: attempt,
          weight: (attempt + number).isMultiple(of: 2) ? 1 : -1, normaliser: 1 / Float(tokens))
      }
    }
    self.init(
      groups: groups, zeroVarianceGroups: 0, tooSmallGroups: 0, failedEpisodes: 0, meanAbsoluteAdvantage: 1)
  }
}

extension CreditedEpisode {
  fileprivate init(
    prompt: [Int32], answer: [Int32], group: Int, attempt: Int, weight: Float, normaliser: Float
  ) {
    let count = prompt.count + answer.count
    func trained(_ value: Float) -> [Float] {
      [Float](repeating: 0, count: prompt.count) + [Float](repeating: value, count: answer.count)
    }
    let episode = Episode(
      exampleID: "\(group)", index: attempt,
      turns: [
        Turn(author: .context, start: 0, end: prompt.count, text: ""),
        Turn(author: .policy, start: prompt.count, end: count, text: ""),
      ],
      tokens: prompt + answer, lossMask: (0..<count).map { $0 >= prompt.count },
      logProbabilities: trained(-5),
      policyVersions: (0..<count).map { $0 >= prompt.count ? 0 : -1 }, stopReason: .truncated)
    self.init(
      episode: episode,
      credit: Credit(policy: trained(weight * normaliser), regularisation: trained(normaliser)))
  }
}
