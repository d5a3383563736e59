import LanguageModels
import Records
import Synchronization
import Testing
import Torch

/// A batch driven step by step, and what came of every command.
struct BatchBench {
  struct Attempt: Hashable {
    var tokens: [Int32] = []
    var logProbabilities: [Float] = []
    var likely: [[TokenScore.Alternative]] = []
    var end: ServeEvent.EndReason?
  }

  let prefixes: PrefixCache
  var batch: ContinuousBatch
  private let decoder: Decoder
  /// By command, in order of attempts.
  private(set) var attempts: [UInt64: [Attempt]] = [:]
  private(set) var refused: [UInt64: String] = [:]
  /// What each step reported, in order.
  private(set) var reports: [StepReport] = []
  private let prompts = Prompts()

  private final class Prompts: Sendable {
    let events = Mutex<[UInt64: (cached: Int, scores: [TokenScore]?)]>([:])
  }

  init(_ decoder: Decoder, cacheBytes: Int = 1 << 26, maxRows: Int = 8, mostPromptTokens: Int = 32) {
    self.decoder = decoder
    prefixes = PrefixCache(decoder, limit: cacheBytes, shards: 1)
    batch = ContinuousBatch(
      decoder, prefixes: prefixes, shard: 0, maxRows: maxRows, mostPromptTokens: mostPromptTokens)
  }

  mutating func add(
    _ command: CompletionCommand, _ policy: ServedPolicy = ServedPolicy(.base, adapter: nil),
    form: (any AnswerForm)? = nil
  ) {
    attempts[command.id] = command.seeds.map { _ in Attempt() }
    let prompts = prompts
    batch.add(
      BatchShare(
        command, policy: policy, form: form, attempts: Array(command.seeds.indices),
        announcement: PromptAnnouncement { event in
          guard case .prompt(let id, let cached, let scores) = event else { return }
          prompts.events.withLock { $0[id] = (cached, scores) }
        }))
  }

  mutating func cancel(_ id: UInt64, attempt: Int? = nil) {
    for ended in batch.cancel(id, attempt: attempt) { end(ended) }
  }

  mutating func step() throws {
    let report = batch.step()
    reports.append(report)
    for event in report.likely {
      guard case .top(let id, let attempt, let likely) = event else { continue }
      attempts[id]?[attempt].likely.append(likely)
    }
    for entry in report.tokens {
      let known = prompts.events.withLock { $0[entry.id] != nil }
      #expect(known, "a token of \(entry.id) came before its prompt was announced")
      #expect(attempts[entry.id]?[entry.attempt].end == nil, "a token came behind the end")
      attempts[entry.id]?[entry.attempt].tokens.append(entry.token)
      attempts[entry.id]?[entry.attempt].logProbabilities.append(entry.logProbability)
    }
    for ended in report.ended { end(ended) }
    for (id, error) in report.refused { refused[id] = error.description }
  }

  private mutating func end(_ ended: StepReport.Ended) {
    #expect(attempts[ended.id]?[ended.attempt].end == nil, "an attempt ended twice")
    attempts[ended.id]?[ended.attempt].end = ended.reason
  }

  /// Steps until nothing is left to do.
  mutating func run() throws {
    var steps = 0
    while !batch.isIdle {
      try step()
      steps += 1
      try #require(steps < 100_000, "the batch does not come to an end")
    }
  }

  func prompt(_ id: UInt64) -> (cached: Int, scores: [TokenScore]?)? { prompts.events.withLock { $0[id] } }
}

extension CompletionCommand {
  /// Bare sampling.
  static func plain(
    _ id: UInt64, _ prompt: [Int32], seeds: [UInt64], maxTokens: Int, stops: [Int32] = [],
    temperature: Double = 1
  ) -> CompletionCommand {
    CompletionCommand(
      id: id, prompt: prompt, seeds: seeds, maxTokens: maxTokens, temperature: temperature, stopIDs: stops)
  }
}
