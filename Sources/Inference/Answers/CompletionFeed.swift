import Records
import Synchronization
import Tokenization

/// One request at work: takes what the worker reports of it and makes the events that its reader sees.
final class CompletionFeed: Sendable {
  /// What is fixed when the command is sent.
  struct Setup: Sendable {
    var base: String
    var text: ModelText
    var request: AnswerRequest
    var prompt: ModelText.Prompt
    var endIDs: Set<Int32>
    var mostUnreadTokens: Int
    var observer: (any InferenceObserver)?
    /// Ends an attempt, or all of them, in the worker.
    var cancel: @Sendable (_ attempt: Int?) -> Void
  }

  private struct State {
    var choices: [ChoiceReader]
    var open: Int
    var top: [Int: [TokenScore.Alternative]] = [:]
    var cached = 0
    var reasoningTokens = 0
    var firstToken: ContinuousClock.Instant?
    var lastToken: ContinuousClock.Instant?
    var isOver = false
  }

  let buffer: AnswerBuffer
  private let setup: Setup
  private let state: Mutex<State>
  private let began = ContinuousClock.now

  init(_ setup: Setup) {
    self.setup = setup
    buffer = AnswerBuffer(mostTokens: setup.mostUnreadTokens)
    let choices = (0..<setup.request.choices).map {
      ChoiceReader(
        choice: $0, setup.text, setup.request, setup.prompt.reasoning, endIDs: setup.endIDs)
    }
    state = Mutex(State(choices: choices, open: choices.count))
  }

  // MARK: What the worker reports

  func prompt(cached: Int, scores: [TokenScore]?) {
    var report = PromptReport(tokens: setup.prompt.ids, cached: cached)
    if setup.request.echoesPrompt {
      report.echoed =
        scores.map { $0.map { token($0.token, $0.logProbability, $0.top) } }
        ?? setup.prompt.ids.map { token($0, nil, []) }
      for place in report.echoed.indices.prefix(setup.prompt.added) { report.echoed[place].isShown = false }
    }
    state.withLock { $0.cached = cached }
    put([.prompt(report)])
  }

  func top(_ attempt: Int, _ alternatives: [TokenScore.Alternative]) {
    state.withLock { $0.top[attempt] = alternatives }
  }

  /// Tokens of this request that one step has drawn.
  func take(_ entries: some Sequence<TokenLine.Entry>) {
    let wanted = setup.request.logProbabilities != nil
    let now = ContinuousClock.now
    var observations: [InferenceObservation] = []
    let (events, ended) = state.withLock { state in
      var events: [AnswerEvent] = []
      var ended: [Int] = []
      for entry in entries where state.choices.indices.contains(entry.attempt) {
        guard !state.choices[entry.attempt].hasEnded else { continue }
        let top = state.top.removeValue(forKey: entry.attempt) ?? []
        events += state.choices[entry.attempt].take(
          token(entry.token, wanted ? entry.logProbability : nil, top))
        if state.choices[entry.attempt].hasEnded {
          ended.append(entry.attempt)
          state.open -= 1
        }
      }
      if let last = state.lastToken {
        observations.append(.betweenTokens(base: setup.base, seconds: (now - last).inSeconds))
      } else {
        state.firstToken = now
        observations.append(.firstToken(base: setup.base, seconds: (now - began).inSeconds))
      }
      state.lastToken = now
      return (events, ended)
    }
    for observation in observations { setup.observer?.observe(observation) }
    // The row would go on to its end otherwise.
    for attempt in ended { setup.cancel(attempt) }
    put(events)
    finishIfDone()
  }

  func end(_ attempt: Int, _ reason: ServeEvent.EndReason) {
    let events = state.withLock { state -> [AnswerEvent] in
      guard state.choices.indices.contains(attempt), !state.choices[attempt].hasEnded else { return [] }
      state.open -= 1
      return state.choices[attempt].end(reason)
    }
    put(events)
    finishIfDone()
  }

  func fail(_ error: InferenceError) { close(.failed, .failure(error)) }

  // MARK: What the reader does

  /// Nobody reads any more.
  func abandon() { if close(.abandoned, .success(())) { setup.cancel(nil) } }

  private func put(_ events: [AnswerEvent]) {
    note(events)
    guard !buffer.put(events) else { return }
    let error = InferenceError(
      .failed,
      "the answer was read too slowly: more than \(setup.mostUnreadTokens) tokens waited to be taken")
    if close(.failed, .failure(error)) { setup.cancel(nil) }
  }

  private func note(_ events: [AnswerEvent]) {
    for case .ended(_, _, let report) in events {
      state.withLock { $0.reasoningTokens += report.reasoningTokens }
    }
  }

  private func finishIfDone() {
    if state.withLock({ $0.open == 0 }) { close(.complete, .success(())) }
  }

  /// - Returns: whether it was open.
  @discardableResult
  private func close(_ outcome: AnswerFigures.Outcome, _ ending: Result<Void, InferenceError>) -> Bool {
    let figures = state.withLock { state -> AnswerFigures? in
      guard !state.isOver else { return nil }
      state.isOver = true
      return AnswerFigures(
        outcome: outcome, promptTokens: setup.prompt.ids.count, cachedTokens: state.cached,
        completionTokens: state.choices.reduce(0) { $0 + $1.count }, reasoningTokens: state.reasoningTokens,
        seconds: (ContinuousClock.now - began).inSeconds,
        secondsToFirstToken: state.firstToken.map { ($0 - began).inSeconds })
    }
    guard let figures else { return false }
    // First, so that who has read all finds it measured.
    setup.observer?.observe(.answered(base: setup.base, figures))
    buffer.finish(ending)
    return true
  }

  private func token(
    _ id: Int32, _ logProbability: Float?, _ top: [TokenScore.Alternative]
  ) -> AnswerToken {
    let tokenizer = setup.text.tokenizer
    return AnswerToken(
      id: id, bytes: tokenizer.bytes(of: id), logProbability: logProbability,
      top: top.map {
        .init(id: $0.token, bytes: tokenizer.bytes(of: $0.token), logProbability: $0.logProbability)
      })
  }
}

extension Duration {
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
