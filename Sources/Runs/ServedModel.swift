package import Checkpoints
internal import LanguageModels
package import Records
internal import Rollouts
internal import Torch
internal import Training

/// A model that answers and does not learn: a base, or a run's policy at one of its checkpoints.
package actor ServedModel: Policy {
  private let queue = SerialExecutorQueue(label: "operant.served-model")
  package nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

  private let sampler: Sampler
  package let version: Int
  package nonisolated let summary: ModelSummary
  /// The longest sequence that can be computed.
  package nonisolated let positions: Int

  /// Loads the weights that a request names; `positions` is cut to the model's context.
  package init(_ source: PolicySource, opened: OpenedModel, positions: Int) throws {
    let started = ContinuousClock.now
    useOneThreadPerOperation()
    keepTensorMemory()
    let configuration = opened.loader.configuration
    let limit = min(positions, configuration.context)
    self.positions = limit
    let device = try source.device.device()
    let shards = device.isCUDA ? Shards(count: 1) : Shards()
    var decoder = try opened.loader.decoder(source.dtype.tensorType, positions: limit, device: device)
    var version = 0
    var trainable = 0
    if let folder = source.runFolder {
      let run = try RunFolder(opening: folder)
      let plan = try run.plan()
      let trainer = try Trainer(
        decoder, plan: plan.training, loss: PolicyLoss(clipLow: 0, clipHigh: 0, kl: KLPlan()), temperature: 1,
        seed: plan.seed, shards: shards)
      try trainer.restore(from: run.checkpoint(source.step))
      decoder = trainer.decoder
      version = trainer.updates
      trainable = trainer.trainableCount
    }
    self.version = version
    sampler = Sampler(decoder, shards: shards)
    summary = ModelSummary(
      name: source.modelPath, architecture: configuration.architecture.rawValue,
      parameters: configuration.parameterCount, trainableParameters: trainable, dtype: source.dtype,
      seconds: (ContinuousClock.now - started).seconds)
  }

  package func sample(
    _ requests: [SampleRequest], _ options: SamplerOptions, observer: SamplingObserver
  ) async throws -> [[SampledAnswer]] {
    try sampler.sample(requests, options, observer: observer)
  }

  /// Log-probability of every token of a text given those before it. `[T]` to `[T - 1]`
  package func score(_ ids: [Int32]) throws -> [Float] { try sampler.decoder.score(ids) }
}

extension RunFolder {
  /// The checkpoint of a step, or the newest.
  package func checkpoint(_ step: Int?) throws -> Checkpoint {
    if let step { return try checkpoints.checkpoint(step: step) }
    guard let newest = try checkpoints.newest().checkpoint else {
      throw WorkerFailure(
        .usage, "\(path) has no checkpoint yet; wait for the run's first step, or resume it if it has stopped"
      )
    }
    return newest
  }
}
