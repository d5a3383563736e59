extension RegularExpression {
  /// Reads an expression.
  init(parsing source: String) throws(RegularExpressionError) {
    var parser = RegularExpressionParser(source)
    self = try parser.expression()
  }
}

private struct RegularExpressionParser {
  private let scalars: [Unicode.Scalar]
  private var position = 0
  private var depth = 0

  init(_ source: String) { scalars = Array(source.unicodeScalars) }

  private func peek(_ offset: Int = 0) -> Unicode.Scalar? {
    position + offset < scalars.count ? scalars[position + offset] : nil
  }

  private mutating func take(_ text: String) -> Bool {
    let wanted = Array(text.unicodeScalars)
    guard position + wanted.count <= scalars.count,
      scalars[position..<position + wanted.count].elementsEqual(wanted)
    else { return false }
    position += wanted.count
    return true
  }

  private func failure(_ message: String) -> RegularExpressionError {
    RegularExpressionError("\(message) (at character \(position + 1))")
  }

  mutating func expression() throws(RegularExpressionError) -> RegularExpression {
    let whole = try choice()
    if position < scalars.count { throw failure("a ')' closes nothing") }
    return whole
  }

  private mutating func choice() throws(RegularExpressionError) -> RegularExpression {
    var branches = [try sequence()]
    while take("|") { branches.append(try sequence()) }
    return branches.count == 1 ? branches[0] : .choice(branches)
  }

  private mutating func sequence() throws(RegularExpressionError) -> RegularExpression {
    var items: [RegularExpression] = []
    while let scalar = peek(), scalar != "|", scalar != ")" {
      items.append(try repeated(try atom()))
    }
    return items.count == 1 ? items[0] : .sequence(items)
  }

  private mutating func repeated(
    _ atom: RegularExpression
  ) throws(RegularExpressionError) -> RegularExpression {
    var range: (least: Int, most: Int?)
    if take("*") {
      range = (0, nil)
    } else if take("+") {
      range = (1, nil)
    } else if take("?") {
      range = (0, 1)
    } else if let braces = try braces() {
      range = braces
    } else {
      return atom
    }
    // A lazy repetition takes another way to the same texts.
    _ = take("?")
    switch atom {
    case .start, .end: throw failure("an anchor cannot be repeated")
    default: break
    }
    if let scalar = peek(), "*+?".unicodeScalars.contains(scalar) {
      throw failure("'\(scalar)' repeats nothing; put the repetition before it into a group")
    }
    return .repetition(atom, least: range.least, most: range.most)
  }

  /// `{2}`, `{2,}`, `{2,3}`; nil, and nothing taken, when it is no quantifier.
  private mutating func braces() throws(RegularExpressionError) -> (least: Int, most: Int?)? {
    let start = position
    guard take("{"), let least = digits() else {
      position = start
      return nil
    }
    var most: Int? = least
    if take(",") { most = digits() }
    guard take("}") else {
      position = start
      return nil
    }
    if let most, most < least { throw failure("a repetition of at least \(least) and at most \(most)") }
    if max(least, most ?? 0) > 10_000 { throw failure("a repetition of more than 10000; expected fewer") }
    return (least, most)
  }

  private mutating func digits() -> Int? {
    var value: Int?
    while let digit = peek().flatMap({ "0"..."9" ~= $0 ? Int($0.value) - 0x30 : nil }) {
      value = min((value ?? 0) * 10 + digit, 1_000_000)
      position += 1
    }
    return value
  }

  private mutating func atom() throws(RegularExpressionError) -> RegularExpression {
    guard let scalar = peek() else { throw failure("the expression ends too early") }
    position += 1
    switch scalar {
    case "^": return .start
    case "$": return .end
    case ".": return .characters(CharacterClass.anyButLineBreak)
    case "[": return .characters(try characterClass())
    case "(": return try group()
    case "\\": return try escape()
    case "*", "+", "?":
      position -= 1
      throw failure("'\(scalar)' repeats nothing")
    case "{":
      position -= 1
      if try braces() != nil { throw failure("a repetition repeats nothing") }
      position += 1
      return .characters(ScalarSet(scalar))
    default: return .characters(ScalarSet(scalar))
    }
  }

  private mutating func group() throws(RegularExpressionError) -> RegularExpression {
    depth += 1
    defer { depth -= 1 }
    if depth > 100 { throw failure("groups are nested deeper than 100") }
    if take("?") {
      if take("=") || take("!") { throw failure("lookahead cannot be enforced while decoding") }
      if take("<=") || take("<!") { throw failure("lookbehind cannot be enforced while decoding") }
      if take("<") {
        while let scalar = peek(), scalar != ">" {
          position += 1
          if scalar == ")" { throw failure("the name of a group is not closed") }
        }
        _ = take(">")
      } else if !take(":") {
        throw failure("a group of a kind that JSON Schema's expressions do not have")
      }
    }
    let inside = try choice()
    guard take(")") else { throw failure("a group is not closed") }
    return inside
  }

  private mutating func escape() throws(RegularExpressionError) -> RegularExpression {
    guard let letter = peek() else { throw failure("a backslash at the end") }
    switch letter {
    case "b", "B": throw failure("'\\\(letter)' (a border of a word) cannot be enforced while decoding")
    case "k": throw failure("references to groups cannot be enforced while decoding")
    case "1"..."9": throw failure("references to groups cannot be enforced while decoding")
    default: return .characters(try escapedSet(isNegated: false))
    }
  }

  /// What an escape stands for; the backslash has been taken.
  private mutating func escapedSet(isNegated: Bool) throws(RegularExpressionError) -> ScalarSet {
    guard let letter = peek() else { throw failure("a backslash at the end") }
    position += 1
    switch letter {
    case "d": return CharacterClass.digit
    case "D": return CharacterClass.digit.complement
    case "w": return CharacterClass.word
    case "W": return CharacterClass.word.complement
    // What is asked for must be a blank to every reader; what is ruled out, to any.
    case "s": return isNegated ? CharacterClass.wideSpace : CharacterClass.narrowSpace
    case "S": return (isNegated ? CharacterClass.narrowSpace : CharacterClass.wideSpace).complement
    case "p", "P": throw failure("'\\\(letter)' (a property of characters) is not supported; write a class")
    case "t": return ScalarSet("\t")
    case "n": return ScalarSet("\n")
    case "r": return ScalarSet("\r")
    case "v": return ScalarSet("\u{B}")
    case "f": return ScalarSet("\u{C}")
    case "0": return ScalarSet("\u{0}")
    case "c":
      guard let control = peek(), control.isASCII, control.properties.isAlphabetic else {
        throw failure("expected a letter after '\\c'")
      }
      position += 1
      return ScalarSet(Unicode.Scalar(UInt8(control.value & 31)))
    case "x": return ScalarSet(try hexadecimal(2, after: "\\x"))
    case "u": return ScalarSet(try codePoint())
    default:
      guard !letter.isASCII || !letter.properties.isAlphabetic else {
        throw failure("'\\\(letter)' is no escape of JSON Schema's expressions")
      }
      return ScalarSet(letter)
    }
  }

  private mutating func hexadecimal(
    _ count: Int, after prefix: String
  ) throws(RegularExpressionError) -> Unicode.Scalar {
    guard let scalar = try number(count, after: prefix), let found = Unicode.Scalar(scalar) else {
      throw failure("'\(prefix)' is followed by half a surrogate pair")
    }
    return found
  }

  private mutating func number(
    _ count: Int, after prefix: String
  ) throws(RegularExpressionError) -> UInt32? {
    var value: UInt32 = 0
    for _ in 0..<count {
      guard let scalar = peek(), scalar.isASCII, let digit = Character(scalar).hexDigitValue else {
        throw failure("expected \(count) hexadecimal digits after '\(prefix)'")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  /// `\u{1F600}`, `\u0041`, and two surrogates as one character; `\u` has been taken.
  private mutating func codePoint() throws(RegularExpressionError) -> Unicode.Scalar {
    if take("{") {
      var value: UInt32 = 0
      while let scalar = peek(), scalar.isASCII, let digit = Character(scalar).hexDigitValue, value < 0x110000
      {
        value = value << 4 | UInt32(digit)
        position += 1
      }
      guard take("}"), let scalar = Unicode.Scalar(value) else {
        throw failure("'\\u{' is followed by no character")
      }
      return scalar
    }
    let high = try number(4, after: "\\u") ?? 0
    if (0xD800..<0xDC00).contains(high), take("\\u") {
      let low = try number(4, after: "\\u") ?? 0
      if (0xDC00..<0xE000).contains(low),
        let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
      {
        return scalar
      }
    }
    guard let scalar = Unicode.Scalar(high) else { throw failure("half a surrogate pair is no character") }
    return scalar
  }

  /// A class; its bracket has been taken.
  private mutating func characterClass() throws(RegularExpressionError) -> ScalarSet {
    let isNegated = take("^")
    var set = ScalarSet([])
    while !take("]") {
      guard peek() != nil else { throw failure("a class is not closed") }
      let (low, isOne) = try classItem(isNegated)
      guard isOne, peek() == "-", peek(1) != nil, peek(1) != "]" else {
        set = set.union(low)
        continue
      }
      let back = position
      position += 1
      let (high, isOneToo) = try classItem(isNegated)
      guard isOneToo, let from = low.ranges.first?.lowerBound, let to = high.ranges.first?.lowerBound else {
        // A hyphen before a shorthand is no range.
        position = back + 1
        set = set.union(low).union(ScalarSet("-"))
        continue
      }
      if to < from { throw failure("a range of a class is the wrong way round") }
      set = set.union(ScalarSet([from...to]))
    }
    return isNegated ? set.complement : set.intersection(.all)
  }

  /// One character, or what a shorthand stands for.
  private mutating func classItem(
    _ isNegated: Bool
  ) throws(RegularExpressionError) -> (set: ScalarSet, isOne: Bool) {
    guard let scalar = peek() else { throw failure("a class is not closed") }
    position += 1
    guard scalar == "\\" else { return (ScalarSet(scalar), true) }
    if take("b") { return (ScalarSet("\u{8}"), true) }
    let isShorthand = peek().map { "dDwWsS".unicodeScalars.contains($0) } ?? false
    return (try escapedSet(isNegated: isNegated), !isShorthand)
  }
}
