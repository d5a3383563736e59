internal import Logging
internal import Records
internal import Synchronization

/// One serving worker: who waits for what of it, and what it has loaded.
final class ServingWorker: Sendable {
  struct State {
    var nextID: UInt64 = 1
    var feeds: [UInt64: Feed] = [:]
    /// Attempts that were promised a place, whether they are sent already or not.
    var rows = 0
    var adapters: [PolicyName: Adapter] = [:]
    var isClosing = false
    var lastUsed = ContinuousClock.now
    var lastLine = ContinuousClock.now
    /// Mean time of a request, later ones counting more.
    var secondsPerRequest = 1.0
    var readyAt: ContinuousClock.Instant?
    var endedAt: ContinuousClock.Instant?
    var killedBecause: String?
  }

  struct Feed {
    var feed: CompletionFeed
    var openAttempts: Int
    var policy: PolicyName
    var began = ContinuousClock.now
  }

  let base: String
  /// Memory that it is expected to take.
  let bytes: Int
  let settings: InferenceSettings
  let observer: (any InferenceObserver)?
  let state = Mutex(State())
  /// Opens when the model answers, or with the reason why it never will.
  let ready: Gate<ServedModelFigures>
  /// Opens when the process is gone.
  let gone: Gate<Void>
  let connection: any ServingConnection
  private let logger: Logger
  private let began = ContinuousClock.now

  init(
    base: String, bytes: Int, connection: any ServingConnection, settings: InferenceSettings,
    observer: (any InferenceObserver)?, logger: Logger
  ) {
    self.base = base
    self.bytes = bytes
    self.settings = settings
    self.observer = observer
    self.connection = connection
    self.logger = logger
    ready = Gate(
      within: settings.startLimit,
      InferenceError(
        .failed, "the worker of '\(base)' was not ready within \(settings.startLimit.inSeconds) s",
        retryAfter: 5))
    // No deadline: a process that does not end is killed by those who want its memory.
    gone = Gate(
      within: .seconds(365 * 86_400), InferenceError(.failed, "the worker of '\(base)' did not end"))
    Task { await read() }
  }

  // MARK: Who wants what

  enum Admission: Sendable, Hashable {
    case admitted
    case full(retryAfter: Int)
    /// It ends or has ended: another one is needed.
    case ending
  }

  /// Promises places to a request's attempts.
  func admit(_ attempts: Int, mostWaiting: Int) -> Admission {
    state.withLock { state in
      guard !state.isClosing, state.endedAt == nil, state.killedBecause == nil else { return .ending }
      let most = settings.maxRows + mostWaiting
      // A request that is alone is never too large.
      guard state.rows == 0 || state.rows + attempts <= most else {
        return .full(retryAfter: Self.delay(state, settings))
      }
      state.rows += attempts
      state.lastUsed = .now
      return .admitted
    }
  }

  /// Takes a promise back that was not used.
  func release(_ attempts: Int) {
    state.withLock { state in
      state.rows -= attempts
      state.lastUsed = .now
    }
  }

  /// Seconds until a place may be free.
  private static func delay(_ state: State, _ settings: InferenceSettings) -> Int {
    let rounds = Double(state.rows) / Double(max(1, settings.maxRows))
    return min(60, max(1, Int((state.secondsPerRequest * rounds).rounded(.up))))
  }

  var retryAfter: Int { state.withLock { Self.delay($0, settings) } }
  var waitingRows: Int { state.withLock { max(0, $0.rows - settings.maxRows) } }

  /// Sends a request whose attempts were admitted; the feed sees everything from here on.
  func begin(_ policy: PolicyName, _ make: (UInt64) -> (CompletionCommand, CompletionFeed)) -> CompletionFeed
  {
    let (command, feed, isAlive) = state.withLock { state in
      let id = state.nextID
      state.nextID += 1
      let (command, feed) = make(id)
      let isAlive = state.endedAt == nil
      if isAlive {
        // Who had nothing to do has not been silent.
        if state.feeds.isEmpty { state.lastLine = .now }
        state.feeds[id] = Feed(feed: feed, openAttempts: command.seeds.count, policy: policy)
      } else {
        state.rows -= command.seeds.count
      }
      return (command, feed, isAlive)
    }
    if isAlive {
      connection.send(.complete(command))
    } else {
      feed.fail(InferenceError(.failed, "the worker of '\(base)' ended before the request reached it"))
    }
    return feed
  }

  func cancel(_ id: UInt64, attempt: Int?) { connection.send(.cancel(id: id, attempt: attempt)) }

  // MARK: Its end

  /// Whether it could be told to end at no one's cost, and since when.
  var idleSince: ContinuousClock.Instant? {
    state.withLock { $0.rows == 0 && !$0.isClosing && $0.endedAt == nil ? $0.lastUsed : nil }
  }

  /// Tells it to end, unless somebody was admitted meanwhile.
  func closeIfIdle() -> Bool {
    let closes = state.withLock { state in
      guard state.rows == 0, !state.isClosing, state.endedAt == nil else { return false }
      state.isClosing = true
      return true
    }
    if closes { connection.close() }
    return closes
  }

  /// Ends it whoever waits; their answers end with an error.
  func close() {
    state.withLock { $0.isClosing = true }
    connection.close()
  }

  func kill(because reason: String) {
    state.withLock { $0.killedBecause = $0.killedBecause ?? reason }
    connection.kill()
  }

  /// Whether it has work and has said nothing for so long.
  func isSilent(for limit: Duration) -> Bool {
    state.withLock { state in
      let isAwaited = !state.feeds.isEmpty && state.readyAt != nil && state.endedAt == nil
      return isAwaited && ContinuousClock.now - state.lastLine > limit
    }
  }

  /// Whether it has not been ready in time, so that nobody waits for it any more.
  var hasMissedItsStart: Bool { ready.hasFailed && state.withLock { $0.endedAt == nil && !$0.isClosing } }

  // MARK: What it says

  private func read() async {
    for await line in connection.lines { take(line) }
    let failure = await connection.failure()
    end(failure)
  }

  private func take(_ line: ServeLine) {
    switch line {
    case .tokens(let entries):
      for run in entries.chunkedByID() {
        guard let id = run.first?.id else { continue }
        feed(id)?.take(run)
      }
    case .event(let event): take(event)
    }
  }

  private func feed(_ id: UInt64) -> CompletionFeed? {
    state.withLock { state in
      state.lastLine = .now
      return state.feeds[id]?.feed
    }
  }

  private func take(_ event: ServeEvent) {
    state.withLock { $0.lastLine = .now }
    switch event {
    case .ready(let figures):
      state.withLock { $0.readyAt = .now }
      let seconds = (ContinuousClock.now - began).inSeconds
      logger.info("model is ready", metadata: ["model": "\(base)", "seconds": "\(seconds)"])
      observer?.observe(.workerReady(base: base, seconds: seconds))
      ready.open(.success(figures))
    case .loaded(let name, _, let bytes, let seconds):
      observer?.observe(.adapterLoaded(base: base, seconds: seconds))
      adapterLoaded(name, bytes: bytes)
    case .unloaded: break
    case .refused(let subject, let failure):
      let kind: InferenceError.Kind = failure.kind == .usage ? .invalid(param: failure.field) : .failed
      let error = InferenceError(kind, failure.message)
      if let id = UInt64(subject), let feed = removeFeed(id) {
        feed.fail(error)
      } else {
        adapterRefused(PolicyName(subject), InferenceError(.failed, failure.message))
      }
    case .prompt(let id, let cached, let scores): feed(id)?.prompt(cached: cached, scores: scores)
    case .top(let id, let attempt, let alternatives): feed(id)?.top(attempt, alternatives)
    case .ended(let id, let attempt, let reason): attemptEnded(id, attempt, reason)
    case .load(let load): observer?.observe(.load(base: base, load))
    case .failed(let failure): state.withLock { $0.killedBecause = $0.killedBecause ?? failure.message }
    }
  }

  private func attemptEnded(_ id: UInt64, _ attempt: Int, _ reason: ServeEvent.EndReason) {
    let (feed, finished) = state.withLock { state -> (CompletionFeed?, Feed?) in
      guard var entry = state.feeds[id] else { return (nil, nil) }
      entry.openAttempts -= 1
      state.rows -= 1
      state.lastUsed = .now
      guard entry.openAttempts == 0 else {
        state.feeds[id] = entry
        return (entry.feed, nil)
      }
      state.feeds[id] = nil
      let seconds = (ContinuousClock.now - entry.began).inSeconds
      state.secondsPerRequest += 0.1 * (seconds - state.secondsPerRequest)
      return (entry.feed, entry)
    }
    feed?.end(attempt, reason)
    if let finished { adapterReleased(finished.policy) }
  }

  private func removeFeed(_ id: UInt64) -> CompletionFeed? {
    let entry = state.withLock { state -> Feed? in
      guard let entry = state.feeds.removeValue(forKey: id) else { return nil }
      state.rows -= entry.openAttempts
      state.lastUsed = .now
      return entry
    }
    if let entry { adapterReleased(entry.policy) }
    return entry?.feed
  }

  private func end(_ failure: String?) {
    let (feeds, adapters, reason, wasClosing) = state.withLock { state in
      state.endedAt = .now
      state.rows = 0
      defer {
        state.feeds = [:]
        state.adapters = [:]
      }
      return (Array(state.feeds.values), Array(state.adapters.values), state.killedBecause, state.isClosing)
    }
    let isFailure = failure != nil || reason != nil || !wasClosing
    let why = [reason, failure].compactMap(\.self).joined(separator: "; ")
    let message = "the worker of '\(base)' ended" + (why.isEmpty ? "" : ": " + why)
    if isFailure {
      logger.error("worker ended", metadata: ["model": "\(base)", "reason": "\(why)"])
    } else {
      logger.info("model was unloaded", metadata: ["model": "\(base)"])
    }
    observer?.observe(.workerEnded(base: base, failure: isFailure ? message : nil))
    let error = InferenceError(.failed, message, retryAfter: 1)
    ready.open(.failure(error))
    for adapter in adapters { adapter.loaded.open(.failure(error)) }
    for entry in feeds { entry.feed.fail(error) }
    gone.open(.success(()))
  }
}

extension Array where Element == TokenLine.Entry {
  /// Neighbours of one request together.
  func chunkedByID() -> [ArraySlice<TokenLine.Entry>] {
    var runs: [ArraySlice<TokenLine.Entry>] = []
    var start = startIndex
    for place in indices where place > start && self[place].id != self[start].id {
      runs.append(self[start..<place])
      start = place
    }
    if start < endIndex { runs.append(self[start...]) }
    return runs
  }
}
