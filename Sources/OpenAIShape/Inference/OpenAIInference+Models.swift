import Cluster
import Gateway
import Inference
import Store

extension OpenAIInference {
  /// A model of the catalogue by name or alias, or a tuned one or checkpoint that the project may ask.
  func policy(named name: String, _ caller: Caller) async throws -> PolicyReference {
    let model: TunedModel
    switch try await models.find(name, for: caller.project) {
    case .base(let entry): return PolicyReference(base: entry.name)
    case .tuned(let tuned): model = tuned
    case nil:
      throw APIFailure(
        .missing, "The model `\(name.prefix(200))` does not exist or you do not have access to it.",
        param: "model", code: "model_not_found")
    }
    guard let base = models.catalogue.entry(model.base) else {
      throw APIFailure(
        .missing, "the model `\(name)` was tuned from `\(model.base)`, which is not served here any more",
        param: "model", code: "model_not_found")
    }
    return PolicyReference(base: base.name, adapter: .init(runFolder: model.runFolder, step: model.step))
  }

  /// Who asks, if their project has tokens left today.
  func caller(_ context: APIContext) async throws -> Caller {
    let caller = try context.caller(for: .inference)
    guard let most = caller.project.maxTokensPerDay else { return caller }
    let used = try await store.usage(of: caller.project.id, day: UnixTime.now / 86_400)
    let tokens = (used?.promptTokens ?? 0) + (used?.completionTokens ?? 0)
    guard tokens < most else {
      throw APIFailure(
        .quota,
        "project '\(caller.project.name)' has used \(tokens) of the \(most) tokens that it may use in a day "
          + "(UTC); ask for more or wait until tomorrow")
    }
    return caller
  }

  /// Begins to answer, and waits until the prompt was read: what is wrong with a request is told before the answer has
  /// a status.
  func begin(_ request: AnswerRequest, _ policy: PolicyReference, _ meter: AnswerMeter, prompt: String)
    async throws -> AnswerRun
  {
    do {
      let events = try await answering.answer(request, policy)
      var iterator = events.makeAsyncIterator()
      guard let first = try await iterator.next(), case .prompt(let report) = first else {
        throw InferenceError(.failed, "the model ended before it had read the prompt")
      }
      meter.see(first)
      return AnswerRun(prompt: report, events: events)
    } catch let error as InferenceError {
      throw error.failure(prompt: prompt, constraint: Self.constraint(of: request, prompt: prompt))
    }
  }

  /// The field that an answer's form comes from: a schema, or beside none the parameters of tools.
  private static func constraint(of request: AnswerRequest, prompt: String) -> String {
    guard case .jsonSchema = request.format else { return "tools" }
    return prompt == "input" ? "text.format" : "response_format"
  }
}

/// An answer whose prompt was read, and the events that follow.
struct AnswerRun: Sendable {
  let prompt: PromptReport
  let events: AsyncThrowingStream<AnswerEvent, any Error>
}
