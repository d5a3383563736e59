import Inference

/// Models that have a size and say nothing.
struct SilentModels: Answering {
  func answer(_ request: AnswerRequest, _ policy: PolicyReference) async throws(InferenceError)
    -> AsyncThrowingStream<AnswerEvent, any Error>
  {
    throw InferenceError(.failed, "nobody answers here")
  }

  func contextLength(of base: String) async throws(InferenceError) -> Int {
    guard base == "tiny" else { throw InferenceError(.unknownModel, "there is no \(base)") }
    return 2048
  }
}
