internal import Gateway
internal import Inference
internal import Records
internal import Store

/// A request to a model while it is answered: the clock, and what is written down of it in the end.
struct ModelExchange: Sendable {
  let call: Call
  let operation: InvocationRecord.Operation
  let input: JSONValue
  let metadata: [String: String]
  let start = ContinuousClock.now

  var milliseconds: Int { Int((start.duration(to: .now) / .milliseconds(1)).rounded()) }
}

extension Bedrock {
  /// Throws where the project has used the tokens of the day.
  func checkQuota(_ call: Call) async throws {
    guard let most = call.project.maxTokensPerDay else { return }
    let used = try await store.usage(of: call.project.id, day: UnixTime.now / 86_400)
    if let used, used.promptTokens + used.completionTokens >= most {
      throw APIFailure(.quota, "the project has used its \(most) tokens of the day (UTC)")
    }
  }

  /// Counts and logs an answer, whole or broken off; nothing of one whose prompt was never read.
  func finish(
    _ exchange: ModelExchange, _ assembly: AnswerAssembly, output: JSONValue,
    _ failure: InvocationRecord.Failure? = nil
  ) async {
    let (prompt, completion) = (assembly.prompt.tokens.count, assembly.report.completionTokens)
    guard prompt > 0 else { return }
    let call = exchange.call
    var record = InvocationRecord(
      projectID: call.project.id, requestID: call.requestID, operation: exchange.operation,
      modelID: call.identifier, region: call.scope.region, keyID: call.caller.key?.id, input: exchange.input,
      inputTokens: prompt, output: output, outputTokens: completion, metadata: exchange.metadata)
    // What ended before something went wrong is whole.
    record.failure = assembly.finish == nil ? failure : nil
    let usage = DailyUsage(
      projectID: call.project.id, promptTokens: prompt, cachedTokens: assembly.prompt.cached,
      completionTokens: completion)
    // The store refuses a task that is cancelled, as that of a client that went away may be.
    await Task { [invocations, store, record] in
      await invocations.record(record)
      try? await store.add(usage)
    }.value
  }
}
