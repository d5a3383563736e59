import Records

/// Holds one value against a schema. Counts what it does, so that no schema can make it run without end: `anyOf` over
/// a schema that refers to itself can take time exponential in the depth of the value.
struct SchemaValidator {
  private static let effortLimit = 1_000_000
  private static let most = 4

  let schema: JSONSchema
  private(set) var violations: [SchemaViolation] = []
  private var effort = 0
  /// Where in the value the check is.
  private var place: [Step] = []
  /// How many combinations such as `anyOf` the check is inside of: what fails there is no violation yet.
  private var trials = 0

  private enum Step {
    case member(String)
    case element(Int)
  }

  init(schema: JSONSchema) { self.schema = schema }

  private var isDone: Bool { trials > 0 || violations.count >= Self.most }

  /// Whether the value keeps everything that a subschema asks for.
  mutating func accepts(_ value: JSONValue, at node: Int) throws(GradeFailure) -> Bool {
    effort += 1
    if effort > Self.effortLimit {
      throw GradeFailure(
        .other,
        "the schema takes more than \(Self.effortLimit) steps on this answer; "
          + "avoid anyOf, oneOf and not over a schema that refers to itself")
    }
    var isValid = true
    for check in schema.nodes[node] where try !holds(check, for: value) {
      isValid = false
      if isDone { break }
    }
    return isValid
  }

  private mutating func fails(_ message: @autoclosure () -> String) -> Bool {
    guard trials == 0, violations.count < Self.most else { return false }
    var path = ""
    for step in place {
      switch step {
      case .member(let key): path += path.isEmpty ? key : ".\(key)"
      case .element(let index): path += "[\(index)]"
      }
    }
    violations.append(SchemaViolation(path: path, message: message()))
    return false
  }

  private static func shown(_ value: JSONValue) -> String {
    switch value {
    case .array, .object: return value.kind
    default:
      let text = value.serialised()
      return text.utf8.count > 60 ? "\(value.kind) of \(text.utf8.count) bytes" : text
    }
  }

  // MARK: - One check

  private mutating func holds(_ check: SchemaCheck, for value: JSONValue) throws(GradeFailure) -> Bool {
    switch check {
    case .nothing: return fails("is \(Self.shown(value)); nothing is allowed here")
    case .types(let types):
      if types.contains(where: { $0.holds(for: value) }) { return true }
      return fails("is \(Self.shown(value)); expected \(types.map(\.rawValue).joined(separator: " or "))")
    case .oneOfValues(let values, let identities):
      effort += 1
      if identities.contains(JSONIdentity(value)) { return true }
      let list = values.prefix(12).map { $0.serialised() }.joined(separator: ", ")
      return fails("is \(Self.shown(value)); expected \(values.count == 1 ? "" : "one of ")\(list)")
    case .bound(let bound, let limit):
      if bound.holds(for: value, limit) { return true }
      return fails("is \(Self.shown(value)); expected \(bound.words) \(limit.serialised())")
    case .multipleOf(let step):
      if value.isMultiple(of: step) { return true }
      return fails("is \(Self.shown(value)); expected a multiple of \(step.serialised())")
    case .length(let range):
      guard let count = value.string?.unicodeScalars.count, !range.holds(for: count) else { return true }
      return fails("has \(count) characters; expected \(range.words)")
    case .pattern(let pattern):
      guard let text = value.string, try !pattern.matches(text) else { return true }
      return fails("is \(Self.shown(value)); expected text that matches \(pattern.source)")
    case .format(let format):
      guard let text = value.string, !format.holds(for: text) else { return true }
      return fails("is \(Self.shown(value)); expected the format \(format.rawValue)")
    case .elements, .elementCount, .uniqueElements, .contains:
      guard let elements = value.array else { return true }
      return try holds(check, forElements: elements)
    case .members, .memberCount, .memberNames, .required, .dependentRequired, .dependentSchemas:
      guard let object = value.object else { return true }
      return try holds(check, forMembers: object, of: value)
    case .all, .any, .exactlyOne, .not, .conditional, .reference:
      return try holds(combination: check, for: value)
    }
  }

  private mutating func holds(
    _ check: SchemaCheck, forElements elements: [JSONValue]
  ) throws(GradeFailure) -> Bool {
    switch check {
    case .elements(let prefix, let rest):
      var isValid = true
      for (index, element) in elements.enumerated() {
        guard let node = index < prefix.count ? prefix[index] : rest else { break }
        if try !accepts(element, at: node, inside: .element(index)) {
          isValid = false
          if isDone { break }
        }
      }
      return isValid
    case .elementCount(let range):
      if range.holds(for: elements.count) { return true }
      return fails("has \(elements.count) elements; expected \(range.words)")
    case .uniqueElements:
      effort += elements.count
      var seen: [JSONIdentity: Int] = [:]
      for (index, element) in elements.enumerated() {
        if let first = seen.updateValue(index, forKey: JSONIdentity(element)) {
          return fails("has the same value at [\(first)] and [\(index)]; expected no two alike")
        }
      }
      return true
    case .contains(let node, let range):
      var count = 0
      for element in elements where try wouldAccept(element, at: node) { count += 1 }
      if range.holds(for: count) { return true }
      return fails("has \(count) elements of the kind asked for by 'contains'; expected \(range.words)")
    default: preconditionFailure("\(check) is no check of lists")
    }
  }

  private mutating func holds(
    _ check: SchemaCheck, forMembers object: JSONObject, of value: JSONValue
  ) throws(GradeFailure) -> Bool {
    switch check {
    case .members(let members): return try holds(members, for: object)
    case .memberCount(let range):
      if range.holds(for: object.count) { return true }
      return fails("has \(object.count) members; expected \(range.words)")
    case .memberNames(let node):
      for key in object.keys where try !wouldAccept(.string(key), at: node) {
        return fails("has a member '\(key)'; its name is not of the kind asked for by 'propertyNames'")
      }
      return true
    case .required(let names):
      let missing = names.filter { object[$0] == nil }
      if missing.isEmpty { return true }
      return fails("lacks \(missing.prefix(12).joined(separator: ", "))")
    case .dependentRequired(let rules):
      for rule in rules where object[rule.name] != nil {
        if let missing = rule.others.first(where: { object[$0] == nil }) {
          return fails("has '\(rule.name)' and lacks '\(missing)', which must come with it")
        }
      }
      return true
    case .dependentSchemas(let rules):
      var isValid = true
      for rule in rules where object[rule.name] != nil {
        if try !accepts(value, at: rule.node) { isValid = false }
      }
      return isValid
    default: preconditionFailure("\(check) is no check of objects")
    }
  }

  private mutating func holds(_ members: SchemaMembers, for object: JSONObject) throws(GradeFailure) -> Bool {
    var isValid = true
    for (key, member) in object.members {
      var nodes = members.named[key].map { [$0] } ?? []
      for (pattern, node) in members.patterns where try pattern.matches(key) { nodes.append(node) }
      if nodes.isEmpty, let others = members.others { nodes = [others] }
      for node in nodes where try !accepts(member, at: node, inside: .member(key)) {
        isValid = false
        if isDone { return false }
      }
    }
    return isValid
  }

  private mutating func holds(combination: SchemaCheck, for value: JSONValue) throws(GradeFailure) -> Bool {
    switch combination {
    case .all(let nodes):
      var isValid = true
      for node in nodes where try !accepts(value, at: node) {
        isValid = false
        if isDone { break }
      }
      return isValid
    case .any(let nodes):
      for node in nodes where try wouldAccept(value, at: node) { return true }
      return fails("is \(Self.shown(value)), which fits none of the \(nodes.count) schemas of 'anyOf'")
    case .exactlyOne(let nodes):
      var fitting: [Int] = []
      for (index, node) in nodes.enumerated() where try wouldAccept(value, at: node) {
        fitting.append(index)
        if fitting.count > 1 {
          return fails("fits both oneOf[\(fitting[0])] and oneOf[\(index)]; expected exactly one")
        }
      }
      if fitting.count == 1 { return true }
      return fails("is \(Self.shown(value)), which fits none of the \(nodes.count) schemas of 'oneOf'")
    case .not(let node):
      if try !wouldAccept(value, at: node) { return true }
      return fails("is \(Self.shown(value)), which fits the schema of 'not'")
    case .conditional(let condition, let then, let otherwise):
      let branch = try wouldAccept(value, at: condition) ? then : otherwise
      guard let branch else { return true }
      return try accepts(value, at: branch)
    case .reference(let node): return try accepts(value, at: node)
    default: preconditionFailure("\(combination) combines nothing")
    }
  }

  private mutating func accepts(
    _ value: JSONValue, at node: Int, inside step: Step
  ) throws(GradeFailure) -> Bool {
    place.append(step)
    let isValid = try accepts(value, at: node)
    place.removeLast()
    return isValid
  }

  /// The same without violations.
  private mutating func wouldAccept(_ value: JSONValue, at node: Int) throws(GradeFailure) -> Bool {
    trials += 1
    let isValid = try accepts(value, at: node)
    trials -= 1
    return isValid
  }
}

extension JSONValue {
  /// Whole numbers exactly; of a fraction, within four units in the last place, because 19.99 and 0.01 are both a
  /// little off in binary. What is no number is a multiple of anything.
  fileprivate func isMultiple(of step: JSONValue) -> Bool {
    if case (.integer(let value), .integer(let step)) = (self, step) { return value % step == 0 }
    guard let value = double, let step = step.double else { return true }
    if value.truncatingRemainder(dividingBy: step) == 0 { return true }
    if value.rounded() == value, step.rounded() == step { return false }
    let quotient = (value / step).rounded()
    return quotient.isFinite && (value - quotient * step).magnitude <= 4 * value.magnitude.ulp
  }
}
