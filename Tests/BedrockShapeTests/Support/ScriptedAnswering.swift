import Inference
import Synchronization

/// Answers by a script, and remembers what it was asked.
final class ScriptedAnswering: Answering {
  typealias Script =
    @Sendable (AnswerRequest, PolicyReference) throws(InferenceError) -> AsyncThrowingStream<
      AnswerEvent, any Error
    >
  private let script: Script
  private let asked = Mutex<[(AnswerRequest, PolicyReference)]>([])
  let cancelled = Mutex(0)

  init(_ script: @escaping Script) { self.script = script }

  var requests: [AnswerRequest] { asked.withLock { $0.map(\.0) } }
  var policies: [PolicyReference] { asked.withLock { $0.map(\.1) } }

  func answer(_ request: AnswerRequest, _ policy: PolicyReference) async throws(InferenceError)
    -> AsyncThrowingStream<AnswerEvent, any Error>
  {
    asked.withLock { $0.append((request, policy)) }
    return try script(request, policy)
  }

  func contextLength(of base: String) async throws(InferenceError) -> Int { 4096 }

  /// Events and then an end, or an error.
  static func stream(_ events: [AnswerEvent], failing error: InferenceError? = nil)
    -> AsyncThrowingStream<AnswerEvent, any Error>
  {
    AsyncThrowingStream { continuation in
      for event in events { continuation.yield(event) }
      if let error { continuation.finish(throwing: error) } else { continuation.finish() }
    }
  }

  /// A prompt of seven tokens, three of them cached, and an answer of five.
  static func events(
    _ middle: [AnswerEvent], _ reason: FinishReason = .stop, reasoning: Int = 0
  ) -> [AnswerEvent] {
    [.prompt(PromptReport(tokens: [1, 2, 3, 4, 5, 6, 7], cached: 3))] + middle + [
      .ended(
        choice: 0, reason,
        ChoiceReport(completionTokens: 5, reasoningTokens: reasoning, tokens: [8, 9, 10, 11, 12]))
    ]
  }
}
