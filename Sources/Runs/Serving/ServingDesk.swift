internal import Foundation
internal import LanguageModels
internal import Records

/// Who waits, who is served where, and which policies there are.
///
/// Shards report to it and are given work by it. Nothing is written while its lock is held: what there is to say is
/// returned.
final class ServingDesk: Sendable {
  /// A command that has attempts left.
  private struct Live {
    let policy: PolicyName
    /// Attempts that have not ended.
    var left: Int
    /// Of them, those in each shard.
    var inShard: [Int]
    /// Tokens of the prompt that each shard has to read.
    var unread: [Int]
    /// Attempts that are not to begin, while the command is being made ready.
    var cancelledEarly: Set<Int> = []
    var isReady = false
    /// Whether one of its shards gave up: the others' ends are no news.
    var isRefused = false
  }

  private struct Policy {
    /// Nil while it is being loaded.
    var served: ServedPolicy?
    /// Updates that made it.
    var updates = 0
    /// Commands that wait for it to be loaded.
    var held: [CompletionCommand] = []
    /// Commands that have attempts left.
    var uses = 0
    var isLeaving = false
  }

  private struct State {
    var queue = AdmissionQueue()
    var live: [UInt64: Live] = [:]
    var policies: [PolicyName: Policy] = [:]
    /// Attempts in each shard, and of each policy in all of them.
    var inShard: [Int]
    /// Tokens of prompts that each shard has to read.
    var unread: [Int]
    var rows: [PolicyName: Int] = [:]
    var promptTokens = 0
    var cachedTokens = 0
    var generatedTokens = 0
    var lastLoad = ContinuousClock.now
    var wasIdle = true
  }

  private let lock = NSLock()
  private nonisolated(unsafe) var state: State
  private let shards: [ServingShard]
  /// Most rows of each shard.
  private let rows: [Int]
  private let prefixes: PrefixCache

  init(base: ServedPolicy, shards: [ServingShard], rows: [Int], prefixes: PrefixCache) {
    self.shards = shards
    self.rows = rows
    self.prefixes = prefixes
    let none = Array(repeating: 0, count: shards.count)
    state = State(inShard: none, unread: none)
    state.policies[base.name] = Policy(served: base)
  }

  private func locked<Value, Failure: Error>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
    lock.lock()
    defer { lock.unlock() }
    return try body()
  }

  // MARK: Policies

  /// How far a policy is that somebody wants.
  enum Loading {
    /// It is to be loaded now; commands for it wait.
    case needed
    case underWay
    case done(ServedPolicy, updates: Int)
  }

  /// Takes note that a policy is wanted. One that was to leave stays: a name stands for the same weights for ever.
  func beginLoading(_ name: PolicyName) -> Loading {
    locked {
      guard let policy = state.policies[name] else {
        state.policies[name] = Policy()
        return .needed
      }
      state.policies[name]?.isLeaving = false
      return policy.served.map { .done($0, updates: policy.updates) } ?? .underWay
    }
  }

  /// The policy is there; the commands that have waited for it.
  func endLoading(_ policy: ServedPolicy, updates: Int) -> (held: [CompletionCommand], events: [ServeEvent]) {
    locked {
      let held = state.policies[policy.name]?.held.filter { state.live[$0.id] != nil } ?? []
      state.policies[policy.name]?.served = policy
      state.policies[policy.name]?.updates = updates
      state.policies[policy.name]?.held = []
      return (held, leave(policy.name))
    }
  }

  /// The policy cannot be loaded; the commands that have waited for it, which are forgotten.
  func failLoading(_ name: PolicyName) -> [UInt64] {
    locked {
      let held = state.policies[name]?.held.map(\.id).filter { state.live[$0] != nil } ?? []
      state.policies[name] = nil
      for id in held { state.live[id] = nil }
      return held
    }
  }

  /// Lets a policy go as soon as nothing uses it.
  func unload(_ name: PolicyName) throws(WorkerFailure) -> [ServeEvent] {
    try locked { () throws(WorkerFailure) in
      guard name != .base else {
        throw WorkerFailure(.usage, "the base model cannot be unloaded; end the worker")
      }
      guard state.policies[name] != nil else {
        throw WorkerFailure(.usage, "there is no policy '\(name.rawValue)' to unload")
      }
      state.policies[name]?.isLeaving = true
      return leave(name)
    }
  }

  private func leave(_ name: PolicyName) -> [ServeEvent] {
    guard let policy = state.policies[name], policy.isLeaving, policy.uses == 0, policy.served != nil else {
      return []
    }
    state.policies[name] = nil
    prefixes.drop(name)
    return [.unloaded(name)]
  }

  // MARK: Commands

  /// Takes a command in. Returns its policy, or nil when that is still being loaded and the command waits.
  func register(_ command: CompletionCommand) throws(WorkerFailure) -> ServedPolicy? {
    try locked { () throws(WorkerFailure) in
      guard state.live[command.id] == nil else {
        throw WorkerFailure(.usage, "the id \(command.id) is in use; the owner never uses one twice")
      }
      guard let policy = state.policies[command.policy], !policy.isLeaving else {
        throw WorkerFailure(.usage, "the policy '\(command.policy.rawValue)' is not loaded")
      }
      state.policies[command.policy]?.uses += 1
      state.live[command.id] = Live(
        policy: command.policy, left: command.seeds.count, inShard: rows.map { _ in 0 },
        unread: rows.map { _ in 0 })
      if policy.served == nil { state.policies[command.policy]?.held.append(command) }
      return policy.served
    }
  }

  /// Gives a registered command's attempts to shards that have room, or lets them wait.
  func begin(_ share: BatchShare) {
    locked {
      let id = share.command.id
      guard let early = state.live[id]?.cancelledEarly else { return }
      state.live[id]?.isReady = true
      // What is only scored is read once.
      let parts =
        share.command.maxTokens == 0 || share.command.scoresPrompt
        ? [share.attempts]
        : AdmissionQueue.parts(of: share.attempts.count, shards: shards.count, rows: rows.max() ?? 1)
      for part in parts {
        var piece = share
        piece.attempts = part.filter { !early.contains($0) }
        if !piece.attempts.isEmpty { state.queue.add(piece) }
      }
      deal()
    }
  }

  /// Forgets a registered command that cannot begin.
  func giveUp(_ id: UInt64) -> [ServeEvent] {
    locked { end(id, attempts: state.live[id]?.left ?? 0) }
  }

  /// Ends an attempt or all of a command. Those that wait end at once, the others when their shard hears of it.
  func cancel(_ id: UInt64, attempt: Int?) -> [ServeEvent] {
    locked {
      guard let live = state.live[id] else { return [] }
      var gone: [Int] = []
      if live.isReady {
        gone = state.queue.cancel(id, attempt: attempt, of: live.policy)
        for (shard, count) in live.inShard.enumerated() where count > 0 {
          shards[shard].post(.cancel(id: id, attempt: attempt))
        }
      } else {
        let all = live.left + live.cancelledEarly.count
        gone = (0..<all).filter { (attempt == nil || attempt == $0) && !live.cancelledEarly.contains($0) }
        state.live[id]?.cancelledEarly.formUnion(gone)
      }
      return gone.map { .ended(id: id, attempt: $0, .cancelled) } + end(id, attempts: gone.count)
    }
  }

  /// Takes note that attempts have ended.
  private func end(_ id: UInt64, attempts: Int) -> [ServeEvent] {
    guard var live = state.live[id] else { return [] }
    live.left -= attempts
    state.live[id] = live
    guard live.left <= 0 else { return [] }
    countAsRead(id)
    state.live[id] = nil
    state.policies[live.policy]?.uses -= 1
    return leave(live.policy)
  }

  // MARK: Shards

  /// Gives waiting attempts to the shard that has least to do, while there is room.
  private func deal() {
    while let shard = rows.indices.filter({ state.inShard[$0] < rows[$0] }).min(by: { work($0) < work($1) }),
      !prefixes.isExhausted || state.inShard.allSatisfy({ $0 == 0 }),
      let share = state.queue.next(rows: state.rows)
    {
      let (id, count) = (share.command.id, share.attempts.count)
      state.inShard[shard] += count
      state.rows[share.policy.name, default: 0] += count
      state.live[id]?.inShard[shard] += count
      state.unread[shard] += share.command.prompt.count
      state.live[id]?.unread[shard] += share.command.prompt.count
      shards[shard].post(.add(share))
    }
  }

  /// What a shard has to do: a row goes on for some hundred tokens as a rule, and a prompt's tokens come on top.
  private func work(_ shard: Int) -> Int { state.inShard[shard] * 128 + state.unread[shard] }

  /// Takes note that a command's prompt has been read.
  func hasRead(_ id: UInt64) { locked { countAsRead(id) } }

  private func countAsRead(_ id: UInt64) {
    guard let unread = state.live[id]?.unread else { return }
    for (shard, tokens) in unread.enumerated() { state.unread[shard] -= tokens }
    state.live[id]?.unread = unread.map { _ in 0 }
  }

  private func leaveShard(_ shard: Int, _ id: UInt64, attempts: Int) {
    guard let policy = state.live[id]?.policy else { return }
    state.inShard[shard] -= attempts
    state.rows[policy, default: 0] -= attempts
    if state.rows[policy] == 0 { state.rows[policy] = nil }
    state.live[id]?.inShard[shard] -= attempts
  }

  /// Takes a shard's report, deals what can be dealt, and returns the events behind the report's tokens.
  func finish(_ report: StepReport, shard: Int) -> [ServeEvent] {
    locked {
      var events: [ServeEvent] = []
      var after: [ServeEvent] = []
      for ended in report.ended {
        if state.live[ended.id]?.isRefused == false {
          events.append(.ended(id: ended.id, attempt: ended.attempt, ended.reason))
        }
        leaveShard(shard, ended.id, attempts: 1)
        after += end(ended.id, attempts: 1)
      }
      for (id, error) in report.refused {
        guard let live = state.live[id] else { continue }
        if !live.isRefused {
          events.append(.refused(subject: "\(id)", WorkerFailure(serving: error)))
        }
        state.live[id]?.isRefused = true
        let here = live.inShard[shard]
        leaveShard(shard, id, attempts: here)
        for other in shards.indices where other != shard && live.inShard[other] > 0 {
          shards[other].post(.cancel(id: id, attempt: nil))
        }
        after += end(id, attempts: here + state.queue.cancel(id, attempt: nil, of: live.policy).count)
      }
      state.promptTokens += report.promptTokens
      state.cachedTokens += report.cachedTokens
      state.generatedTokens += report.tokens.count
      deal()
      return events + after + load()
    }
  }

  /// Once a second while there is work, and once when there is none any more.
  private func load() -> [ServeEvent] {
    let isIdle = state.live.isEmpty
    let now = ContinuousClock.now
    defer { state.wasIdle = isIdle }
    guard isIdle ? !state.wasIdle : now - state.lastLoad >= .seconds(1) else { return [] }
    state.lastLoad = now
    let running = zip(state.inShard, rows).reduce(0) { $0 + min($1.0, $1.1) }
    return [
      .load(
        ServeLoad(
          running: running, waiting: state.queue.count + state.inShard.reduce(0, +) - running,
          cacheBytes: prefixes.bytes,
          promptTokens: state.promptTokens, cachedTokens: state.cachedTokens,
          generatedTokens: state.generatedTokens, residentBytes: residentMemoryBytes()))
    ]
  }
}
