import Foundation

extension TemplateRenderer {
  func negated(_ value: TemplateValue, _ line: Int) throws(TemplateError) -> TemplateValue {
    if let integer = value.index { return try checked(0.subtractingReportingOverflow(integer), line) }
    guard let number = value.number else { throw fail("'-' needs a number, found \(value.kind)", line) }
    return .float(-number)
  }

  private func checked(
    _ result: (partialValue: Int, overflow: Bool), _ line: Int
  ) throws(TemplateError) -> TemplateValue {
    if result.overflow { throw fail("a number does not fit into 64 bits", line) }
    return .integer(result.partialValue)
  }

  func arithmetic(
    _ operation: TemplateExpression.Arithmetic, _ left: TemplateValue, _ right: TemplateValue, _ line: Int
  ) throws(TemplateError) -> TemplateValue {
    if let left = left.index, let right = right.index { return try arithmetic(operation, left, right, line) }
    if let left = left.number, let right = right.number {
      return try arithmetic(operation, left, right, line)
    }
    if operation == .add { try checkSize(Self.size(left) + Self.size(right), line) }
    switch (operation, left, right) {
    case (.add, .text(let left), .text(let right)): return .text(left + right)
    case (.add, .markup(let left), .markup(let right)): return .markup(left + right)
    case (.add, .markup(let left), .text(let right)): return .markup(left + Self.escaped(right))
    case (.add, .text(let left), .markup(let right)): return .markup(Self.escaped(left) + right)
    case (.add, .sequence(let left), .sequence(let right)) where left.kind == right.kind:
      guard left.kind == .list || left.kind == .tuple else { break }
      return .sequence(.init(kind: left.kind, elements: left.elements + right.elements))
    case (.remainder, .text, _), (.remainder, .markup, _):
      throw fail("formatting a string with '%' is not supported; use '~'", line)
    case (.multiply, _, _):
      if let count = right.index { return try repeated(left, count, line) }
      if let count = left.index { return try repeated(right, count, line) }
    default: break
    }
    for case .undefined(let reason) in [left, right] { throw fail(reason, line) }
    throw fail("'\(operation.rawValue)' does not go with \(left.kind) and \(right.kind)", line)
  }

  /// Bytes or elements.
  private static func size(_ value: TemplateValue) -> Int {
    if case .sequence(let sequence) = value { return sequence.elements.count }
    return value.string?.utf8.count ?? 0
  }

  /// How MarkupSafe escapes text for HTML.
  private static func escaped(_ text: String) -> String {
    var output = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": output += "&amp;"
      case "<": output += "&lt;"
      case ">": output += "&gt;"
      case "\"": output += "&#34;"
      case "'": output += "&#39;"
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output
  }

  private func repeated(_ value: TemplateValue, _ count: Int, _ line: Int) throws(TemplateError)
    -> TemplateValue
  {
    let (size, overflow) = max(0, count).multipliedReportingOverflow(by: Self.size(value))
    try checkSize(overflow ? .max : size, line)
    switch value {
    case .text(let text): return .text(String(repeating: text, count: max(0, count)))
    case .sequence(let sequence) where sequence.kind == .list || sequence.kind == .tuple:
      let elements = Array(repeatElement(sequence.elements, count: max(0, count)).joined())
      return .sequence(.init(kind: sequence.kind, elements: elements))
    default: throw fail("\(value.kind) cannot be repeated", line)
    }
  }

  private func arithmetic(
    _ operation: TemplateExpression.Arithmetic, _ left: Int, _ right: Int, _ line: Int
  ) throws(TemplateError) -> TemplateValue {
    switch operation {
    case .add: return try checked(left.addingReportingOverflow(right), line)
    case .subtract: return try checked(left.subtractingReportingOverflow(right), line)
    case .multiply: return try checked(left.multipliedReportingOverflow(by: right), line)
    case .divide: return try arithmetic(operation, Double(left), Double(right), line)
    case .floorDivide, .remainder:
      guard right != 0 else { throw fail("division by zero", line) }
      let (quotient, overflow) = left.dividedReportingOverflow(by: right)
      if overflow { return try checked((quotient, operation == .floorDivide), line) }
      let remainder = left - quotient * right
      // Python rounds down, so a remainder has the sign of the divisor.
      let isOff = remainder != 0 && (remainder < 0) != (right < 0)
      if operation == .remainder { return .integer(isOff ? remainder + right : remainder) }
      return .integer(isOff ? quotient - 1 : quotient)
    case .power:
      guard right >= 0 else { return try arithmetic(operation, Double(left), Double(right), line) }
      var result = 1
      // Beyond this only 0, 1 and -1 do not overflow, and their powers repeat.
      for _ in 0..<(right > 64 ? 64 + right % 2 : right) {
        let (product, overflow) = result.multipliedReportingOverflow(by: left)
        if overflow { throw fail("a number does not fit into 64 bits", line) }
        result = product
      }
      return .integer(result)
    }
  }

  private func arithmetic(
    _ operation: TemplateExpression.Arithmetic, _ left: Double, _ right: Double, _ line: Int
  ) throws(TemplateError) -> TemplateValue {
    switch operation {
    case .add: return .float(left + right)
    case .subtract: return .float(left - right)
    case .multiply: return .float(left * right)
    case .divide, .floorDivide, .remainder:
      guard right != 0 else { throw fail("division by zero", line) }
      if operation == .divide { return .float(left / right) }
      var remainder = fmod(left, right)
      if remainder != 0, (remainder < 0) != (right < 0) { remainder += right }
      if operation == .remainder { return .float(remainder == 0 ? copysign(0, right) : remainder) }
      return .float(((left - remainder) / right).rounded())
    case .power:
      if left == 0, right < 0 { throw fail("zero cannot be raised to a negative power", line) }
      return .float(pow(left, right))
    }
  }

  func holds(
    _ comparison: TemplateExpression.Comparison, _ left: TemplateValue, _ right: TemplateValue, _ line: Int
  ) throws(TemplateError) -> Bool {
    switch comparison {
    case .equal: return TemplateValue.equal(left, right)
    case .unequal: return !TemplateValue.equal(left, right)
    case .less: return try precedes(left, right, line)
    case .greater: return try precedes(right, left, line)
    case .lessOrEqual: return try precedes(left, right, line) || TemplateValue.equal(left, right)
    case .greaterOrEqual: return try precedes(right, left, line) || TemplateValue.equal(left, right)
    case .contained: return try contains(right, left, line)
    case .notContained: return !(try contains(right, left, line))
    }
  }

  /// `left < right`.
  func precedes(_ left: TemplateValue, _ right: TemplateValue, _ line: Int) throws(TemplateError) -> Bool {
    if let left = left.string, let right = right.string { return PythonText.precedes(left, right) }
    if let left = left.index, let right = right.index { return left < right }
    if let left = left.number, let right = right.number { return left < right }
    if case .sequence(let left) = left, case .sequence(let right) = right, left.kind == right.kind {
      for (left, right) in zip(left.elements, right.elements) where !TemplateValue.equal(left, right) {
        return try precedes(left, right, line)
      }
      return left.elements.count < right.elements.count
    }
    for case .undefined(let reason) in [left, right] { throw fail(reason, line) }
    throw fail("\(left.kind) and \(right.kind) have no order", line)
  }

  /// `element in container`.
  func contains(
    _ container: TemplateValue, _ element: TemplateValue, _ line: Int
  ) throws(TemplateError) -> Bool {
    switch container {
    case .text(let text), .markup(let text):
      guard let part = element.string else {
        throw fail("'in' needs text on the left, found \(element.kind)", line)
      }
      return PythonText.contains(text, part)
    case .dictionary(let dictionary):
      guard element.isHashable else { throw fail("\(element.kind) cannot be a key", line) }
      return element.string.map { dictionary[$0] != nil } ?? false
    case .namespace, .loop, .none, .boolean, .integer, .float, .macro, .function, .method:
      throw fail("'in' cannot look into \(container.kind)", line)
    case .undefined, .sequence, .iterator:
      return try elements(of: container, line).contains { TemplateValue.equal($0, element) }
    }
  }
}
