/// How the characters of a JSON string may be written.
enum StringSpelling: Sendable {
  /// In every way that RFC 8259 has, but for surrogates that are no pair.
  case any
  /// In one way: as it is where that is allowed, else with the short escape, else `\u` and four small digits. What a
  /// pattern or the name of a member is checked for has this spelling, so that equal texts are equal bytes.
  case shortest
}

extension NondeterministicAutomaton {
  private static let shortEscapes: [(scalar: Unicode.Scalar, letter: UInt8)] = [
    ("\"", 0x22), ("\\", 0x5C), ("\u{8}", 0x62), ("\u{C}", 0x66), ("\n", 0x6E), ("\r", 0x72), ("\t", 0x74),
  ]
  /// What may stand in a string as it is.
  static let plain = ScalarSet([0x20...0x21, 0x23...0x5B, 0x5D...0xD7FF, 0xE000...0x10FFFF])

  /// One character of the set, inside a JSON string.
  mutating func character(
    _ set: ScalarSet, from source: Int32, to target: Int32, _ spelling: StringSpelling
  ) throws(AutomatonTooLarge) {
    for sequence in set.intersection(Self.plain).byteSequences { try path(source, sequence, to: target) }
    switch spelling {
    case .any:
      precondition(set == .all, "only a string without a pattern may be spelled in any way")
      try escapes(from: source, to: target)
    case .shortest:
      let backslash: UInt8 = 0x5C
      for escape in Self.shortEscapes where set.contains(escape.scalar) {
        try path(source, [backslash...backslash, escape.letter...escape.letter], to: target)
      }
      for value in UInt8(0)..<0x20 {
        guard set.contains(Unicode.Scalar(value)),
          !Self.shortEscapes.contains(where: { $0.scalar.value == UInt32(value) })
        else { continue }
        let text = "\\u00\(value < 16 ? "0" : "")\(String(value, radix: 16))"
        try path(source, text.utf8.map { $0...$0 }, to: target)
      }
    }
  }

  private mutating func escapes(from source: Int32, to target: Int32) throws(AutomatonTooLarge) {
    let escape = try state()
    edge(source, 0x5C...0x5C, escape)
    for letter in "\"\\/bfnrt".utf8 { edge(escape, letter...letter, target) }
    // An escape of four hexadecimal digits that is no surrogate.
    let digits = try state()
    edge(escape, 0x75...0x75, digits)
    let anyThree = try hexadecimal(3, to: target)
    let anyTwo = try hexadecimal(2, to: target)
    for range: ClosedRange<UInt8> in [0x30...0x39, 0x41...0x43, 0x61...0x63, 0x45...0x46, 0x65...0x66] {
      edge(digits, range, anyThree)
    }
    let afterD = try state()
    for letter: UInt8 in [0x44, 0x64] { edge(digits, letter...letter, afterD) }
    edge(afterD, 0x30...0x37, anyTwo)
    // A pair: \uD800 to \uDBFF, then \uDC00 to \uDFFF.
    let second = try state()
    let low = try state()
    let lowTwo = try hexadecimal(2, to: target)
    let highTwo = try hexadecimal(2, to: second)
    for range: ClosedRange<UInt8> in [0x38...0x39, 0x41...0x42, 0x61...0x62] { edge(afterD, range, highTwo) }
    try path(second, [0x5C...0x5C, 0x75...0x75], to: low)
    let lowD = try state()
    for letter: UInt8 in [0x44, 0x64] { edge(low, letter...letter, lowD) }
    for range: ClosedRange<UInt8> in [0x43...0x46, 0x63...0x66] { edge(lowD, range, lowTwo) }
  }

  /// The state before so many hexadecimal digits.
  private mutating func hexadecimal(_ count: Int, to target: Int32) throws(AutomatonTooLarge) -> Int32 {
    var target = target
    for _ in 0..<count {
      let source = try state()
      for range: ClosedRange<UInt8> in [0x30...0x39, 0x41...0x46, 0x61...0x66] { edge(source, range, target) }
      target = source
    }
    return target
  }
}

extension ByteAutomaton {
  /// One character of a JSON string.
  static func character(_ spelling: StringSpelling) throws(AutomatonTooLarge) -> ByteAutomaton {
    var parts = NondeterministicAutomaton()
    let start = try parts.state()
    let end = try parts.state()
    try parts.character(.all, from: start, to: end, spelling)
    return try parts.determinised(from: start, to: end)
  }

  /// What stands between the quotes of a JSON string.
  static func characters(_ spelling: StringSpelling) throws(AutomatonTooLarge) -> ByteAutomaton {
    var parts = NondeterministicAutomaton()
    let start = try parts.state()
    try parts.character(.all, from: start, to: start, spelling)
    return try parts.determinised(from: start, to: start)
  }

  /// So many characters between quotes, in the shortest spelling.
  static func characters(_ range: CountRange) throws(AutomatonTooLarge) -> ByteAutomaton {
    let one = try character(.shortest)
    struct Place: Hashable {
      var count: Int
      var state: Int32
    }
    let most = range.most ?? range.least
    let alphabet = (UInt8(0x20)...0xF4).filter { one.classes[Int($0)] != one.classes[0] }
    return try ByteAutomaton(
      exploring: Place(count: 0, state: 0), over: alphabet,
      step: { place, byte in
        if place.state == 0, place.count == most, range.most != nil { return nil }
        let state = one.step(place.state, byte)
        if state < 0 { return nil }
        guard one.isAccepting[Int(state)] else { return Place(count: place.count, state: state) }
        return Place(count: min(place.count + 1, most), state: 0)
      }, isAccepting: { $0.state == 0 && $0.count >= range.least })
  }

  /// Text between quotes, in the shortest spelling, as the automaton of a string's inside reads it.
  static func inside(of text: String) -> [UInt8] { Array(JSONText.quoted(text).dropFirst().dropLast()) }

  /// The same with a quote before and after. What is between must not have a quote of its own but behind a backslash.
  func quoted() -> ByteAutomaton {
    guard !isEmpty else { return self }
    let quote = 0x22
    var classes = self.classes
    var width = classCount
    // The quote gets a class of its own.
    if classes.indices.contains(where: { $0 != quote && classes[$0] == classes[quote] }) {
      classes[quote] = UInt8(width)
      width += 1
    }
    let own = Int(classes[quote])
    let end = Int32(stateCount + 1)
    var table = [Int32](repeating: -1, count: width)
    table[own] = 1
    for state in 0..<stateCount {
      let row = next[state * classCount..<(state + 1) * classCount]
      var wide = row.map { $0 < 0 ? $0 : $0 + 1 }
      if width > classCount { wide.append(wide[Int(self.classes[quote])]) }
      if isAccepting[state] { wide[own] = end }
      table += wide
    }
    table += Array(repeating: -1, count: width)
    return ByteAutomaton(
      classes: classes, classCount: width, next: table,
      isAccepting: Array(repeating: false, count: stateCount + 1) + [true])
  }
}
