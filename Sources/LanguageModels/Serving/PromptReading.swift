internal import Records
internal import Torch

/// A prompt that is being read, or has been and has attempts left. Belongs to one batch.
///
/// All tokens but the last are read; the last one is what every attempt begins with.
final class PromptReading {
  let share: BatchShare
  /// Nil until the first tokens are read.
  private(set) var cache: KeyValueCache?
  /// Tokens whose keys and values are in the cache.
  var position = 0
  private(set) var cached = 0
  /// Attempts that have no row yet.
  var unstarted: [Int]
  var scores: [TokenScore] = []
  /// Whether it was said that the prompt has been read.
  var isAnnounced = false

  init(_ share: BatchShare) {
    self.share = share
    unstarted = share.attempts
  }

  var command: CompletionCommand { share.command }
  /// Where reading ends.
  var end: Int { command.prompt.count - 1 }
  /// A single attempt goes on in the prompt's own cache.
  var isSingle: Bool { share.attempts.count == 1 }
  /// Tokens of an answer's first memory; it doubles.
  var firstRoom: Int { min(command.maxTokens, 64) }
  /// Positions that an attempt can come to take; its last token is never fed back.
  var limit: Int { command.prompt.count + max(0, command.maxTokens - 1) }

  /// Makes the cache and fills it with what others have read.
  func begin(_ shape: CacheShape, _ prefixes: PrefixCache) throws(TorchError) {
    guard cache == nil else { return }
    let cache = try shape.cache(positions: max(1, isSingle ? end + max(1, firstRoom) : end))
    self.cache = cache
    try takeCached(prefixes)
  }

  /// Copies further blocks that have been read by others meanwhile.
  func takeCached(_ prefixes: PrefixCache) throws(TorchError) {
    // Scores need the hidden states of every token.
    guard let cache, !command.scoresPrompt, position % KeyValueCache.block == 0, position < end else {
      return
    }
    let blocks = prefixes.find(share.policy.name, command.prompt[..<end])
    for (place, block) in blocks.enumerated().dropFirst(position / KeyValueCache.block) {
      try cache.copy(from: block, positions: 0..<KeyValueCache.block, to: place * KeyValueCache.block)
      position += KeyValueCache.block
      cached += KeyValueCache.block
    }
  }
}

/// Consecutive tokens of a prompt that are read in one step.
struct PromptPiece {
  let reading: PromptReading
  let positions: Range<Int>
}
