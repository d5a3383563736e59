extension TemplateRenderer {
  func evaluate(_ expression: TemplateExpression, in scope: TemplateScope) throws(TemplateError)
    -> TemplateValue
  {
    try evaluate(expression, subject: nil, in: scope)
  }

  /// `subject` is the value for the filter at the head of the chain that has none written.
  func evaluate(
    _ expression: TemplateExpression, subject: TemplateValue?, in scope: TemplateScope
  ) throws(TemplateError) -> TemplateValue {
    let line = expression.line
    switch expression.kind {
    case .none: return .none
    case .boolean(let value): return .boolean(value)
    case .integer(let value): return .integer(value)
    case .float(let value): return .float(value)
    case .text(let text): return .text(text)
    case .name(let name):
      if let value = scope.value(of: name) { return value }
      return TemplateFunction(rawValue: name).map { .function($0) } ?? .undefined("'\(name)' is undefined")
    case .list(let elements): return .list(try evaluate(elements, in: scope))
    case .tuple(let elements): return .tuple(try evaluate(elements, in: scope))
    case .dictionary(let members):
      var dictionary = TemplateValue.Dictionary()
      for (key, value) in members {
        guard let name = try evaluate(key, in: scope).string else {
          throw fail("the keys of a dictionary must be text", line)
        }
        dictionary.set(name, try evaluate(value, in: scope))
      }
      return .dictionary(dictionary)
    case .attribute(let value, let name):
      return try attribute(name, of: try evaluate(value, in: scope), line)
    case .element(let value, let key):
      return try element(try evaluate(key, in: scope), of: try evaluate(value, in: scope), line)
    case .slice(let value, let from, let to, let by):
      return try slice(
        try evaluate(value, in: scope), from: try bound(from, in: scope), to: try bound(to, in: scope),
        by: try bound(by, in: scope), line)
    case .call(let callee, let arguments): return .text(try call(callee, arguments, line, in: scope))
    case .function(let function, let arguments): return try apply(function, arguments, line, in: scope)
    case .method(let value, let method, let arguments):
      return try apply(method, to: try evaluate(value, in: scope), try evaluate(arguments, in: scope), line)
    case .filter(let inner, let filter, let arguments):
      let value = try inner.map { inner throws(TemplateError) in
        try evaluate(inner, subject: subject, in: scope)
      }
      return try apply(
        filter, to: value ?? subject ?? .text(""), try evaluate(arguments.positional, in: scope),
        try evaluate(arguments.named, in: scope), line)
    case .test(let value, let test, let arguments):
      let arguments = try evaluate(arguments, in: scope).compactMap { $0 }
      return .boolean(try passes(test, try evaluate(value, in: scope), arguments, line))
    case .negative(let value): return try negated(try evaluate(value, in: scope), line)
    case .positive(let value):
      let number = try evaluate(value, in: scope)
      guard number.number != nil else { throw fail("'+' needs a number, found \(number.kind)", line) }
      return number.index.map { .integer($0) } ?? number
    case .arithmetic(let operation, let left, let right):
      return try arithmetic(operation, try evaluate(left, in: scope), try evaluate(right, in: scope), line)
    case .comparison(let first, let rest):
      var left = try evaluate(first, in: scope)
      for (comparison, next) in rest {
        let right = try evaluate(next, in: scope)
        guard try holds(comparison, left, right, line) else { return .boolean(false) }
        left = right
      }
      return .boolean(true)
    case .concatenation(let parts):
      var text = ""
      for part in parts {
        text += try printed(try evaluate(part, in: scope), line)
        try checkSize(text.utf8.count, line)
      }
      return .text(text)
    case .and(let left, let right):
      let value = try evaluate(left, in: scope)
      return value.isTrue ? try evaluate(right, in: scope) : value
    case .or(let left, let right):
      let value = try evaluate(left, in: scope)
      return value.isTrue ? value : try evaluate(right, in: scope)
    case .not(let value): return .boolean(!(try evaluate(value, in: scope).isTrue))
    case .conditional(let condition, let then, let otherwise):
      if try evaluate(condition, in: scope).isTrue { return try evaluate(then, in: scope) }
      guard let otherwise else { return .undefined("the condition was false and there is no 'else'") }
      return try evaluate(otherwise, in: scope)
    }
  }

  func fail(_ message: String, _ line: Int) -> TemplateError {
    TemplateError(.evaluation, line: line, message)
  }

  private func evaluate(
    _ expressions: [TemplateExpression], in scope: TemplateScope
  ) throws(TemplateError) -> [TemplateValue] {
    var values: [TemplateValue] = []
    for expression in expressions { values.append(try evaluate(expression, in: scope)) }
    return values
  }

  private func evaluate(
    _ expressions: [TemplateExpression?], in scope: TemplateScope
  ) throws(TemplateError) -> [TemplateValue?] {
    var values: [TemplateValue?] = []
    for expression in expressions {
      values.append(
        try expression.map { expression throws(TemplateError) in try evaluate(expression, in: scope) })
    }
    return values
  }

  private func evaluate(
    _ arguments: [(name: String, value: TemplateExpression)], in scope: TemplateScope
  ) throws(TemplateError) -> [String: TemplateValue] {
    var values: [String: TemplateValue] = [:]
    for (name, value) in arguments { values[name] = try evaluate(value, in: scope) }
    return values
  }

  // MARK: Looking into values

  /// Methods of Python's dictionaries that hide a member of the same name, and those of them that the sandbox
  /// makes undefined.
  private static let dictionaryMethods: Set<String> = ["items", "keys", "values", "get", "copy", "fromkeys"]
  private static let forbiddenMethods: Set<String> = ["clear", "pop", "popitem", "setdefault", "update"]

  /// Methods of Python's text, which are not undefined though few of them can be called here.
  private static let textMethods: Set<String> = [
    "capitalize", "casefold", "center", "count", "encode", "endswith", "expandtabs", "find", "format",
    "format_map", "index", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower",
    "isnumeric", "isprintable", "isspace", "istitle", "isupper", "join", "ljust", "lower", "lstrip",
    "maketrans", "partition", "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rjust",
    "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase", "title",
    "translate", "upper", "zfill",
  ]

  /// `value.name`: in Python an attribute first, then a member.
  func attribute(
    _ name: String, of value: TemplateValue, _ line: Int
  ) throws(TemplateError) -> TemplateValue {
    switch value {
    case .undefined(let reason): throw fail(reason + ", so it has no '\(name)'", line)
    case .dictionary(let dictionary):
      if Self.dictionaryMethods.contains(name) { return .method(name) }
      if Self.forbiddenMethods.contains(name) {
        return .undefined("the method '\(name)' changes a dictionary")
      }
      return dictionary[name] ?? missing(name, in: value)
    case .text, .markup:
      return Self.textMethods.contains(name) ? .method(name) : missing(name, in: value)
    case .namespace(let namespace): return namespace.members[name] ?? missing(name, in: value)
    case .loop(let loop): return try member(name, of: loop, line)
    case .macro(let macro) where name == "name": return .text(macro.macro.name)
    default: return missing(name, in: value)
    }
  }

  /// `value[key]`: a member first, then an attribute.
  func element(
    _ key: TemplateValue, of value: TemplateValue, _ line: Int
  ) throws(TemplateError) -> TemplateValue {
    if case .undefined(let reason) = value { throw fail(reason + ", so it has no elements", line) }
    if let name = key.string {
      if case .dictionary(let dictionary) = value, let member = dictionary[name] { return member }
      return try attribute(name, of: value, line)
    }
    guard var index = key.index else { return .undefined("\(value.kind) has no element of this key") }
    switch value {
    case .sequence(let sequence) where sequence.kind != .view:
      if index < 0 { index += sequence.elements.count }
      return sequence.elements.indices.contains(index) ? sequence.elements[index] : missing(key, in: value)
    case .text(let text), .markup(let text):
      let scalars = Array(text.unicodeScalars)
      if index < 0 { index += scalars.count }
      return scalars.indices.contains(index) ? .text(String(scalars[index])) : missing(key, in: value)
    default: return missing(key, in: value)
    }
  }

  private func missing(_ name: String, in value: TemplateValue) -> TemplateValue {
    .undefined("\(value.kind) has no '\(name)'")
  }

  private func missing(_ key: TemplateValue, in value: TemplateValue) -> TemplateValue {
    .undefined("\(value.kind) has no element \((try? key.quoted()) ?? "of this key")")
  }

  private func member(
    _ name: String, of loop: LoopState, _ line: Int
  ) throws(TemplateError) -> TemplateValue {
    switch name {
    case "index": return .integer(loop.index0 + 1)
    case "index0": return .integer(loop.index0)
    case "revindex": return .integer(try loop.length() - loop.index0)
    case "revindex0": return .integer(try loop.length() - loop.index0 - 1)
    case "length": return .integer(try loop.length())
    case "first": return .boolean(loop.index0 == 0)
    case "last": return .boolean(try loop.peek() == nil)
    case "previtem": return loop.previous ?? .undefined("there is no previous item")
    case "nextitem": return try loop.peek() ?? .undefined("there is no next item")
    case "depth": return .integer(1)
    case "depth0": return .integer(0)
    case "cycle", "changed": return .method(name)
    default: return missing(name, in: .loop(loop))
    }
  }

  private func bound(
    _ expression: TemplateExpression?, in scope: TemplateScope
  ) throws(TemplateError) -> Int? {
    guard let expression else { return nil }
    let value = try evaluate(expression, in: scope)
    if case .none = value { return nil }
    guard let index = value.index else {
      throw fail("the bounds of a slice must be integers, found \(value.kind)", expression.line)
    }
    return index
  }

  private func slice(
    _ value: TemplateValue, from: Int?, to: Int?, by: Int?, _ line: Int
  ) throws(TemplateError) -> TemplateValue {
    let step = by ?? 1
    guard step != 0 else { throw fail("a slice cannot have the step 0", line) }
    switch value {
    case .sequence(let sequence) where sequence.kind != .view:
      let places = Self.places(count: sequence.elements.count, from: from, to: to, step: step)
      return .sequence(.init(kind: sequence.kind, elements: places.map { sequence.elements[$0] }))
    case .text(let text), .markup(let text):
      let scalars = Array(text.unicodeScalars)
      let places = Self.places(count: scalars.count, from: from, to: to, step: step)
      let part = PythonText.string(places.map { scalars[$0] })
      if case .markup = value { return .markup(part) }
      return .text(part)
    default: throw fail("\(value.kind) cannot be sliced", line)
    }
  }

  /// The places that `[from:to:step]` takes of `count` elements.
  private static func places(count: Int, from: Int?, to: Int?, step: Int) -> [Int] {
    func clamped(_ bound: Int, _ low: Int, _ high: Int) -> Int {
      min(max(bound < 0 ? bound + count : bound, low), high)
    }
    if step > 0 {
      let start = clamped(from ?? 0, 0, count)
      return Array(stride(from: start, to: max(start, clamped(to ?? count, 0, count)), by: step))
    }
    let start = from.map { clamped($0, -1, count - 1) } ?? count - 1
    let end = to.map { clamped($0, -1, count - 1) } ?? -1
    return Array(stride(from: start, to: min(start, end), by: step))
  }
}
