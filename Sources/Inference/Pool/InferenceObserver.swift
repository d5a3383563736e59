package import Records

/// Who measures: told from the threads that read workers, so it must be quick and never wait.
package protocol InferenceObserver: Sendable {
  func observe(_ observation: InferenceObservation)
}

/// Something that was measured; `base` is the base model's name in the catalogue.
package enum InferenceObservation: Sendable, Hashable {
  /// Seconds from the moment that a request was sent to its worker to the first token.
  case firstToken(base: String, seconds: Double)
  /// Seconds between two steps that drew tokens for one request.
  case betweenTokens(base: String, seconds: Double)
  case answered(base: String, AnswerFigures)
  /// A request was turned away because too many wait.
  case refused(base: String)
  case workerReady(base: String, seconds: Double)
  /// nil for one that was told to end.
  case workerEnded(base: String, failure: String?)
  case adapterLoaded(base: String, seconds: Double)
  /// As the worker reports it, about once a second while it works.
  case load(base: String, ServeLoad)
}

/// A request, when it is over.
package struct AnswerFigures: Sendable, Hashable {
  package enum Outcome: String, Sendable, Hashable, CaseIterable {
    case complete
    /// The reader went away.
    case abandoned
    case failed
  }
  package var outcome: Outcome
  package var promptTokens: Int
  package var cachedTokens: Int
  /// Of all choices.
  package var completionTokens: Int
  package var reasoningTokens: Int
  package var seconds: Double
  package var secondsToFirstToken: Double?
}
