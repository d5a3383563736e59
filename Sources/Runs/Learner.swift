package import Checkpoints
internal import Foundation
internal import LanguageModels
package import Records
internal import Rollouts
package import Torch
internal import Training

/// The model on its device: samples as a `Policy`, learns, and is saved. All of it on one serial executor.
package actor Learner: Policy {
  private let queue = SerialExecutorQueue(label: "operant.learner")
  package nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

  private let trainer: Trainer
  private let shards: Shards
  /// What the layers made while the next update's episodes were sampled.
  private var recording: Recording?
  /// What was loaded, for display and forecasts.
  package nonisolated let summary: ModelSummary
  package nonisolated let context: Int

  /// Loads the model of a plan and puts the parameters that learn on it.
  ///
  /// `positions` is the longest sequence that will be computed; `shards` how many parts of a batch run at once on the
  /// processor. A CUDA device takes a batch whole.
  ///
  /// - Parameter start: the checkpoint that training goes on from, where the plan has one.
  package init(
    _ plan: Plan, loader: OpenedModel, positions: Int, shards: Int, device: Device = .cpu,
    start: Checkpoint? = nil
  ) throws {
    let started = ContinuousClock.now
    useOneThreadPerOperation()
    self.shards = Shards(count: device.isCUDA ? 1 : shards)
    keepTensorMemory()
    let decoder = try loader.loader.decoder(
      plan.model.dtype.tensorType, positions: positions, exact: plan.exact, device: device)
    trainer = try Trainer(
      decoder, plan: plan.training,
      loss: PolicyLoss(
        clipLow: plan.algorithm.clipLow, clipHigh: plan.algorithm.clipHigh, kl: plan.algorithm.kl),
      temperature: plan.sampling.temperature, seed: plan.seed, shards: self.shards,
      start: start.map { start in
        {
          try LowRankAdapter.read(
            plan.training.lora, from: start, configuration: decoder.configuration, dtype: decoder.dtype,
            device: decoder.device
          ).adapter
        }
      })
    context = loader.loader.configuration.context
    summary = ModelSummary(
      name: plan.model.source, architecture: loader.loader.configuration.architecture.rawValue,
      parameters: loader.loader.configuration.parameterCount, trainableParameters: trainer.trainableCount,
      dtype: plan.model.dtype, seconds: (ContinuousClock.now - started).seconds)
  }

  package var version: Int { trainer.updates }

  package func sample(
    _ requests: [SampleRequest], _ options: SamplerOptions, observer: SamplingObserver
  ) async throws -> [[SampledAnswer]] {
    recording = nil
    return try Sampler(trainer.decoder, shards: shards).sample(requests, options, observer: observer)
  }

  /// Samples what the next update will learn from: keeps what the layers make of it, where memory allows.
  func sampleForUpdate(
    _ requests: [SampleRequest], _ options: SamplerOptions, observer: SamplingObserver
  ) throws -> [[SampledAnswer]] {
    recording = nil
    let (answers, recorded) = try Sampler(trainer.decoder, shards: shards).sample(
      requests, options, observer: observer,
      bytesToRecord: Int(clamping: ProcessInfo.processInfo.physicalMemory / 8))
    recording = recorded
    return answers
  }

  /// Log-probability of every token of some texts given those before it.
  package func score(_ texts: [[Int32]]) throws -> [[Float]] {
    try texts.map { try trainer.decoder.score($0) }
  }

  /// One step's optimiser steps; nil when nothing carried a signal.
  package func update(_ parts: [CreditedStep], step: Int, mismatchLimit: Double) throws -> UpdateRecord? {
    defer { recording = nil }
    return try trainer.update(parts, step: step, mismatchLimit: mismatchLimit, recording: recording)
  }

  package func save(to checkpoint: CheckpointWriter) throws { try trainer.save(to: checkpoint) }
  package func restore(from checkpoint: Checkpoint) throws { try trainer.restore(from: checkpoint) }

  /// Lends the trainer to an export, on the device's executor.
  func withTrainer<Result: Sendable>(_ body: (Trainer) throws -> Result) throws -> Result {
    try body(trainer)
  }
}

/// The learner as the policy that a step's episodes are sampled from.
struct TrainingPolicy: Policy {
  let learner: Learner

  var version: Int { get async { await learner.version } }

  func sample(
    _ requests: [SampleRequest], _ options: SamplerOptions, observer: SamplingObserver
  ) async throws -> [[SampledAnswer]] {
    try await learner.sampleForUpdate(requests, options, observer: observer)
  }
}

extension ComputeType {
  /// The tensor type that a plan's `dtype` stands for.
  var tensorType: DType {
    switch self {
    case .bfloat16: .bfloat16
    case .float32: .float32
    }
  }
}

extension Duration {
  /// In seconds.
  package var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
