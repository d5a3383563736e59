/// Cuts a template into tokens as Jinja does with `trim_blocks` and `lstrip_blocks`, the settings chat templates
/// are written for: a line break right behind a block tag goes, and so does white space before a block tag
/// that is alone at the start of its line.
struct TemplateLexer {
  private let source: [Unicode.Scalar]
  private var position = 0
  private var line = 1
  private var tokens: [TemplateToken] = []
  /// Whether what came last ended in a line break; only then is white space before a tag at the line's start.
  private var isAtLineStart = true

  /// The tokens of a template, `end` last.
  static func tokens(of template: String) throws(TemplateError) -> [TemplateToken] {
    var lexer = TemplateLexer(template)
    try lexer.scanAll()
    return lexer.tokens
  }

  private init(_ template: String) {
    var source: [Unicode.Scalar] = []
    source.reserveCapacity(template.utf8.count)
    for scalar in template.unicodeScalars {
      // All line breaks become "\n".
      if scalar == "\n", source.last == "\r" { source.removeLast() }
      source.append(scalar)
    }
    for index in source.indices where source[index] == "\r" { source[index] = "\n" }
    // Jinja drops one line break at the end of a template.
    if source.last == "\n" { source.removeLast() }
    self.source = source
  }

  private func fail(_ message: String) -> TemplateError { TemplateError(.syntax, line: line, message) }

  private mutating func emit(_ kind: TemplateToken.Kind) {
    tokens.append(TemplateToken(kind: kind, line: line))
  }

  private func has(_ text: StaticString, at place: Int) -> Bool {
    let count = text.utf8CodeUnitCount
    guard place >= 0, place + count <= source.count else { return false }
    return (0..<count).allSatisfy { source[place + $0].value == UInt32(text.utf8Start[$0]) }
  }

  /// Moves to `place` and counts the lines on the way.
  private mutating func advance(to place: Int) {
    for index in position..<place where source[index] == "\n" { line += 1 }
    isAtLineStart = place > position && source[place - 1] == "\n"
    position = place
  }

  private func endOfSpace(from place: Int) -> Int {
    var place = place
    while place < source.count, PythonText.isSpace(source[place]) { place += 1 }
    return place
  }

  // MARK: Outside of tags

  private mutating func scanAll() throws(TemplateError) {
    while position < source.count {
      guard let tag = nextTag() else {
        emit(.data(PythonText.string(source[position...])))
        advance(to: source.count)
        break
      }
      if let (body, sign) = rawBegin(at: tag) {
        emitData(upTo: tag, sign: sign, isVariable: false)
        advance(to: body)
        try scanRaw()
        continue
      }
      let sign = self.sign(at: tag + 2)
      emitData(upTo: tag, sign: sign, isVariable: source[tag + 1] == "{")
      advance(to: tag + (sign == nil ? 2 : 3))
      switch source[tag + 1] {
      case "#": try skipComment()
      case "%":
        emit(.blockBegin)
        try scanTag(isBlock: true)
      default:
        emit(.variableBegin)
        try scanTag(isBlock: false)
      }
    }
    emit(.end)
  }

  private func nextTag() -> Int? {
    var place = position
    while place + 1 < source.count {
      if source[place] == "{", ["{", "%", "#"].contains(source[place + 1]) { return place }
      place += 1
    }
    return nil
  }

  private func sign(at place: Int) -> Unicode.Scalar? {
    place < source.count && (source[place] == "-" || source[place] == "+") ? source[place] : nil
  }

  /// The text before a tag, less the white space that the tag takes away.
  private mutating func emitData(upTo tag: Int, sign: Unicode.Scalar?, isVariable: Bool) {
    var end = tag
    if sign == "-" {
      while end > position, PythonText.isSpace(source[end - 1]) { end -= 1 }
    } else if sign == nil, !isVariable {
      var start = tag
      while start > position, source[start - 1] != "\n" { start -= 1 }
      let isWholeLine = start > position || isAtLineStart
      if isWholeLine, source[start..<tag].allSatisfy(PythonText.isSpace) { end = start }
    }
    if end > position { emit(.data(PythonText.string(source[position..<end]))) }
    advance(to: tag)
  }

  private mutating func skipComment() throws(TemplateError) {
    var place = position
    while place < source.count {
      if has("#}", at: place) { return advance(to: trimmed(place + 2)) }
      if has("-#}", at: place) { return advance(to: endOfSpace(from: place + 3)) }
      if has("+#}", at: place) { return advance(to: place + 3) }
      place += 1
    }
    throw fail("a comment is not closed; expected '#}'")
  }

  /// Behind a block tag's end: without its line break.
  private func trimmed(_ place: Int) -> Int { has("\n", at: place) ? place + 1 : place }

  /// The start of the text when a `raw` tag stands at `tag`, and the tag's sign.
  private func rawBegin(at tag: Int) -> (body: Int, sign: Unicode.Scalar?)? {
    guard has("{%", at: tag) else { return nil }
    let sign = self.sign(at: tag + 2)
    var place = endOfSpace(from: tag + (sign == nil ? 2 : 3))
    guard has("raw", at: place) else { return nil }
    place = endOfSpace(from: place + 3)
    if has("-%}", at: place) { return (endOfSpace(from: place + 3), sign) }
    return has("%}", at: place) ? (place + 2, sign) : nil
  }

  private mutating func scanRaw() throws(TemplateError) {
    var tag = position
    while tag < source.count {
      defer { tag += 1 }
      guard has("{%", at: tag) else { continue }
      let sign = self.sign(at: tag + 2)
      var place = endOfSpace(from: tag + (sign == nil ? 2 : 3))
      guard has("endraw", at: place) else { continue }
      place = endOfSpace(from: place + 6)
      let end: Int
      if has("-%}", at: place) {
        end = endOfSpace(from: place + 3)
      } else if has("+%}", at: place) {
        end = place + 3
      } else if has("%}", at: place) {
        end = trimmed(place + 2)
      } else {
        continue
      }
      emitData(upTo: tag, sign: sign, isVariable: false)
      return advance(to: end)
    }
    throw fail("a raw block is not closed; expected '{% endraw %}'")
  }

  // MARK: Inside of tags

  private mutating func scanTag(isBlock: Bool) throws(TemplateError) {
    var open: [String] = []
    while position < source.count {
      if open.isEmpty, let end = endOfTag(isBlock: isBlock) {
        emit(isBlock ? .blockEnd : .variableEnd)
        return advance(to: end)
      }
      let scalar = source[position]
      if PythonText.isSpace(scalar) {
        advance(to: endOfSpace(from: position))
      } else if scalar.isDigit {
        try scanNumber()
      } else if scalar == "\"" || scalar == "'" {
        try scanString(quote: scalar)
      } else if scalar == "_" || scalar.properties.isXIDStart {
        let end = source[position...].firstIndex { $0 != "_" && !$0.properties.isXIDContinue } ?? source.count
        emit(.name(PythonText.string(source[position..<end])))
        advance(to: end)
      } else {
        let symbol = try scanSymbol()
        if let close = ["(": ")", "[": "]", "{": "}"][symbol] {
          open.append(close)
        } else if [")", "]", "}"].contains(symbol), open.popLast() != symbol {
          throw fail("'\(symbol)' closes nothing that is open")
        }
      }
    }
    throw fail("a tag is not closed; expected '\(isBlock ? "%}" : "}}")'")
  }

  private func endOfTag(isBlock: Bool) -> Int? {
    if isBlock {
      if has("%}", at: position) { return trimmed(position + 2) }
      if has("+%}", at: position) { return position + 3 }
      return has("-%}", at: position) ? endOfSpace(from: position + 3) : nil
    }
    if has("}}", at: position) { return position + 2 }
    return has("-}}", at: position) ? endOfSpace(from: position + 3) : nil
  }

  private mutating func scanSymbol() throws(TemplateError) -> String {
    let symbols: [StaticString] = [
      "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">",
      "<",
      "=", ".", ":", "|", ",", ";",
    ]
    guard let symbol = symbols.first(where: { has($0, at: position) }) else {
      throw fail("unexpected character '\(Character(source[position]))'")
    }
    let text = symbol.description
    emit(.symbol(text))
    advance(to: position + text.utf8.count)
    return text
  }

  private func endOfDigits(from place: Int) -> Int {
    var place = place
    while place < source.count,
      source[place].isDigit
        || (source[place] == "_" && place + 1 < source.count && source[place + 1].isDigit)
    { place += 1 }
    return place
  }

  private mutating func scanNumber() throws(TemplateError) {
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
      let written = PythonText.string(source[position..<min(position + 2, source.count)]).lowercased()
      guard written == prefix else { continue }
      let end = source[(position + 2)...].firstIndex { !($0.properties.isASCIIHexDigit || $0 == "_") }
      let digits = PythonText.string(source[(position + 2)..<(end ?? source.count)]).filter { $0 != "_" }
      guard let value = Int(digits, radix: radix) else { throw fail("'\(prefix)\(digits)' is not a number") }
      emit(.integer(value))
      return advance(to: end ?? source.count)
    }
    let whole = endOfDigits(from: position)
    var end = whole
    // After a dot (`a.0.1`) a number is an index, never a fraction.
    if position == 0 || source[position - 1] != "." {
      if has(".", at: end), end + 1 < source.count, source[end + 1].isDigit {
        end = endOfDigits(from: end + 1)
      }
      if end < source.count, source[end] == "e" || source[end] == "E" {
        let exponent = sign(at: end + 1) == nil ? end + 1 : end + 2
        if exponent < source.count, source[exponent].isDigit { end = endOfDigits(from: exponent) }
      }
    }
    let text = PythonText.string(source[position..<end]).filter { $0 != "_" }
    if end > whole, let value = Double(text) {
      emit(.float(value))
    } else if let value = Int(text) {
      emit(.integer(value))
    } else {
      throw fail("'\(text)' is not a number that fits into 64 bits")
    }
    advance(to: end)
  }

  /// A string literal with Python's escapes.
  private mutating func scanString(quote: Unicode.Scalar) throws(TemplateError) {
    var text = String.UnicodeScalarView()
    var place = position + 1
    while place < source.count, source[place] != quote {
      guard source[place] == "\\", place + 1 < source.count else {
        text.append(source[place])
        place += 1
        continue
      }
      let letter = source[place + 1]
      place += 2
      switch letter {
      case "\n": break
      case "n": text.append("\n")
      case "t": text.append("\t")
      case "r": text.append("\r")
      case "a": text.append("\u{7}")
      case "b": text.append("\u{8}")
      case "f": text.append("\u{C}")
      case "v": text.append("\u{B}")
      case "\\", "'", "\"": text.append(letter)
      case "x": text.append(try escaped(digits: 2, from: &place))
      case "u": text.append(try escaped(digits: 4, from: &place))
      case "U": text.append(try escaped(digits: 8, from: &place))
      case "0"..."7":
        var value = letter.value - 0x30
        for _ in 0..<2 where place < source.count && ("0"..."7").contains(source[place]) {
          value = value * 8 + source[place].value - 0x30
          place += 1
        }
        text.append(Unicode.Scalar(value) ?? "\u{FFFD}")
      case "N": throw TemplateError(.unsupported, line: line, "the escape \\N{...} is not supported")
      default:
        // Python keeps an escape that it does not know.
        text.append("\\")
        text.append(letter)
      }
    }
    guard place < source.count else { throw fail("a string is not closed") }
    emit(.string(String(text)))
    advance(to: place + 1)
  }

  private func escaped(digits: Int, from place: inout Int) throws(TemplateError) -> Unicode.Scalar {
    let end = min(place + digits, source.count)
    let text = PythonText.string(source[place..<end])
    guard text.unicodeScalars.count == digits, let value = UInt32(text, radix: 16),
      let scalar = Unicode.Scalar(value)
    else { throw fail("'\(text)' is not \(digits) hexadecimal digits of a character") }
    place = end
    return scalar
  }
}

extension Unicode.Scalar {
  fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
}
