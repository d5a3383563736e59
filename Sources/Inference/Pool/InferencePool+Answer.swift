internal import Checkpoints
internal import Cluster
internal import Records
internal import Tokenization

extension InferencePool {
  package nonisolated func answer(_ request: AnswerRequest, _ policy: PolicyReference)
    async throws(InferenceError) -> AsyncThrowingStream<AnswerEvent, any Error>
  {
    let base = canonical(policy.base)
    let text = try await text(base)
    try request.check(positions: try await contextLength(of: base), longestToken: text.longestToken)
    let prompt = try text.prompt(of: request)
    let constraint = try request.constraint(text.syntax, prompt.reasoning)
    try request.check(prompt, positions: try await contextLength(of: base))
    let adapter = try policy.adapter.map { adapter throws(InferenceError) in try Self.resolve(adapter) }

    let attempts = request.choices
    let worker = try await admit(attempts, to: base)
    let positions: Int
    do throws(InferenceError) {
      positions = try await worker.ready.wait().positions
      try request.check(prompt, positions: positions)
      if let adapter { try await worker.prepare(adapter.name, adapter.source) }
    } catch {
      worker.release(attempts)
      if case .failed = error.kind { await remember(error, of: base) }
      throw error
    }
    let feed = send(
      request, prompt, constraint, to: worker, adapter?.name ?? .base, text, positions: positions)
    return AnswerLease.stream(feed)
  }

  private nonisolated func send(
    _ request: AnswerRequest, _ prompt: ModelText.Prompt, _ constraint: ResponseConstraint?,
    to worker: ServingWorker, _ policy: PolicyName, _ text: ModelText, positions: Int
  ) -> CompletionFeed {
    // What is held to a form ends where that is whole.
    let ends =
      if constraint != nil {
        text.tokenizer.stopIDs
      } else {
        request.ignoresEnd ? Set(request.stopIDs) : text.tokenizer.stopIDs.union(request.stopIDs)
      }
    let maxTokens = min(request.maxTokens ?? .max, positions - prompt.ids.count)
    let seed = request.seed ?? UInt64.random(in: 0 ... .max)
    let scores = request.echoesPrompt && request.logProbabilities != nil
    let topCount = request.logProbabilities.flatMap { $0 > 0 ? $0 : nil }
    return worker.begin(policy) { id in
      let command = CompletionCommand(
        id: id, policy: policy, prompt: prompt.ids,
        seeds: (0..<request.choices).map {
          RandomStream(run: seed, step: 0, exampleID: "", index: $0).seed
        },
        maxTokens: maxTokens, minTokens: min(request.minTokens, maxTokens), temperature: request.temperature,
        topP: request.topP, topK: request.topK, minP: request.minP, stopIDs: ends.sorted(),
        presencePenalty: request.presencePenalty, frequencyPenalty: request.frequencyPenalty,
        repetitionPenalty: request.repetitionPenalty, bias: request.bias, topCount: topCount,
        scoresPrompt: scores, constraint: constraint)
      let feed = CompletionFeed(
        .init(
          base: worker.base, text: text, request: request, prompt: prompt, endIDs: ends,
          mostUnreadTokens: worker.settings.mostUnreadTokens, observer: worker.observer,
          cancel: { [weak worker] attempt in worker?.cancel(id, attempt: attempt) }))
      return (command, feed)
    }
  }

  /// A policy's name inside of the worker stands for the same weights for ever, so that a run that still learns gets a
  /// new one with each checkpoint.
  private static func resolve(_ adapter: PolicyReference.Adapter) throws(InferenceError)
    -> (name: PolicyName, source: AdapterSource)
  {
    let step: Int
    if let given = adapter.step {
      step = given
    } else {
      let store = CheckpointStore(path: adapter.runFolder + "/checkpoints")
      guard let newest = (try? store.steps())?.last else {
        throw InferenceError(
          .unknownModel, "the run \(adapter.runFolder) has no checkpoint that could be asked")
      }
      step = newest
    }
    return (
      PolicyName("\(adapter.runFolder)#\(step)"), .run(folder: adapter.runFolder, step: step)
    )
  }
}
