internal import Records
internal import Torch

/// The rows that a shard decodes, which come and go at any step, and the prompts that it reads beside them.
///
/// A step is one pass through the model: a token for every row, and some tokens of prompts that wait to be read, so that
/// a long prompt holds nobody up. What a row draws depends on its own command alone.
package struct ContinuousBatch {
  let shape: CacheShape
  let prefixes: PrefixCache
  let shard: Int
  /// Most rows at once.
  package let maxRows: Int
  /// Most tokens of prompts in a step.
  let mostPromptTokens: Int
  let space: BatchSpace

  /// Rows, those of a policy side by side, and of them those of a prompt.
  var rows: [BatchRow] = []
  /// Prompts that have attempts without a row, in order of arrival.
  var readings: [PromptReading] = []

  /// A batch for a decoder and adapters beside it.
  package init(
    _ base: Decoder, prefixes: PrefixCache, shard: Int, maxRows: Int, mostPromptTokens: Int = 128
  ) {
    precondition(maxRows > 0, "there must be room for a row")
    precondition(
      mostPromptTokens >= KeyValueCache.block, "a step must have room for a block of a prompt's tokens")
    shape = CacheShape(base)
    self.prefixes = prefixes
    self.shard = shard
    self.maxRows = maxRows
    self.mostPromptTokens = mostPromptTokens
    space = BatchSpace(base, rows: maxRows + mostPromptTokens, drawing: maxRows)
  }

  /// Whether there is nothing to do.
  package var isIdle: Bool { rows.isEmpty && readings.isEmpty }
  /// Attempts that have a row.
  package var running: Int { rows.count }

  /// Takes attempts in, behind those that wait.
  package mutating func add(_ share: BatchShare) { readings.append(PromptReading(share)) }

  /// Ends an attempt of a command, or all that are here; those that it ended.
  package mutating func cancel(_ id: UInt64, attempt: Int?) -> [StepReport.Ended] {
    func isMeant(_ other: Int) -> Bool { attempt == nil || attempt == other }
    var ended: [Int] = []
    for reading in readings where reading.command.id == id {
      ended += reading.unstarted.filter(isMeant)
      reading.unstarted.removeAll(where: isMeant)
    }
    readings.removeAll { $0.command.id == id && $0.unstarted.isEmpty }
    for row in rows where row.command.id == id && isMeant(row.attempt) {
      ended.append(row.attempt)
      remember(row)
    }
    rows.removeAll { $0.command.id == id && isMeant($0.attempt) }
    countMemory()
    return ended.map { StepReport.Ended(id: id, attempt: $0, reason: .cancelled) }
  }

  // MARK: What steps need

  /// Keeps what a row has read and drawn for prompts that begin with it. Memory that does not suffice is no reason to
  /// fail: then it is read again.
  func remember(_ row: BatchRow) {
    let fed = row.command.prompt + row.answer
    try? prefixes.keep(
      row.reading.share.policy.name, fed[..<row.sequence.count], source: row.sequence.place(ofBlock:))
  }

  /// Tells the cache how much is left for it.
  func countMemory() {
    var bytes = rows.reduce(0) { $0 + $1.sequence.bytes }
    var counted: Set<ObjectIdentifier> = []
    for reading in readings + rows.map(\.reading) where counted.insert(ObjectIdentifier(reading)).inserted {
      bytes += reading.cache?.bytes ?? 0
    }
    prefixes.setRowBytes(bytes, shard: shard)
  }

  /// Lets everything of a command go.
  mutating func abandon(_ reading: PromptReading) {
    rows.removeAll { $0.reading === reading }
    readings.removeAll { $0 === reading }
  }
}
