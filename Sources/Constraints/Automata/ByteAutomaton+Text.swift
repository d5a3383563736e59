extension ByteAutomaton {
  /// One of these texts.
  init(texts: some Sequence<[UInt8]>) {
    let texts = Array(texts)
    var classes = [UInt8](repeating: 0, count: 256)
    let used = Set(texts.joined()).sorted()
    // With all 256 bytes in use the last would have no class; no text that is UTF-8 has them all.
    for (index, byte) in used.prefix(255).enumerated() { classes[Int(byte)] = UInt8(index + 1) }
    let width = min(used.count, 255) + 1
    var table = [Int32](repeating: -1, count: width)
    var isAccepting = [false]
    for text in texts {
      var state = 0
      for byte in text {
        let place = state * width + Int(classes[Int(byte)])
        if table[place] < 0 {
          table[place] = Int32(isAccepting.count)
          isAccepting.append(false)
          table.append(contentsOf: repeatElement(-1, count: width))
        }
        state = Int(table[place])
      }
      isAccepting[state] = true
    }
    if texts.isEmpty { (table, isAccepting) = ([], []) }
    self.init(classes: classes, classCount: width, next: table, isAccepting: isAccepting)
  }

  /// UTF-8 text in which the given text stands at the end and nowhere before; any text where it is empty.
  static func text(until end: [UInt8]) throws(AutomatonTooLarge) -> ByteAutomaton {
    var parts = NondeterministicAutomaton()
    let start = try parts.state()
    for sequence in ScalarSet.all.byteSequences { try parts.path(start, sequence, to: start) }
    let any = try parts.determinised(from: start, to: start)
    guard !end.isEmpty else { return any }

    // Knuth, Morris and Pratt: how much of `end` the text ends with.
    var borders = [0]
    for index in 1..<max(1, end.count) {
      var length = borders[index - 1]
      while length > 0, end[length] != end[index] { length = borders[length - 1] }
      borders.append(end[length] == end[index] ? length + 1 : 0)
    }
    let searching = try ByteAutomaton(
      exploring: 0, over: (0..<255).map { UInt8($0) },
      step: { (length: Int, byte: UInt8) in
        var length = length
        if length == end.count { return nil }
        while length > 0, end[length] != byte { length = borders[length - 1] }
        return end[length] == byte ? length + 1 : 0
      }, isAccepting: { $0 == end.count })
    return try any.intersection(searching)
  }

  /// What may stand between two parts of JSON: nothing, a blank, or a line break and a bounded indentation, so that
  /// nobody can write blanks for ever.
  static let space: ByteAutomaton = {
    // Class 1 is a line break, 2 a blank, 3 a tab.
    var classes = [UInt8](repeating: 0, count: 256)
    (classes[0x0A], classes[0x20], classes[0x09]) = (1, 2, 3)
    // State 0 is the start, 1 a single blank, 2 a line break, and so on.
    var table: [Int32] = [-1, 2, 1, -1, -1, -1, -1, -1]
    for count in 0...ConstraintLimits.indentation {
      let after = count < ConstraintLimits.indentation ? Int32(count + 3) : -1
      table += [-1, -1, after, after]
    }
    return ByteAutomaton(
      classes: classes, classCount: 4, next: table,
      isAccepting: Array(repeating: true, count: table.count / 4))
  }()
}
