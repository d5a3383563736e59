/// The tokens of one step of a serving worker: a line that begins with `t` and has four fields a token.
///
/// As JSON these lines would take a tenth of the time that the tokens themselves take.
package enum TokenLine {
  /// A token that was drawn for an attempt.
  package struct Entry: Sendable, Hashable {
    package var id: UInt64
    package var attempt: Int
    package var token: Int32
    /// Under the distribution it was drawn from.
    package var logProbability: Float

    package init(id: UInt64, attempt: Int, token: Int32, logProbability: Float) {
      self.id = id
      self.attempt = attempt
      self.token = token
      self.logProbability = logProbability
    }
  }

  /// The line, without its end; log-probabilities travel as their bits.
  package static func encode(_ entries: some Sequence<Entry>) -> String {
    var line = "t"
    for entry in entries {
      line += " \(entry.id) \(entry.attempt) \(entry.token) \(entry.logProbability.bitPattern)"
    }
    return line
  }

  /// The entries of a line, or nil for a line of another kind.
  package static func decode(_ line: some Collection<UInt8>) -> [Entry]? {
    guard line.first == UInt8(ascii: "t") else { return nil }
    var fields: [UInt64] = []
    var field: UInt64?
    for byte in line.dropFirst() {
      switch byte {
      case UInt8(ascii: " "):
        if let field { fields.append(field) }
        field = nil
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        let (tenfold, overflow) = (field ?? 0).multipliedReportingOverflow(by: 10)
        if overflow { return nil }
        field = tenfold &+ UInt64(byte - UInt8(ascii: "0"))
      default: return nil
      }
    }
    if let field { fields.append(field) }
    guard fields.count % 4 == 0 else { return nil }
    var entries: [Entry] = []
    entries.reserveCapacity(fields.count / 4)
    for start in stride(from: 0, to: fields.count, by: 4) {
      guard let attempt = Int(exactly: fields[start + 1]), let token = Int32(exactly: fields[start + 2]),
        let bits = UInt32(exactly: fields[start + 3])
      else { return nil }
      entries.append(
        Entry(id: fields[start], attempt: attempt, token: token, logProbability: Float(bitPattern: bits)))
    }
    return entries
  }
}
