extension TemplateRenderer {
  func applyToText(
    _ filter: TemplateFilter, _ value: TemplateValue, _ named: [String: TemplateValue], _ line: Int
  ) throws(TemplateError) -> TemplateValue {
    let text = try printed(value, line)
    func argument(_ name: String) throws(TemplateError) -> String? {
      switch named[name] {
      case nil, .some(.none): return nil
      case .some(let value): return try printed(value, line)
      }
    }
    let result: String
    switch filter {
    case .trim: result = PythonText.strip(text, [.left, .right], of: try argument("chars"))
    case .upper: result = text.uppercased()
    case .lower: result = PythonText.lower(text)
    case .capitalize: result = PythonText.capitalize(text)
    case .title: result = Self.titled(text)
    case .replace:
      let limit = named["count"].flatMap(\.index) ?? -1
      // The filter gives plain text even for text that was safe.
      return .text(
        PythonText.replace(
          text, try argument("old") ?? "None", with: try argument("new") ?? "None", limit: limit))
    case .indent:
      guard value.string != nil else { throw fail("'indent' needs text, found \(value.kind)", line) }
      result = try indented(text, named, line)
    default: preconditionFailure("not a filter of text: \(filter)")
    }
    if case .markup = value { return .markup(result) }
    return .text(result)
  }

  /// Jinja's own: a word begins behind white space, a hyphen or an opening bracket.
  private static func titled(_ text: String) -> String {
    var output = ""
    var word = String.UnicodeScalarView()
    func flush() {
      guard let first = word.first else { return }
      output += String(first).uppercased() + PythonText.lower(String(word.dropFirst()))
      word.removeAll()
    }
    for scalar in text.unicodeScalars {
      if PythonText.isSpace(scalar) || ["-", "(", "{", "[", "<"].contains(scalar) {
        flush()
        output.unicodeScalars.append(scalar)
      } else {
        word.append(scalar)
      }
    }
    flush()
    return output
  }

  /// All lines but the first moved in, blank ones only on demand.
  private func indented(
    _ text: String, _ named: [String: TemplateValue], _ line: Int
  ) throws(TemplateError) -> String {
    let margin: String
    switch named["width"] {
    case nil: margin = "    "
    case .some(let width):
      guard let text = width.string ?? width.index.map({ String(repeating: " ", count: max(0, $0)) }) else {
        throw fail("'indent' takes a width or a text, found \(width.kind)", line)
      }
      margin = text
    }
    let lines = PythonText.lines(text + "\n")
    var output = lines.first ?? ""
    for text in lines.dropFirst() {
      output += "\n" + (text.isEmpty && !(named["blank"]?.isTrue ?? false) ? "" : margin) + text
    }
    return (named["first"]?.isTrue ?? false ? margin : "") + output
  }

  func applyToNumber(
    _ filter: TemplateFilter, _ value: TemplateValue, _ named: [String: TemplateValue], _ line: Int
  ) throws(TemplateError) -> TemplateValue {
    if filter == .abs {
      guard value.number != nil else { throw fail("'abs' needs a number, found \(value.kind)", line) }
      if let integer = value.index {
        return integer < 0 ? try negated(.integer(integer), line) : .integer(integer)
      }
      return .float(abs(value.number ?? 0))
    }
    if case .undefined(let reason) = value { throw fail(reason, line) }
    let text = value.string.map { PythonText.strip($0, [.left, .right]) }
    if filter == .float {
      return (value.number ?? text.flatMap(Double.init)).map { .float($0) } ?? named["default"] ?? .float(0)
    }
    if let integer = value.index ?? text.flatMap({ Int($0) }) { return .integer(integer) }
    let number = value.number ?? text.flatMap(Double.init)
    return number.flatMap { Int(exactly: $0.rounded(.towardZero)) }.map { .integer($0) } ?? named["default"]
      ?? .integer(0)
  }

  // MARK: Tests

  /// Whether a value passes a test.
  func passes(
    _ test: TemplateTest, _ value: TemplateValue, _ arguments: [TemplateValue], _ line: Int
  ) throws(TemplateError) -> Bool {
    switch test {
    case .defined: return !value.isUndefined
    case .undefined: return value.isUndefined
    case .none: if case .none = value { return true } else { return false }
    case .boolean: if case .boolean = value { return true } else { return false }
    case .true: if case .boolean(true) = value { return true } else { return false }
    case .false: if case .boolean(false) = value { return true } else { return false }
    case .integer: if case .integer = value { return true } else { return false }
    case .float: if case .float = value { return true } else { return false }
    case .number: return value.number != nil
    case .string: return value.string != nil
    case .mapping: if case .dictionary = value { return true } else { return false }
    case .iterable:
      switch value {
      case .undefined, .text, .markup, .sequence, .dictionary, .iterator, .loop: return true
      default: return false
      }
    case .sequence:
      switch value {
      case .undefined, .text, .markup, .dictionary: return true
      case .sequence(let sequence): return sequence.kind != .view
      default: return false
      }
    case .odd, .even, .divisibleby:
      let divisor = arguments.first ?? .integer(2)
      let remainder = try arithmetic(.remainder, value, divisor, line)
      return TemplateValue.equal(remainder, .integer(test == .odd ? 1 : 0))
    case .lower, .upper:
      let text = try printed(value, line)
      let hasCase = text.unicodeScalars.contains { $0.properties.isCased }
      return hasCase && PythonText.equal(text, test == .lower ? PythonText.lower(text) : text.uppercased())
    case .eq, .equalto: return TemplateValue.equal(value, arguments[0])
    case .ne: return !TemplateValue.equal(value, arguments[0])
    case .lt: return try holds(.less, value, arguments[0], line)
    case .le: return try holds(.lessOrEqual, value, arguments[0], line)
    case .gt: return try holds(.greater, value, arguments[0], line)
    case .ge: return try holds(.greaterOrEqual, value, arguments[0], line)
    case .in: return try contains(arguments[0], value, line)
    case .sameas:
      switch (value, arguments[0]) {
      case (.none, .none): return true
      case (.boolean(let a), .boolean(let b)): return a == b
      default: throw fail("'sameas' is supported for true, false and none only", line)
      }
    }
  }
}
