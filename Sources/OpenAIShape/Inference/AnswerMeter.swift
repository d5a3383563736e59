import Inference
import Store
import Synchronization

/// Counts what an answer takes, and adds it to the project's use once it is over: also when nobody waited for the end.
final class AnswerMeter: Sendable {
  private struct State {
    var prompt = 0
    var cached = 0
    var completion = 0
    var reasoning = 0
    /// Whether a model has read anything.
    var hasWork = false
    var isSettled = false
  }
  private let state = Mutex(State())
  private let store: Store
  private let projectID: String

  init(_ store: Store, projectID: String) {
    self.store = store
    self.projectID = projectID
  }

  deinit {
    guard let usage = close() else { return }
    Task { [store] in try? await store.add(usage) }
  }

  func see(_ event: AnswerEvent) {
    state.withLock { state in
      switch event {
      case .prompt(let report):
        state.hasWork = true
        state.prompt += report.tokens.count
        state.cached += report.cached
      case .text(_, _, let tokens): state.completion += tokens.count
      case .ended(_, _, let report): state.reasoning += report.reasoningTokens
      case .reasoning, .toolCallBegan, .toolCallArguments: break
      }
    }
  }

  var figures: UsageFigures {
    state.withLock {
      UsageFigures(
        prompt: $0.prompt, cached: $0.cached, completion: $0.completion, reasoning: $0.reasoning)
    }
  }

  /// Adds it to the day's figures, once. A request that was called off is counted all the same.
  func settle() async {
    guard let usage = close() else { return }
    await Task { [store] in try? await store.add(usage) }.value
  }

  private func close() -> DailyUsage? {
    state.withLock { state in
      guard state.hasWork, !state.isSettled else { return nil }
      state.isSettled = true
      return DailyUsage(
        projectID: projectID, promptTokens: state.prompt, cachedTokens: state.cached,
        completionTokens: state.completion)
    }
  }
}
