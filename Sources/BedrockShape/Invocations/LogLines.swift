/// The lines of a log, packed or not, one after the other.
enum LogLines {
  /// Longer lines are not read. A record of Bedrock's has two bodies of 100 KB at most, one of ours what a request may
  /// have.
  static let longest = 32 << 20

  /// Reads until `take` returns false or the budget is spent.
  ///
  /// - Parameters:
  ///   - budget: bytes that may still be unpacked; below zero when there were more.
  ///   - take: a line, or nil in place of one that is too long; returns whether it wants more.
  static func read(_ path: String, budget: inout Int, _ take: ([UInt8]?) -> Bool) {
    var line: [UInt8] = []
    var isTooLong = false
    var wantsMore = true
    func end() {
      wantsMore = isTooLong ? take(nil) : line.isEmpty || take(line)
      line.removeAll(keepingCapacity: line.capacity < 1 << 20)
      isTooLong = false
    }
    _ = Gzip.pieces(of: path) { piece in
      budget -= piece.count
      guard budget >= 0 else {
        wantsMore = false
        return false
      }
      var rest = piece
      while wantsMore, let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
        add(rest[..<newline])
        end()
        rest = rest[(newline + 1)...]
      }
      if wantsMore { add(rest) }
      return wantsMore
    }
    if wantsMore { end() }
    func add(_ part: ArraySlice<UInt8>) {
      if isTooLong || line.count + part.count > longest {
        isTooLong = true
        line = []
      } else {
        line += part
      }
    }
  }
}
