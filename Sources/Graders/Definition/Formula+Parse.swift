import Records

extension Formula {
  /// Reads a formula by recursive descent.
  init(parsing source: String) throws(FormulaError) {
    var parser = FormulaParser(source)
    self = try parser.whole()
  }
}

/// Grammar, loosest first:
///
///     sum     = product (("+" | "-") product)*
///     product = signed (("*" | "/") signed)*
///     signed  = ("-" | "+") signed | power
///     power   = atom ("^" signed)?
///     atom    = number | name | function "(" sum ("," sum)* ")" | "(" sum ")"
private struct FormulaParser {
  private let scalars: [Unicode.Scalar]
  private var position = 0
  private var depth = 0
  /// Operators met so far; with the depth it bounds the recursion of everything that walks the tree.
  private var operators = 0

  init(_ source: String) { scalars = Array(source.unicodeScalars) }

  mutating func whole() throws(FormulaError) -> Formula {
    guard peek != nil else { throw FormulaError(message: "the formula is empty") }
    let formula = try sum()
    if peek != nil { throw failure("an operator") }
    return formula
  }

  /// The next character that is not blank.
  private var peek: Unicode.Scalar? {
    mutating get {
      while position < scalars.count, scalars[position].properties.isWhitespace { position += 1 }
      return position < scalars.count ? scalars[position] : nil
    }
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard peek == scalar else { return false }
    position += 1
    return true
  }

  private mutating func failure(_ expected: String) -> FormulaError {
    let found = peek.map { "'\($0)' at character \(position + 1)" } ?? "the end"
    return FormulaError(message: "expected \(expected), found \(found)")
  }

  private mutating func countOperator() throws(FormulaError) {
    operators += 1
    if operators > 500 { throw FormulaError(message: "the formula has more than 500 operators") }
  }

  private mutating func sum() throws(FormulaError) -> Formula {
    depth += 1
    defer { depth -= 1 }
    if depth > 100 { throw FormulaError(message: "parentheses are nested deeper than 100 levels") }
    var left = try product()
    while let sign = peek, sign == "+" || sign == "-" {
      position += 1
      try countOperator()
      let right = try product()
      left = sign == "+" ? .sum(left, right) : .difference(left, right)
    }
    return left
  }

  private mutating func product() throws(FormulaError) -> Formula {
    var left = try signed()
    while let sign = peek, sign == "*" || sign == "/" {
      position += 1
      try countOperator()
      let right = try signed()
      left = sign == "*" ? .product(left, right) : .quotient(left, right)
    }
    return left
  }

  private mutating func signed() throws(FormulaError) -> Formula {
    if take("-") {
      try countOperator()
      return .negated(try signed())
    }
    if take("+") {
      try countOperator()
      return try signed()
    }
    let base = try atom()
    guard take("^") else { return base }
    try countOperator()
    return .power(base, try signed())
  }

  private mutating func atom() throws(FormulaError) -> Formula {
    guard let first = peek else { throw failure("a number, a name or '('") }
    if take("(") {
      let inside = try sum()
      guard take(")") else { throw failure("')'") }
      return inside
    }
    if Self.isDigit(first) || first == "." { return try number() }
    guard Self.isNameStart(first) else { throw failure("a number, a name or '('") }
    let name = take { Self.isNameStart($0) || Self.isDigit($0) }
    return take("(") ? try call(name) : .name(name)
  }

  private mutating func call(_ name: String) throws(FormulaError) -> Formula {
    guard let function = Formula.Function(rawValue: name) else {
      let known = Formula.Function.allCases.map(\.rawValue)
      let hint = EditDistance.nearest(to: name, among: known).map { "; did you mean '\($0)'?" } ?? ""
      throw FormulaError(
        message: "there is no function '\(name)'; the functions are \(known.joined(separator: ", "))\(hint)")
    }
    var arguments = [try sum()]
    while take(",") { arguments.append(try sum()) }
    guard take(")") else { throw failure("',' or ')'") }
    if !function.isVariadic, arguments.count != 1 {
      throw FormulaError(message: "\(name) takes one argument, found \(arguments.count)")
    }
    return .call(function, arguments)
  }

  private mutating func number() throws(FormulaError) -> Formula {
    let start = position
    var text = take { Self.isDigit($0) || $0 == "." }
    if position < scalars.count, scalars[position] == "e" || scalars[position] == "E" {
      let back = position
      position += 1
      if position < scalars.count, scalars[position] == "+" || scalars[position] == "-" { position += 1 }
      if position < scalars.count, Self.isDigit(scalars[position]) {
        let exponent = position
        _ = take(Self.isDigit)
        text += "e" + String(String.UnicodeScalarView(scalars[back + 1..<max(exponent, position)]))
      } else {
        position = back
      }
    }
    guard text != ".", let value = Double(text), value.isFinite else {
      throw FormulaError(message: "'\(text)' at character \(start + 1) is not a number")
    }
    return .number(value)
  }

  private mutating func take(_ isWanted: (Unicode.Scalar) -> Bool) -> String {
    var text = String.UnicodeScalarView()
    while position < scalars.count, isWanted(scalars[position]) {
      text.append(scalars[position])
      position += 1
    }
    return String(text)
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
  private static func isNameStart(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar.properties.isAlphabetic
  }
}
