import Inference
import Synchronization

/// Models that turn away some of those who ask, counted from 1.
final class RefusingModels: Answering {
  let models = ScriptedModels()
  private let refused: Set<Int>
  private let asked = Mutex(0)

  init(_ refused: Set<Int>) { self.refused = refused }

  func contextLength(of base: String) async throws(InferenceError) -> Int { 2048 }

  func answer(_ request: AnswerRequest, _ policy: PolicyReference) async throws(InferenceError)
    -> AsyncThrowingStream<AnswerEvent, any Error>
  {
    let number = asked.withLock { count in
      count += 1
      return count
    }
    guard !refused.contains(number) else {
      throw InferenceError(.overloaded(retryAfter: 1), "too many wait")
    }
    return try await models.answer(request, policy)
  }
}
