internal import Records
internal import Torch

/// An attempt that is being sampled.
struct BatchRow {
  let reading: PromptReading
  let attempt: Int
  let stream: RandomStream
  /// Keys and values of the prompt's whole blocks, `shared` positions of them.
  let prefix: KeyValueCache
  let shared: Int
  /// Keys and values of what comes behind them, `own` positions so far.
  private(set) var suffix: KeyValueCache
  var own: Int
  /// The token that is fed next: the prompt's last one, then the answer's.
  var token: Int32
  var answer: [Int32] = []

  /// An attempt at a prompt that has been read, or will have been when its first token is fed.
  init(_ reading: PromptReading, attempt: Int, _ shape: CacheShape) throws(TorchError) {
    guard let cache = reading.cache, let last = reading.command.prompt.last else {
      preconditionFailure("an attempt begins when its prompt has a cache")
    }
    self.reading = reading
    self.attempt = attempt
    stream = RandomStream(seed: reading.command.seeds[attempt])
    prefix = cache
    token = last
    if reading.isSingle {
      shared = 0
      suffix = cache
      own = reading.end
    } else {
      shared = reading.end / KeyValueCache.block * KeyValueCache.block
      own = reading.end - shared
      suffix = try shape.cache(positions: own + max(1, reading.firstRoom))
      if own > 0 {
        try suffix.copy(from: cache, positions: shared..<shared + KeyValueCache.block, to: 0)
      }
    }
  }

  var command: CompletionCommand { reading.command }
  var position: Int { shared + own }
  var ownsSuffix: Bool { suffix !== prefix }

  /// Makes room for one more position.
  mutating func makeRoom(_ shape: CacheShape) throws(TorchError) {
    guard own == suffix.capacity else { return }
    let limit = KeyValueCache.capacity(for: reading.limit - shared)
    precondition(suffix.capacity < limit, "a row must not outgrow its limit")
    let larger = try shape.cache(positions: min(2 * suffix.capacity, limit))
    try larger.copy(from: suffix, positions: 0..<suffix.capacity, to: 0)
    suffix = larger
  }

  /// Where a block of the sequence lies.
  func block(_ place: Int) -> (cache: KeyValueCache, position: Int) {
    let position = place * KeyValueCache.block
    return position < shared ? (prefix, position) : (suffix, position - shared)
  }
}
