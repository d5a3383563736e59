/// What follows a value: members, calls, filters and tests.
extension TemplateParser {
  mutating func postfix(_ value: TemplateExpression) throws(TemplateError) -> TemplateExpression {
    var value = value
    var links = 0
    while true {
      switch token.kind {
      case .symbol("."), .symbol("["): value = try member(of: value)
      case .symbol("("): value = try call(value)
      default: return value
      }
      try count(&links)
    }
  }

  mutating func filtersAndTests(_ value: TemplateExpression) throws(TemplateError)
    -> TemplateExpression
  {
    var value = value
    var links = 0
    while true {
      switch token.kind {
      case .symbol("|"): value = try filters(of: value) ?? value
      case .name("is"): value = try test(value)
      case .symbol("("): value = try call(value)
      default: return value
      }
      try count(&links)
    }
  }

  private mutating func member(of value: TemplateExpression) throws(TemplateError) -> TemplateExpression {
    let line = self.line
    if skips(.symbol(".")) {
      if case .integer(let index) = token.kind {
        skip()
        let key = TemplateExpression(kind: .integer(index), line: line)
        return TemplateExpression(kind: .element(value, key), line: line)
      }
      return TemplateExpression(kind: .attribute(value, try expectName()), line: line)
    }
    try expect(.symbol("["))
    var from: TemplateExpression?
    if token.kind != .symbol(":") {
      let key = try expression()
      if skips(.symbol("]")) { return TemplateExpression(kind: .element(value, key), line: line) }
      from = key
    }
    try expect(.symbol(":"))
    let to = [.symbol(":"), .symbol("]")].contains(token.kind) ? nil : try expression()
    var by: TemplateExpression?
    if skips(.symbol(":")), token.kind != .symbol("]") { by = try expression() }
    try expect(.symbol("]"))
    return TemplateExpression(kind: .slice(value, from: from, to: to, by: by), line: line)
  }

  private mutating func call(_ callee: TemplateExpression) throws(TemplateError) -> TemplateExpression {
    let line = self.line
    switch callee.kind {
    case .name(let name):
      if let function = TemplateFunction(rawValue: name) {
        return TemplateExpression(kind: .function(function, try arguments()), line: line)
      }
      if name == "loop" { throw unsupported("calling 'loop' is not supported, as recursive loops are not") }
      if name != "caller" || !isInMacro { noteCall(of: name) }
      return TemplateExpression(kind: .call(callee, try arguments()), line: line)
    case .attribute(let subject, let name):
      guard let method = TemplateMethod(rawValue: name) else {
        throw unsupported("the method '\(name)' is not supported")
      }
      let bound = try bind(
        try arguments(), to: method.parameters, required: method.required, of: "the method '\(name)'")
      return TemplateExpression(kind: .method(subject, method, bound), line: line)
    default: throw unsupported("only macros, functions and methods can be called")
    }
  }

  private mutating func arguments() throws(TemplateError) -> TemplateArguments {
    try expect(.symbol("("))
    var arguments = TemplateArguments()
    var isFirst = true
    while token.kind != .symbol(")") {
      if !isFirst { try expect(.symbol(",")) }
      isFirst = false
      if token.kind == .symbol(")") { break }
      if token.kind == .symbol("*") || token.kind == .symbol("**") {
        throw unsupported("'\(token.kind == .symbol("*") ? "*" : "**")' arguments are not supported")
      }
      if case .name(let name) = token.kind, following.kind == .symbol("=") {
        skip()
        skip()
        arguments.named.append((name, try expression()))
      } else {
        guard arguments.named.isEmpty else { throw fail("an argument without a name after one with a name") }
        arguments.positional.append(try expression())
      }
    }
    skip()
    return arguments
  }

  /// Puts arguments in the order of parameters, nil for those not given. Without parameters, any number goes.
  private func bind(
    _ arguments: TemplateArguments, to parameters: [String]?, required: Int, of what: String
  ) throws(TemplateError) -> [TemplateExpression?] {
    guard let parameters else {
      guard arguments.named.isEmpty else { throw unsupported("\(what) takes no named arguments") }
      return arguments.positional
    }
    guard arguments.positional.count <= parameters.count else {
      throw unsupported("\(what) takes at most \(parameters.count) arguments here")
    }
    var bound: [TemplateExpression?] = arguments.positional
    bound += [TemplateExpression?](repeating: nil, count: parameters.count - bound.count)
    for (name, value) in arguments.named {
      guard let place = parameters.firstIndex(of: name), bound[place] == nil else {
        throw unsupported("\(what) has no free parameter '\(name)'")
      }
      bound[place] = value
    }
    for place in 0..<required where bound[place] == nil {
      throw fail("\(what) needs the argument '\(parameters[place])'")
    }
    return bound
  }

  // MARK: Filters and tests

  /// Filters after `|`; the first also without one when `startsInline`. Nil when there are none and no subject.
  mutating func filters(
    of subject: TemplateExpression?, startsInline: Bool = false
  ) throws(TemplateError) -> TemplateExpression? {
    var value = subject
    var isFirst = startsInline
    var links = 0
    while isFirst || token.kind == .symbol("|") {
      try count(&links)
      if !isFirst { skip() }
      isFirst = false
      let line = self.line
      let name = try expectName()
      guard let filter = TemplateFilter(rawValue: name) else {
        throw unsupported("the filter '\(name)' is not supported")
      }
      var arguments = token.kind == .symbol("(") ? try self.arguments() : TemplateArguments()
      if filter.parameters == nil {
        try check(arguments, of: filter)
      } else {
        let bound = try bind(
          arguments, to: filter.parameters, required: filter.required, of: "the filter '\(name)'")
        arguments = TemplateArguments()
        for (name, value) in zip(filter.parameters ?? [], bound) {
          if let value { arguments.named.append((name, value)) }
        }
      }
      value = TemplateExpression(kind: .filter(value, filter, arguments), line: line)
    }
    return value
  }

  /// `map`, `select` and their kin name a filter or a test, which has to be known too.
  private func check(_ arguments: TemplateArguments, of filter: TemplateFilter) throws(TemplateError) {
    let names = arguments.named.map(\.name)
    guard filter == .map ? Set(names).isSubset(of: ["attribute", "default"]) : names.isEmpty else {
      throw unsupported("the filter '\(filter.rawValue)' takes no argument '\(names[0])'")
    }
    let place = filter == .selectattr || filter == .rejectattr ? 1 : 0
    if filter == .map, !names.isEmpty, arguments.positional.isEmpty { return }
    guard place == 0 || !arguments.positional.isEmpty else {
      throw fail("the filter '\(filter.rawValue)' needs the name of an attribute")
    }
    guard arguments.positional.count > place else {
      if filter == .map { throw fail("the filter 'map' needs a filter or an attribute") }
      return
    }
    guard case .text(let name) = arguments.positional[place].kind else {
      throw unsupported("the filter '\(filter.rawValue)' needs a literal name")
    }
    if filter == .map {
      guard let mapped = TemplateFilter(rawValue: name), mapped.parameters != nil else {
        throw unsupported("the filter '\(name)' is not supported in 'map'")
      }
      guard arguments.positional.count - 1 <= mapped.parameters?.count ?? 0 else {
        throw unsupported("too many arguments for the filter '\(name)'")
      }
    } else {
      guard let test = TemplateTest(name: name) else {
        throw unsupported("the test '\(name)' is not supported")
      }
      guard arguments.positional.count - place - 1 == test.arity else {
        throw fail("the test '\(name)' needs \(test.arity) arguments")
      }
    }
  }

  private mutating func test(_ subject: TemplateExpression) throws(TemplateError) -> TemplateExpression {
    let line = self.line
    skip()
    let isNegated = skips(.name("not"))
    let name = try expectName()
    guard let test = TemplateTest(name: name) else {
      throw unsupported("the test '\(name)' is not supported")
    }
    var arguments: [TemplateExpression] = []
    switch token.kind {
    case .symbol("("):
      let written = try self.arguments()
      guard written.named.isEmpty else { throw unsupported("the test '\(name)' takes no named arguments") }
      arguments = written.positional
    case .name("else"), .name("or"), .name("and"): break
    case .name("is"): throw fail("tests with 'is' cannot be chained")
    case .name, .string, .integer, .float, .symbol("["), .symbol("{"):
      arguments = [try postfix(try primary())]
    default: break
    }
    guard arguments.count == test.arity else {
      throw fail("the test '\(name)' takes \(test.arity) arguments, not \(arguments.count)")
    }
    let value = TemplateExpression(kind: .test(subject, test, arguments), line: line)
    return isNegated ? TemplateExpression(kind: .not(value), line: line) : value
  }
}
