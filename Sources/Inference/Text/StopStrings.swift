/// Looks for stop strings in a text that comes in pieces, and holds back what may be the beginning of one.
///
/// The text ends where the first of them is complete; of several that are complete there the longest counts. So the cut
/// does not depend on the pieces in which the text came.
struct StopStrings: Sendable {
  private let stops: [[UInt8]]
  private let firstBytes: Set<UInt8>
  /// The longest end of the text so far that begins a stop string.
  private var held: [UInt8] = []
  /// The stop string that ended the text.
  private(set) var match: String?

  init(_ stops: [String]) {
    self.stops = stops.filter { !$0.isEmpty }.map { Array($0.utf8) }
    firstBytes = Set(self.stops.map { $0[0] })
  }

  /// The part of the text up to here that no stop string can take back.
  mutating func push(_ text: String) -> String {
    guard match == nil else { return "" }
    if stops.isEmpty || (held.isEmpty && !text.utf8.contains(where: firstBytes.contains)) { return text }
    var sure: [UInt8] = []
    for byte in text.utf8 {
      if held.isEmpty, !firstBytes.contains(byte) {
        sure.append(byte)
        continue
      }
      held.append(byte)
      if let stop = stops.filter({ held.ends(with: $0) }).max(by: { $0.count < $1.count }) {
        sure += held.dropLast(stop.count)
        held = []
        match = String(decoding: stop, as: UTF8.self)
        break
      }
      let kept = lengthOfOpenEnd()
      sure += held.dropLast(kept)
      held.removeFirst(held.count - kept)
    }
    return String(decoding: sure, as: UTF8.self)
  }

  /// What was held back, when the text ends without a stop string.
  mutating func finish() -> String {
    defer { held = [] }
    return String(decoding: held, as: UTF8.self)
  }

  private func lengthOfOpenEnd() -> Int {
    (1...held.count).reversed().first { length in
      stops.contains { $0.count > length && $0.starts(with: held.suffix(length)) }
    } ?? 0
  }
}

extension Array where Element == UInt8 {
  func ends(with other: [UInt8]) -> Bool { count >= other.count && suffix(other.count).elementsEqual(other) }
}
