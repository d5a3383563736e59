internal import Records
internal import Torch

/// A prompt that is being read, or has been and has attempts left. Belongs to one batch.
///
/// All tokens but the last are read; the last one is what every attempt begins with.
final class PromptReading {
  let share: BatchShare
  /// Where keys and values go; nil before the first tokens are read, and when its one attempt has taken it over.
  private(set) var sequence: SequenceCache?
  /// The memory of `sequence`.
  private(set) var cache: KeyValueCache?
  private(set) var hasBegun = false
  /// Tokens whose keys and values are there.
  private(set) var position = 0
  private(set) var cached = 0
  /// Attempts that have no row yet.
  var unstarted: [Int]
  /// Of the tokens read so far, when they are wanted.
  var scores: [TokenScore]
  /// Whether it was said that the prompt has been read.
  var isAnnounced = false
  /// Ids that end an answer: its form's, or those of a command without one.
  let stopIDs: Set<Int32>

  init(_ share: BatchShare) {
    self.share = share
    unstarted = share.attempts
    // Others could end an answer before its form is whole.
    stopIDs = share.form?.endIDs ?? Set(share.command.stopIDs)
    scores = share.command.prompt.prefix(1).map { TokenScore(token: $0, logProbability: nil) }
  }

  var command: CompletionCommand { share.command }
  /// Where reading ends.
  var end: Int { command.prompt.count - 1 }
  var isRead: Bool { hasBegun && position == end }
  /// A single attempt goes on in the prompt's own memory.
  var isSingle: Bool { share.attempts.count == 1 }
  /// Positions that an attempt has room for at first.
  var firstRoom: Int { min(max(1, command.maxTokens), 64) }
  /// Positions that an attempt can come to take; its last token is never fed back.
  var limit: Int { command.prompt.count + max(0, command.maxTokens - 1) }

  /// Takes memory, and fills it with what others have read.
  func begin(_ shape: CacheShape, _ prefixes: PrefixCache) throws(TorchError) {
    guard !hasBegun else { return }
    // Scores need the hidden states of every token.
    let blocks = command.scoresPrompt ? [] : prefixes.find(share.policy.name, command.prompt[..<end])
    let cache = try shape.cache(positions: max(1, isSingle ? end + firstRoom : end))
    for (place, block) in blocks.enumerated() {
      try cache.copy(from: block, positions: 0..<KeyValueCache.block, to: place * KeyValueCache.block)
    }
    cached = blocks.count * KeyValueCache.block
    position = cached
    sequence = SequenceCache(in: cache, count: cached)
    self.cache = cache
    hasBegun = true
  }

  /// Counts tokens that were read.
  func advance(by count: Int) {
    position += count
    sequence?.advance(by: count)
  }

  /// The memory is its one attempt's from now on.
  func handOver() {
    sequence = nil
    cache = nil
  }
}

/// Consecutive tokens of a prompt that are read in one step.
struct PromptPiece {
  let reading: PromptReading
  let positions: Range<Int>
}
