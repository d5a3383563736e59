/// Reads tokens into statements, with Jinja's grammar; the expressions are in an extension.
///
/// Everything that a template names is checked here: a tag, filter, test, function or method that this renderer
/// does not have is an error when the model is loaded, never wrong text in a run.
struct TemplateParser {
  private let tokens: [TemplateToken]
  private var index = 0
  private var depth = 0
  private var loops = 0
  /// Names that the template itself gives a value, and so may call if the value is a macro.
  private var bound: Set<String> = []
  private var called: [(name: String, line: Int)] = []
  /// For each macro around the current place, the names its body has mentioned.
  private var mentions: [Set<String>] = []

  /// What a chain of operators or a nesting of blocks may reach; far beyond any real template, and what keeps a
  /// hostile one from ending the process.
  static let longestChain = 400
  static let deepestNesting = 80

  static func parse(_ source: String) throws(TemplateError) -> [TemplateStatement] {
    var parser = TemplateParser(tokens: try TemplateLexer.tokens(of: source))
    let statements = try parser.statements(until: [])
    for (name, line) in parser.called where !parser.bound.contains(name) {
      throw TemplateError(.unsupported, line: line, "the function '\(name)' is not supported")
    }
    return statements
  }

  private init(tokens: [TemplateToken]) { self.tokens = tokens }

  // MARK: Tokens

  var token: TemplateToken { tokens[index] }
  var following: TemplateToken { tokens[min(index + 1, tokens.count - 1)] }
  var line: Int { token.line }

  mutating func skip() { index = min(index + 1, tokens.count - 1) }

  mutating func skips(_ kind: TemplateToken.Kind) -> Bool {
    guard token.kind == kind else { return false }
    skip()
    return true
  }

  func fail(_ message: String) -> TemplateError { TemplateError(.syntax, line: line, message) }

  func unsupported(_ message: String) -> TemplateError { TemplateError(.unsupported, line: line, message) }

  mutating func expect(_ kind: TemplateToken.Kind) throws(TemplateError) {
    guard skips(kind) else {
      throw fail("expected \(TemplateToken(kind: kind, line: 0).text), found \(token.text)")
    }
  }

  mutating func expectName() throws(TemplateError) -> String {
    guard case .name(let name) = token.kind else { throw fail("expected a name, found \(token.text)") }
    skip()
    return name
  }

  /// Runs `body` one level deeper.
  mutating func nested<T>(_ body: (inout TemplateParser) throws(TemplateError) -> T) throws(TemplateError)
    -> T
  {
    guard depth < Self.deepestNesting else { throw unsupported("nested deeper than \(depth) levels") }
    depth += 1
    defer { depth -= 1 }
    return try body(&self)
  }

  mutating func mention(_ name: String) {
    for index in mentions.indices { mentions[index].insert(name) }
  }

  var isInMacro: Bool { !mentions.isEmpty }

  mutating func noteCall(of name: String) { called.append((name, line)) }

  private mutating func bind(_ name: String) throws(TemplateError) {
    guard TemplateFunction(rawValue: name) == nil else {
      throw unsupported("giving the function '\(name)' another meaning is not supported")
    }
    bound.insert(name)
  }

  // MARK: Statements

  /// Statements up to a tag of one of these names, which becomes the current token; up to the end for none.
  private mutating func statements(until ends: Set<String>) throws(TemplateError) -> [TemplateStatement] {
    try nested { parser throws(TemplateError) in
      var statements: [TemplateStatement] = []
      while true {
        let line = parser.line
        switch parser.token.kind {
        case .data(let text):
          parser.skip()
          statements.append(TemplateStatement(kind: .text(text), line: line))
        case .variableBegin:
          parser.skip()
          let expression = try parser.tupleExpression()
          try parser.expect(.variableEnd)
          statements.append(TemplateStatement(kind: .output(expression), line: line))
        case .blockBegin:
          parser.skip()
          if case .name(let name) = parser.token.kind, ends.contains(name) { return statements }
          let kind = try parser.statement()
          try parser.expect(.blockEnd)
          statements.append(TemplateStatement(kind: kind, line: line))
        case .end where ends.isEmpty: return statements
        default:
          throw parser.fail(
            "expected {% \(ends.sorted().joined(separator: " or ")) %}, found \(parser.token.text)")
        }
      }
    }
  }

  /// The body of a tag and the name of the tag that ends it; that name is skipped.
  private mutating func body(until ends: Set<String>) throws(TemplateError) -> (
    [TemplateStatement], end: String
  ) {
    _ = skips(.symbol(":"))
    try expect(.blockEnd)
    let statements = try statements(until: ends)
    return (statements, try expectName())
  }

  private mutating func statement() throws(TemplateError) -> TemplateStatement.Kind {
    guard case .name(let tag) = token.kind else {
      throw fail("expected the name of a tag, found \(token.text)")
    }
    skip()
    switch tag {
    case "for": return try loop()
    case "if": return try conditional()
    case "set": return try assignment()
    case "macro":
      let name = try expectName()
      try bind(name)
      return .macro(try macro(name: name, hasParameters: true, end: "endmacro"))
    case "call": return try callBlock()
    case "filter":
      let filter = try filters(of: nil, startsInline: true)
      guard let filter else { throw fail("expected a filter") }
      return .filterBlock(filter, body: try body(until: ["endfilter"]).0)
    case "generation": return .scope(try body(until: ["endgeneration"]).0)
    case "break", "continue":
      guard loops > 0 else { throw fail("'\(tag)' outside of a loop") }
      return tag == "break" ? .leave : .next
    default:
      index -= 1
      throw unsupported("the tag '\(tag)' is not supported or is out of place")
    }
  }

  private mutating func loop() throws(TemplateError) -> TemplateStatement.Kind {
    let target = try target(until: .name("in"))
    try expect(.name("in"))
    let sequence = try tupleExpression(allowsConditional: false, until: .name("recursive"))
    let condition = skips(.name("if")) ? try expression() : nil
    if token.kind == .name("recursive") { throw unsupported("recursive loops are not supported") }
    loops += 1
    var (body, end) = try body(until: ["endfor", "else"])
    loops -= 1
    var otherwise: [TemplateStatement] = []
    if end == "else" { (otherwise, end) = try self.body(until: ["endfor"]) }
    return .loop(
      .init(target: target, sequence: sequence, condition: condition, body: body, otherwise: otherwise))
  }

  private mutating func conditional() throws(TemplateError) -> TemplateStatement.Kind {
    var branches: [(condition: TemplateExpression, body: [TemplateStatement])] = []
    while true {
      let condition = try tupleExpression(allowsConditional: false)
      let (body, end) = try body(until: ["elif", "else", "endif"])
      branches.append((condition, body))
      switch end {
      case "elif": continue
      case "else": return .conditional(branches, otherwise: try self.body(until: ["endif"]).0)
      default: return .conditional(branches, otherwise: [])
      }
    }
  }

  private mutating func assignment() throws(TemplateError) -> TemplateStatement.Kind {
    let target = try target(until: nil)
    if skips(.symbol("=")) { return .assign(target, try tupleExpression()) }
    let filter = try filters(of: nil)
    return .assignBlock(target, filter: filter, body: try body(until: ["endset"]).0)
  }

  private mutating func callBlock() throws(TemplateError) -> TemplateStatement.Kind {
    // The parameters come before the call and the body after it.
    let hasParameters = token.kind == .symbol("(")
    let parameters = hasParameters ? try self.parameters() : []
    let call = try expression()
    guard case .call(let callee, let arguments) = call.kind else {
      throw fail("expected the call of a macro after 'call'")
    }
    return .callBlock(
      try macro(name: "caller", parameters: parameters, end: "endcall"), callee, arguments)
  }

  private mutating func macro(
    name: String, hasParameters: Bool, end: String
  ) throws(TemplateError) -> TemplateMacro {
    try macro(name: name, parameters: try parameters(), end: end)
  }

  private mutating func macro(
    name: String, parameters: [(name: String, fallback: TemplateExpression?)], end: String
  ) throws(TemplateError) -> TemplateMacro {
    for parameter in parameters { try bind(parameter.name) }
    let loopsAround = loops
    loops = 0
    mentions.append([])
    let (body, _) = try body(until: [end])
    let mentioned = mentions.removeLast()
    loops = loopsAround
    return TemplateMacro(
      name: name, parameters: parameters, body: body, usesCaller: mentioned.contains("caller"),
      usesExtraPositional: mentioned.contains("varargs"), usesExtraNamed: mentioned.contains("kwargs"))
  }

  private mutating func parameters() throws(TemplateError) -> [(name: String, fallback: TemplateExpression?)]
  {
    var parameters: [(name: String, fallback: TemplateExpression?)] = []
    try expect(.symbol("("))
    while token.kind != .symbol(")") {
      if !parameters.isEmpty { try expect(.symbol(",")) }
      let name = try expectName()
      if skips(.symbol("=")) {
        parameters.append((name, try expression()))
      } else if parameters.last?.fallback != nil {
        throw fail("the parameter '\(name)' needs a default, as the one before it has one")
      } else {
        parameters.append((name, nil))
      }
    }
    try expect(.symbol(")"))
    return parameters
  }

  /// What a `for` or `set` assigns to: a name, `namespace.name`, or several with commas between.
  private mutating func target(
    until end: TemplateToken.Kind?
  ) throws(TemplateError) -> TemplateStatement.Target {
    var targets: [TemplateStatement.Target] = []
    var isTuple = false
    let isParenthesised = skips(.symbol("("))
    repeat {
      if token.kind == end || token.kind == .symbol("=") || token.kind == .symbol(")") { break }
      let name = try expectName()
      if end == nil, skips(.symbol(".")) {
        targets.append(.attribute(namespace: name, try expectName()))
      } else {
        try bind(name)
        targets.append(.name(name))
      }
      if token.kind == .symbol(",") { isTuple = true }
    } while skips(.symbol(","))
    if isParenthesised { try expect(.symbol(")")) }
    guard let first = targets.first else { throw fail("expected a name, found \(token.text)") }
    return isTuple ? .several(targets) : first
  }
}
