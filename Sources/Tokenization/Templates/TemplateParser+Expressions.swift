extension TemplateParser {
  private typealias Kind = TemplateExpression.Kind

  /// An expression, or several with commas between, which make a tuple.
  mutating func tupleExpression(
    allowsConditional: Bool = true, until end: TemplateToken.Kind? = nil, isParenthesised: Bool = false
  ) throws(TemplateError) -> TemplateExpression {
    let line = self.line
    var parts: [TemplateExpression] = []
    var isTuple = false
    while true {
      if !parts.isEmpty { try expect(.symbol(",")) }
      if [.variableEnd, .blockEnd, .symbol(")")].contains(token.kind) || token.kind == end { break }
      parts.append(allowsConditional ? try expression() : try disjunction())
      guard token.kind == .symbol(",") else { break }
      isTuple = true
    }
    if !isTuple, let only = parts.first { return only }
    guard isTuple || isParenthesised else { throw fail("expected an expression, found \(token.text)") }
    return TemplateExpression(kind: .tuple(parts), line: line)
  }

  mutating func expression() throws(TemplateError) -> TemplateExpression {
    try nested { parser throws(TemplateError) in
      let line = parser.line
      var value = try parser.disjunction()
      var links = 0
      while parser.skips(.name("if")) {
        try parser.count(&links)
        let condition = try parser.disjunction()
        let otherwise = parser.skips(.name("else")) ? try parser.expression() : nil
        value = TemplateExpression(
          kind: .conditional(condition: condition, then: value, otherwise: otherwise), line: line)
      }
      return value
    }
  }

  /// Bounds a chain of operators: each link is a level of the tree.
  func count(_ links: inout Int) throws(TemplateError) {
    links += 1
    if links > Self.longestChain { throw unsupported("a chain of more than \(links - 1) operators") }
  }

  private mutating func disjunction() throws(TemplateError) -> TemplateExpression {
    let line = self.line
    var left = try conjunction()
    var links = 0
    while skips(.name("or")) {
      try count(&links)
      left = TemplateExpression(kind: .or(left, try conjunction()), line: line)
    }
    return left
  }

  private mutating func conjunction() throws(TemplateError) -> TemplateExpression {
    let line = self.line
    var left = try negation()
    var links = 0
    while skips(.name("and")) {
      try count(&links)
      left = TemplateExpression(kind: .and(left, try negation()), line: line)
    }
    return left
  }

  private mutating func negation() throws(TemplateError) -> TemplateExpression {
    let line = self.line
    guard skips(.name("not")) else { return try comparison() }
    let operand = try nested { parser throws(TemplateError) in try parser.negation() }
    return TemplateExpression(kind: .not(operand), line: line)
  }

  private mutating func comparison() throws(TemplateError) -> TemplateExpression {
    let line = self.line
    let first = try sum()
    var rest: [(TemplateExpression.Comparison, TemplateExpression)] = []
    while true {
      if case .symbol(let symbol) = token.kind,
        let comparison = TemplateExpression.Comparison(rawValue: symbol)
      {
        skip()
        rest.append((comparison, try sum()))
      } else if skips(.name("in")) {
        rest.append((.contained, try sum()))
      } else if token.kind == .name("not"), following.kind == .name("in") {
        skip()
        skip()
        rest.append((.notContained, try sum()))
      } else {
        break
      }
    }
    return rest.isEmpty ? first : TemplateExpression(kind: .comparison(first, rest), line: line)
  }

  private mutating func sum() throws(TemplateError) -> TemplateExpression {
    try chain(["+", "-"]) { parser throws(TemplateError) in try parser.concatenation() }
  }

  private mutating func concatenation() throws(TemplateError) -> TemplateExpression {
    let line = self.line
    var parts = [try product()]
    while skips(.symbol("~")) { parts.append(try product()) }
    return parts.count == 1 ? parts[0] : TemplateExpression(kind: .concatenation(parts), line: line)
  }

  private mutating func product() throws(TemplateError) -> TemplateExpression {
    try chain(["*", "/", "//", "%"]) { parser throws(TemplateError) in try parser.power() }
  }

  private mutating func power() throws(TemplateError) -> TemplateExpression {
    try chain(["**"]) { parser throws(TemplateError) in try parser.unary(allowsFilters: true) }
  }

  /// Operands with operators of one rank between, grouped from the left.
  private mutating func chain(
    _ symbols: Set<String>,
    operand: (inout TemplateParser) throws(TemplateError) -> TemplateExpression
  ) throws(TemplateError) -> TemplateExpression {
    let line = self.line
    var left = try operand(&self)
    var links = 0
    while case .symbol(let symbol) = token.kind, symbols.contains(symbol),
      let operation = TemplateExpression.Arithmetic(rawValue: symbol)
    {
      try count(&links)
      skip()
      let right = try operand(&self)
      if operation == .remainder, case .text = left.kind {
        throw unsupported("formatting a string with '%' is not supported; use '~'")
      }
      left = TemplateExpression(kind: .arithmetic(operation, left, right), line: line)
    }
    return left
  }

  private mutating func unary(allowsFilters: Bool) throws(TemplateError) -> TemplateExpression {
    let line = self.line
    var value: TemplateExpression
    if skips(.symbol("-")) {
      let operand = try nested { parser throws(TemplateError) in try parser.unary(allowsFilters: false) }
      value = TemplateExpression(kind: .negative(operand), line: line)
    } else if skips(.symbol("+")) {
      let operand = try nested { parser throws(TemplateError) in try parser.unary(allowsFilters: false) }
      value = TemplateExpression(kind: .positive(operand), line: line)
    } else {
      value = try primary()
    }
    value = try postfix(value)
    return allowsFilters ? try filtersAndTests(value) : value
  }

  mutating func primary() throws(TemplateError) -> TemplateExpression {
    let line = self.line
    let kind: Kind
    switch token.kind {
    case .name(let name):
      skip()
      switch name {
      case "true", "True": kind = .boolean(true)
      case "false", "False": kind = .boolean(false)
      case "none", "None": kind = .none
      default:
        mention(name)
        kind = .name(name)
      }
    case .string(var text):
      skip()
      while case .string(let more) = token.kind {
        text += more
        skip()
      }
      kind = .text(text)
    case .integer(let value):
      skip()
      kind = .integer(value)
    case .float(let value):
      skip()
      kind = .float(value)
    case .symbol("("):
      skip()
      let value = try nested { parser throws(TemplateError) in
        try parser.tupleExpression(isParenthesised: true)
      }
      try expect(.symbol(")"))
      return value
    case .symbol("["): kind = .list(try list())
    case .symbol("{"): kind = .dictionary(try dictionary())
    default: throw fail("expected an expression, found \(token.text)")
    }
    return TemplateExpression(kind: kind, line: line)
  }

  private mutating func list() throws(TemplateError) -> [TemplateExpression] {
    skip()
    var elements: [TemplateExpression] = []
    while token.kind != .symbol("]") {
      if !elements.isEmpty { try expect(.symbol(",")) }
      if token.kind == .symbol("]") { break }
      elements.append(try expression())
    }
    skip()
    return elements
  }

  private mutating func dictionary() throws(TemplateError) -> [(
    key: TemplateExpression, value: TemplateExpression
  )] {
    skip()
    var members: [(key: TemplateExpression, value: TemplateExpression)] = []
    while token.kind != .symbol("}") {
      if !members.isEmpty { try expect(.symbol(",")) }
      if token.kind == .symbol("}") { break }
      let key = try expression()
      try expect(.symbol(":"))
      members.append((key, try expression()))
    }
    skip()
    return members
  }
}
