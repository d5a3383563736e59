extension Pattern {
  /// A regular expression as JSON Schema writes them (ECMA-262 without flags), turned into ICU's dialect: `$` is the
  /// very end, `\d` and `\w` are ASCII, `[` inside a class and a brace that repeats nothing stand for themselves.
  init(ecma source: String) throws(TemplateError) {
    do throws(TemplateError) {
      try self.init(ECMATranslation(source).translated)
    } catch {
      // ICU's advice is about what was written, not about what we made of it.
      _ = try Pattern(source)
      throw TemplateError("'\(source)' is not a regular expression of the kind JSON Schema has (ECMA-262)")
    }
  }
}

private struct ECMATranslation {
  private let scalars: [Unicode.Scalar]
  private var position = 0
  private var isInClass = false
  private var result = ""

  init(_ source: String) { scalars = Array(source.unicodeScalars) }

  var translated: String {
    var copy = self
    while copy.position < copy.scalars.count { copy.step() }
    return copy.result.isEmpty ? "(?:)" : copy.result
  }

  private func scalar(_ offset: Int) -> Unicode.Scalar? {
    scalars.indices.contains(position + offset) ? scalars[position + offset] : nil
  }

  private mutating func emit(_ text: String, taking count: Int) {
    result += text
    position += count
  }

  private mutating func step() {
    let scalar = scalars[position]
    switch scalar {
    case "\\": escape()
    case "[" where isInClass: emit("\\[", taking: 1)
    case "&" where isInClass: emit("\\&", taking: 1)
    case "]" where isInClass:
      isInClass = false
      emit("]", taking: 1)
    // A hyphen before a shorthand is no range.
    case "-" where isInClass && self.scalar(1) == "\\" && isShorthand(self.scalar(2)):
      emit("\\-", taking: 1)
    case "[": openClass()
    case "$" where !isInClass: emit("\\z", taking: 1)
    case "{" where !isInClass:
      let length = quantifierLength
      if length > 0 {
        emit(text(length), taking: length)
      } else {
        emit("\\{", taking: 1)
      }
    case "}" where !isInClass: emit("\\}", taking: 1)
    default: emit(String(scalar), taking: 1)
    }
  }

  private func text(_ count: Int) -> String {
    var text = ""
    text.unicodeScalars.append(contentsOf: scalars[position..<position + count])
    return text
  }

  private mutating func openClass() {
    if scalar(1) == "]" { return emit("(?!)", taking: 2) }
    if scalar(1) == "^", scalar(2) == "]" { return emit("[\\s\\S]", taking: 3) }
    isInClass = true
    if scalar(1) == "^" { emit("[^", taking: 2) } else { emit("[", taking: 1) }
  }

  /// The length of `{2}`, `{2,}` or `{2,3}` that starts here; 0 when it is none.
  private var quantifierLength: Int {
    var offset = 1
    func digits() -> Int {
      var count = 0
      while let scalar = scalar(offset + count), ("0"..."9").contains(scalar) { count += 1 }
      return count
    }
    let least = digits()
    guard least > 0 else { return 0 }
    offset += least
    if scalar(offset) == "," {
      offset += 1
      offset += digits()
    }
    return scalar(offset) == "}" ? offset + 1 : 0
  }

  private func isShorthand(_ scalar: Unicode.Scalar?) -> Bool {
    scalar.map { "dDwWsS".unicodeScalars.contains($0) } ?? false
  }

  private mutating func escape() {
    guard let letter = scalar(1) else { return emit("\\", taking: 1) }
    switch letter {
    case "d": shorthand("0-9")
    case "w": shorthand("A-Za-z0-9_")
    case "D": negatedShorthand("[^0-9]")
    case "W": negatedShorthand("[^A-Za-z0-9_]")
    case "s", "S": negatedShorthand("\\\(letter)")
    case "b" where isInClass: emit("\\x08", taking: 2)
    case "v": emit("\\x0B", taking: 2)
    case "u": codePoint()
    default: emit("\\\(letter)", taking: 2)
    }
  }

  private mutating func shorthand(_ ranges: String) {
    emit(isInClass ? ranges : "[\(ranges)]", taking: 2)
    escapeHyphen()
  }

  private mutating func negatedShorthand(_ set: String) {
    emit(set, taking: 2)
    escapeHyphen()
  }

  /// A hyphen after a shorthand is no range.
  private mutating func escapeHyphen() {
    if isInClass, scalar(0) == "-", scalar(1) != "]" { emit("\\-", taking: 1) }
  }

  /// `\u{1F600}`, `\u0041`, and two surrogates as one character.
  private mutating func codePoint() {
    if scalar(2) == "{", let end = scalars[(position + 3)...].firstIndex(of: "}") {
      let digits = scalars[position + 3..<end].reduce(into: "") { $0.unicodeScalars.append($1) }
      return emit("\\x{\(digits)}", taking: end + 1 - position)
    }
    guard let high = hex4(2) else { return emit("\\u", taking: 2) }
    if (0xD800..<0xDC00).contains(high), scalar(6) == "\\", scalar(7) == "u", let low = hex4(8),
      (0xDC00..<0xE000).contains(low)
    {
      let value = 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
      emit("\\x{\(String(value, radix: 16))}", taking: 12)
    } else {
      emit("\\x{\(String(high, radix: 16))}", taking: 6)
    }
  }

  private func hex4(_ offset: Int) -> UInt32? {
    guard position + offset + 4 <= scalars.count else { return nil }
    var value: UInt32 = 0
    for scalar in scalars[position + offset..<position + offset + 4] {
      guard let digit = Character(scalar).hexDigitValue, scalar.isASCII else { return nil }
      value = value << 4 | UInt32(digit)
    }
    return value
  }
}
