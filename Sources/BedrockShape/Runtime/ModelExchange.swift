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

  /// Counts and logs an answer, whole or cut off.
  func finish(_ exchange: ModelExchange, _ assembly: AnswerAssembly, output: JSONValue) async throws {
    let (prompt, completion) = (assembly.prompt.tokens.count, assembly.report.completionTokens)
    await invocations.record(
      InvocationRecord(
        projectID: exchange.call.project.id, requestID: exchange.call.requestID,
        operation: exchange.operation, modelID: exchange.call.identifier, region: exchange.call.scope.region,
        keyID: exchange.call.caller.key?.id, input: exchange.input, inputTokens: prompt, output: output,
        outputTokens: completion, metadata: exchange.metadata))
    try await store.add(
      DailyUsage(
        projectID: exchange.call.project.id, promptTokens: prompt, cachedTokens: assembly.prompt.cached,
        completionTokens: completion))
  }
}
