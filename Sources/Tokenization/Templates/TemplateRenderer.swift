/// Carries out the statements of one template, once.
final class TemplateRenderer {
  /// How a statement ended: at its end, or with a `break` or `continue` for the loop around it.
  enum Flow {
    case onward, leave, next
  }

  private var output = ""
  private var steps = 0
  private var depth = 0
  /// What may hold itself alive: a macro is in the scope it holds, a namespace may be a member of itself.
  private var macros: [TemplateValue.MacroValue] = []
  var namespaces: [TemplateValue.Namespace] = []
  let now: Int?

  /// Statements and loop turns before a template counts as endless; a long conversation takes thousands.
  private static let mostSteps = 3_000_000
  /// Macros within macros; real templates need one for each level of a tool's schema.
  private static let deepestCall = 64
  /// Bytes of a text or elements of a list; the longest context of a model is some megabytes.
  private static let largestValue = 1 << 26

  init(now: Int?) { self.now = now }

  func render(_ statements: [TemplateStatement], in scope: TemplateScope) throws(TemplateError) -> String {
    defer {
      for macro in macros { macro.scope.removeAll() }
      for namespace in namespaces { namespace.members.removeAll() }
    }
    _ = try run(statements, in: scope)
    return output
  }

  // MARK: Statements

  func run(_ statements: [TemplateStatement], in scope: TemplateScope) throws(TemplateError) -> Flow {
    for statement in statements {
      let flow = try run(statement, in: scope)
      if flow != .onward { return flow }
    }
    return .onward
  }

  private func run(_ statement: TemplateStatement, in scope: TemplateScope) throws(TemplateError) -> Flow {
    let line = statement.line
    try countStep(line)
    switch statement.kind {
    case .text(let text): write(text)
    case .output(let expression): write(try printed(try evaluate(expression, in: scope), line))
    case .loop(let loop): return try run(loop, line, in: scope)
    case .conditional(let branches, let otherwise):
      for (condition, body) in branches where try evaluate(condition, in: scope).isTrue {
        return try run(body, in: scope)
      }
      return try run(otherwise, in: scope)
    case .assign(let target, let expression):
      try assign(target, try evaluate(expression, in: scope), line, in: scope)
    case .assignBlock(let target, let filter, let body):
      let text = try capture(body, in: TemplateScope(in: scope))
      let value = TemplateValue.text(text)
      try assign(
        target,
        try filter.map { filter throws(TemplateError) in
          try evaluate(filter, subject: value, in: scope)
        } ?? value, line, in: scope)
    case .macro(let macro):
      let value = TemplateValue.MacroValue(macro, scope: scope)
      macros.append(value)
      scope.set(macro.name, .macro(value))
    case .callBlock(let body, let callee, let arguments):
      let caller = TemplateValue.macro(.init(body, scope: scope))
      write(try call(callee, arguments, caller: caller, line, in: scope))
    case .filterBlock(let filter, let body):
      let text = try capture(body, in: TemplateScope(in: scope))
      write(try printed(try evaluate(filter, subject: .text(text), in: scope), line))
    case .scope(let body): _ = try run(body, in: TemplateScope(in: scope))
    case .leave: return .leave
    case .next: return .next
    }
    try checkSize(output.utf8.count, line)
    return .onward
  }

  /// Stops text and lists that double themselves.
  func checkSize(_ count: Int, _ line: Int) throws(TemplateError) {
    guard count > Self.largestValue else { return }
    throw TemplateError(.evaluation, line: line, "a value grew beyond \(Self.largestValue) bytes or elements")
  }

  private func run(
    _ loop: TemplateStatement.Loop, _ line: Int, in scope: TemplateScope
  ) throws(TemplateError) -> Flow {
    let elements = try elements(of: try evaluate(loop.sequence, in: scope), line)
    func accepts(_ element: TemplateValue) throws(TemplateError) -> Bool {
      guard let condition = loop.condition else { return true }
      let inner = TemplateScope(in: scope)
      try assign(loop.target, element, line, in: inner)
      return try evaluate(condition, in: inner).isTrue
    }
    let state = LoopState(elements, accepts: accepts)
    defer { state.end() }
    while let element = try state.advance() {
      try countStep(line)
      let inner = TemplateScope(in: scope)
      inner.set("loop", .loop(state))
      try assign(loop.target, element, line, in: inner)
      if try run(loop.body, in: inner) == .leave { break }
    }
    guard state.index0 < 0 else { return .onward }
    // A `break` or `continue` in the else part is for the loop around this one.
    return try run(loop.otherwise, in: TemplateScope(in: scope))
  }

  private func assign(
    _ target: TemplateStatement.Target, _ value: TemplateValue, _ line: Int, in scope: TemplateScope
  ) throws(TemplateError) {
    switch target {
    case .name(let name): scope.set(name, value)
    case .attribute(let name, let member):
      guard case .namespace(let namespace)? = scope.value(of: name) else {
        throw TemplateError(
          .evaluation, line: line, "'\(name)' is not a namespace, so '\(name).\(member)' cannot be set")
      }
      namespace.members[member] = value
    case .several(let targets):
      let elements = try elements(of: value, line)
      guard elements.count == targets.count else {
        throw TemplateError(
          .evaluation, line: line, "expected \(targets.count) values to assign, found \(elements.count)")
      }
      for (target, element) in zip(targets, elements) { try assign(target, element, line, in: scope) }
    }
  }

  // MARK: Macros

  func call(
    _ callee: TemplateExpression, _ arguments: TemplateArguments, caller: TemplateValue? = nil, _ line: Int,
    in scope: TemplateScope
  ) throws(TemplateError) -> String {
    let value = try evaluate(callee, in: scope)
    guard case .macro(let called) = value else {
      throw TemplateError(.evaluation, line: line, "expected a macro to call, found \(value.kind)")
    }
    let macro = called.macro
    var positional: [TemplateValue] = []
    for argument in arguments.positional { positional.append(try evaluate(argument, in: scope)) }
    var named: [(name: String, value: TemplateValue)] = []
    for argument in arguments.named { named.append((argument.name, try evaluate(argument.value, in: scope))) }

    let inner = TemplateScope(in: called.scope)
    func fail(_ message: String) -> TemplateError {
      TemplateError(.evaluation, line: line, "macro '\(macro.name)' \(message)")
    }
    for (place, parameter) in macro.parameters.enumerated() {
      if place < positional.count {
        guard !named.contains(where: { $0.name == parameter.name }) else {
          throw fail("got two values for '\(parameter.name)'")
        }
        inner.set(parameter.name, positional[place])
      } else if let given = named.firstIndex(where: { $0.name == parameter.name }) {
        inner.set(parameter.name, named.remove(at: given).value)
      } else if let fallback = parameter.fallback {
        // A default may mention the parameters before it.
        inner.set(parameter.name, try evaluate(fallback, in: inner))
      } else {
        inner.set(parameter.name, .undefined("the parameter '\(parameter.name)' was not given"))
      }
    }
    if positional.count > macro.parameters.count, !macro.usesExtraPositional {
      throw fail("takes no more than \(macro.parameters.count) arguments")
    }
    if macro.usesExtraPositional {
      inner.set("varargs", .tuple(Array(positional.dropFirst(macro.parameters.count))))
    }
    if let caller {
      guard macro.usesCaller else { throw fail("does not use 'caller', so it cannot be in a call block") }
      inner.set("caller", caller)
    } else if macro.usesCaller {
      inner.set("caller", .undefined("no caller defined"))
    }
    if macro.usesExtraNamed {
      var rest = TemplateValue.Dictionary()
      for (name, value) in named { rest.set(name, value) }
      inner.set("kwargs", .dictionary(rest))
    } else if let unknown = named.first {
      throw fail("has no parameter '\(unknown.name)'")
    }
    guard depth < Self.deepestCall else { throw fail("calls itself more than \(depth) levels deep") }
    depth += 1
    defer { depth -= 1 }
    return try capture(macro.body, in: inner)
  }

  /// The text that statements write.
  private func capture(
    _ statements: [TemplateStatement], in scope: TemplateScope
  ) throws(TemplateError) -> String {
    let before = output
    output = ""
    defer { output = before }
    _ = try run(statements, in: scope)
    return output
  }

  // MARK: Shared

  private func write(_ text: String) { output += text }

  func countStep(_ line: Int) throws(TemplateError) {
    steps += 1
    if steps > Self.mostSteps {
      throw TemplateError(.evaluation, line: line, "gave up after \(Self.mostSteps) steps")
    }
  }

  func printed(_ value: TemplateValue, _ line: Int) throws(TemplateError) -> String {
    do { return try value.printed() } catch { throw TemplateError(.evaluation, line: line, error.message) }
  }

  /// The elements that a loop over the value takes.
  func elements(of value: TemplateValue, _ line: Int) throws(TemplateError) -> [TemplateValue] {
    switch value {
    case .undefined: return []
    case .sequence(let sequence): return sequence.elements
    case .dictionary(let dictionary): return dictionary.keys.map { .text($0) }
    case .iterator(let iterator): return iterator.takeAll()
    case .text(let text), .markup(let text): return text.unicodeScalars.map { .text(String($0)) }
    default: throw TemplateError(.evaluation, line: line, "\(value.kind) has no elements")
    }
  }
}
