import Synchronization

/// Events on their way to one reader. What waits is joined: a reader who falls behind gets longer pieces, not a longer
/// list, and one who falls too far behind is given up.
final class AnswerBuffer: Sendable {
  private struct State {
    var events: [AnswerEvent] = []
    var first = 0
    /// Where each choice's last event waits.
    var last: [Int: Int] = [:]
    var tokens = 0
    var reader: CheckedContinuation<AnswerEvent?, any Error>?
    var ending: Result<Void, InferenceError>?
  }
  private let state = Mutex(State())
  private let mostTokens: Int

  init(mostTokens: Int) { self.mostTokens = mostTokens }

  /// - Returns: whether the reader still keeps up.
  func put(_ events: [AnswerEvent]) -> Bool {
    guard !events.isEmpty else { return true }
    let (delivery, keepsUp) = state.withLock { state in
      guard state.ending == nil else { return (nil as (() -> Void)?, true) }
      for event in events { Self.append(event, to: &state) }
      guard state.tokens <= mostTokens else { return (nil, false) }
      guard let reader = state.reader, let event = Self.takeFirst(&state) else { return (nil, true) }
      state.reader = nil
      return ({ reader.resume(returning: event) }, true)
    }
    delivery?()
    return keepsUp
  }

  /// No event comes any more; what waits can still be read.
  func finish(_ ending: Result<Void, InferenceError>) {
    let reader = state.withLock { state -> CheckedContinuation<AnswerEvent?, any Error>? in
      guard state.ending == nil else { return nil }
      state.ending = ending
      defer { state.reader = nil }
      return state.reader
    }
    switch ending {
    case .success: reader?.resume(returning: nil)
    case .failure(let error): reader?.resume(throwing: error)
    }
  }

  /// The next event, nil at the end. One reader at a time.
  func next() async throws -> AnswerEvent? {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { reader in
        let answer: Result<AnswerEvent?, any Error>? = state.withLock { state in
          if let event = Self.takeFirst(&state) { return .success(event) }
          switch state.ending {
          case .success: return .success(nil)
          case .failure(let error): return .failure(error)
          case nil:
            if Task.isCancelled { return .failure(CancellationError()) }
            precondition(state.reader == nil, "an answer is read from two places at once")
            state.reader = reader
            return nil
          }
        }
        if let answer { reader.resume(with: answer) }
      }
    } onCancel: {
      let reader = state.withLock { state in
        defer { state.reader = nil }
        return state.reader
      }
      reader?.resume(throwing: CancellationError())
    }
  }

  private static func takeFirst(_ state: inout State) -> AnswerEvent? {
    guard state.first < state.events.count else { return nil }
    let event = state.events[state.first]
    state.first += 1
    if case .text(_, _, let tokens) = event { state.tokens -= tokens.count }
    if state.first == state.events.count {
      state.events.removeAll(keepingCapacity: state.events.count < 64)
      state.first = 0
      state.last = [:]
    }
    return event
  }

  private static func append(_ event: AnswerEvent, to state: inout State) {
    if case .text(_, _, let tokens) = event { state.tokens += tokens.count }
    if let choice = event.choice {
      if let place = state.last[choice], place >= state.first,
        let joined = state.events[place].joined(with: event)
      {
        state.events[place] = joined
        return
      }
      state.last[choice] = state.events.count
    }
    state.events.append(event)
  }
}

extension AnswerEvent {
  /// Whose event this is; nil for the prompt's.
  package var choice: Int? {
    switch self {
    case .prompt: nil
    case .reasoning(let choice, _), .text(let choice, _, _), .toolCallBegan(let choice, _, _, _),
      .toolCallArguments(let choice, _, _), .ended(let choice, _, _):
      choice
    }
  }

  /// This event and the one after it as one; nil where they are of different kinds.
  func joined(with next: AnswerEvent) -> AnswerEvent? {
    switch (self, next) {
    case (.reasoning(let choice, let a), .reasoning(_, let b)): .reasoning(choice: choice, a + b)
    case (.text(let choice, let a, let tokens), .text(_, let b, let more)):
      .text(choice: choice, a + b, tokens: tokens + more)
    case (.toolCallArguments(let choice, let i, let a), .toolCallArguments(_, let j, let b)) where i == j:
      .toolCallArguments(choice: choice, index: i, a + b)
    default: nil
    }
  }
}
