import Records

/// Turns a schema document into checks, subschema by subschema, and reports what is wrong with it.
struct SchemaCompiler {
  let document: JSONValue
  let path: String
  let problems: DefinitionProblems
  private var nodes: [[SchemaCheck]] = []
  /// Subschemas that have a place in `nodes`, so that a reference to one, or to the one it stands in, is a number.
  private var known: [SchemaPlace: Int] = [:]
  private var places: [SchemaPlace] = []

  init(document: JSONValue, path: String, problems: DefinitionProblems) {
    (self.document, self.path, self.problems) = (document, path, problems)
  }

  mutating func schema() -> JSONSchema? {
    let before = problems.errorCount
    _ = node(document, at: SchemaPlace())
    reportCircles()
    return problems.errorCount == before ? JSONSchema(nodes: nodes) : nil
  }

  func error(_ place: SchemaPlace, _ message: String) { problems.error(place.path(below: path), message) }
  func warning(_ place: SchemaPlace, _ message: String) { problems.warning(place.path(below: path), message) }

  /// Compiles a subschema, once.
  mutating func node(_ value: JSONValue, at place: SchemaPlace) -> Int {
    if let node = known[place] { return node }
    let node = nodes.count
    known[place] = node
    places.append(place)
    nodes.append([])
    switch value {
    case .bool(let allowed): nodes[node] = allowed ? [] : [.nothing]
    case .object(let object): nodes[node] = checks(object, at: place)
    default: error(place, "expected a schema, an object or true or false; found \(value.kind)")
    }
    return node
  }

  private mutating func checks(_ object: JSONObject, at place: SchemaPlace) -> [SchemaCheck] {
    reportWords(object, at: place)
    // What is quick comes first, so that a value of another kind is told at once.
    return values(object, at: place) + numbers(object, at: place) + strings(object, at: place)
      + elements(object, at: place) + members(object, at: place) + combinations(object, at: place)
  }

  private func reportWords(_ object: JSONObject, at place: SchemaPlace) {
    for (key, value) in object.members where !SchemaKeyword.assertions.contains(key) {
      let here = place.member(key)
      if SchemaKeyword.texts.contains(key) {
        if value.string == nil { error(here, "expected text, found \(value.kind)") }
      } else if SchemaKeyword.flags.contains(key) {
        if value.bool == nil { error(here, "expected true or false, found \(value.kind)") }
      } else if key == "examples" {
        if value.array == nil { error(here, "expected a list, found \(value.kind)") }
      } else if let advice = SchemaKeyword.unsupported[key] {
        warning(here, "'\(key)' is not supported and checks nothing; \(advice)")
      } else if !SchemaKeyword.others.contains(key) {
        let hint = EditDistance.nearest(to: key, among: SchemaKeyword.all.sorted())
        warning(
          here,
          "JSON Schema has no keyword '\(key)', so it checks nothing\(hint.map { "; did you mean '\($0)'?" } ?? "")"
        )
      }
    }
    if let draft = object["$schema"]?.string, !draft.hasPrefix("https://json-schema.org/draft/2020-12/") {
      warning(place.member("$schema"), "names '\(draft)'; the schema is read as draft 2020-12")
    }
    if object["$id"] != nil, !place.steps.isEmpty {
      warning(place.member("$id"), "inside a schema has no effect: references start from the whole document")
    }
    if let anchor = object["$anchor"], anchor.string.map(Self.isAnchor) != true {
      error(
        place.member("$anchor"), "expected a name of letters, digits and '-._', found \(anchor.serialised())")
    }
  }

  private static func isAnchor(_ name: String) -> Bool {
    name.utf8.first.map { ($0 | 0x20) &- 0x61 < 26 || $0 == UInt8(ascii: "_") } ?? false
      && name.utf8.allSatisfy { ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || "-._".utf8.contains($0) }
  }

  // MARK: - References

  private mutating func reference(_ value: JSONValue, at place: SchemaPlace) -> SchemaCheck? {
    guard let text = value.string else {
      error(place, "expected text such as \"#/$defs/name\", found \(value.kind)")
      return nil
    }
    guard text.hasPrefix("#") else {
      error(place, "'\(text)' is outside this document, and nothing is fetched; put the schema into '$defs'")
      return nil
    }
    let pointer = text.dropFirst()
    if let found = SchemaPlace.find(pointer, in: document) {
      return .reference(node(found.value, at: found.place))
    }
    if !pointer.hasPrefix("/"), let found = anchored(String(pointer), in: document, at: SchemaPlace()) {
      return .reference(node(found.value, at: found.place))
    }
    let definitions = document["$defs"]?.object?.keys.map { "#/$defs/\($0)" } ?? []
    let hint =
      EditDistance.nearest(to: text, among: definitions).map { "; did you mean '\($0)'?" }
      ?? (definitions.isEmpty ? "" : "; there are \(definitions.prefix(12).joined(separator: ", "))")
    error(place, "there is no '\(text)' in this schema\(hint)")
    return nil
  }

  /// The first subschema with this anchor. Looks at everything in the document, data included.
  private func anchored(
    _ name: String, in value: JSONValue, at place: SchemaPlace
  ) -> (place: SchemaPlace, value: JSONValue)? {
    switch value {
    case .object(let object):
      if object["$anchor"]?.string == name { return (place, value) }
      for (key, member) in object.members {
        if let found = anchored(name, in: member, at: place.member(key)) { return found }
      }
    case .array(let elements):
      for (index, element) in elements.enumerated() {
        if let found = anchored(name, in: element, at: place.element(index)) { return found }
      }
    default: break
    }
    return nil
  }

  /// A subschema that comes back to itself without going deeper into the value would be checked for ever.
  private func reportCircles() {
    enum State { case unseen, open, done }
    var states = [State](repeating: .unseen, count: nodes.count)
    var circles: [Int] = []
    func visit(_ node: Int) {
      states[node] = .open
      for next in nodes[node].flatMap(\.sameValueNodes) {
        switch states[next] {
        case .unseen: visit(next)
        case .open: circles.append(next)
        case .done: break
        }
      }
      states[node] = .done
    }
    for node in nodes.indices where states[node] == .unseen { visit(node) }
    for node in circles {
      error(places[node], "refers to itself without going deeper into the value: checking it would never end")
    }
  }

  // MARK: - Any value, numbers, strings

  private mutating func values(_ object: JSONObject, at place: SchemaPlace) -> [SchemaCheck] {
    var checks: [SchemaCheck] = []
    if let types = object["type"] {
      let words = SchemaType.allCases.map(\.rawValue).joined(separator: ", ")
      var found: [SchemaType] = []
      let list = types.array ?? [types]
      if list.isEmpty { error(place.member("type"), "is an empty list; expected one or more of \(words)") }
      for (index, type) in list.enumerated() {
        let here = types.array == nil ? place.member("type") : place.member("type").element(index)
        guard let word = type.string, let type = SchemaType(rawValue: word) else {
          let hint = type.string.flatMap {
            EditDistance.nearest(to: $0, among: SchemaType.allCases.map(\.rawValue))
          }
          error(
            here, "\(type.serialised()) is not one of \(words)\(hint.map { "; did you mean '\($0)'?" } ?? "")"
          )
          continue
        }
        if found.contains(type) { error(here, "'\(word)' is named twice") }
        found.append(type)
      }
      checks.append(.types(found))
    }
    if let value = object["const"] { checks.append(.oneOfValues([value], identities: [JSONIdentity(value)])) }
    if let value = object["enum"] {
      if let list = value.array {
        if list.isEmpty { warning(place.member("enum"), "is an empty list, so that nothing is valid") }
        checks.append(.oneOfValues(list, identities: Set(list.map { JSONIdentity($0) })))
      } else {
        error(place.member("enum"), "expected a list of values, found \(value.kind)")
      }
    }
    return checks
  }

  private mutating func numbers(_ object: JSONObject, at place: SchemaPlace) -> [SchemaCheck] {
    var checks: [SchemaCheck] = []
    for bound in SchemaBound.allCases {
      guard let value = object[bound.rawValue] else { continue }
      if value.double == nil { error(place.member(bound.rawValue), "expected a number, found \(value.kind)") }
      checks.append(.bound(bound, value))
    }
    if let least = object["minimum"]?.double, let most = object["maximum"]?.double, least > most {
      warning(place.member("minimum"), "is above 'maximum', so that no number is valid")
    }
    if let step = object["multipleOf"] {
      if step.double ?? 0 > 0 {
        checks.append(.multipleOf(step))
      } else {
        error(place.member("multipleOf"), "expected a number above 0, found \(step.serialised())")
      }
    }
    return checks
  }

  private mutating func strings(_ object: JSONObject, at place: SchemaPlace) -> [SchemaCheck] {
    var checks: [SchemaCheck] = []
    if let range = range("minLength", "maxLength", of: object, at: place) { checks.append(.length(range)) }
    if let value = object["pattern"], let pattern = pattern(value, at: place.member("pattern")) {
      checks.append(.pattern(pattern))
    }
    if let value = object["format"] {
      let here = place.member("format")
      if let word = value.string {
        if let format = SchemaFormat(rawValue: word) {
          checks.append(.format(format))
        } else {
          let words = SchemaFormat.allCases.map(\.rawValue)
          warning(
            here, "the format '\(word)' is not checked; those that are: \(words.joined(separator: ", "))")
        }
      } else {
        error(here, "expected text, found \(value.kind)")
      }
    }
    return checks
  }

  private func pattern(_ value: JSONValue, at place: SchemaPlace) -> Pattern? {
    guard let source = value.string else {
      error(place, "expected a regular expression, found \(value.kind)")
      return nil
    }
    return pattern(source, at: place)
  }

  private func pattern(_ source: String, at place: SchemaPlace) -> Pattern? {
    do throws(TemplateError) {
      return try Pattern(ecma: source)
    } catch {
      self.error(place, error.message)
      return nil
    }
  }

  // MARK: - Lists and objects

  private mutating func elements(_ object: JSONObject, at place: SchemaPlace) -> [SchemaCheck] {
    var checks: [SchemaCheck] = []
    if let range = range("minItems", "maxItems", of: object, at: place) {
      checks.append(.elementCount(range))
    }
    if let value = object["uniqueItems"] {
      if value.bool == nil {
        error(place.member("uniqueItems"), "expected true or false, found \(value.kind)")
      }
      if value.bool == true { checks.append(.uniqueElements) }
    }
    let prefix = list("prefixItems", of: object, at: place)
    if object["items"]?.array != nil {
      error(place.member("items"), "expected one schema for all elements; a list of them is 'prefixItems'")
    } else {
      let rest = subschema("items", of: object, at: place)
      if prefix != nil || rest != nil { checks.append(.elements(prefix: prefix ?? [], rest: rest)) }
    }
    var range = range("minContains", "maxContains", of: object, at: place) ?? SchemaRange()
    if object["minContains"] == nil { range.least = 1 }
    if let node = subschema("contains", of: object, at: place) { checks.append(.contains(node, range)) }
    return checks
  }

  private mutating func members(_ object: JSONObject, at place: SchemaPlace) -> [SchemaCheck] {
    var checks: [SchemaCheck] = []
    if let names = names(object["required"], at: place.member("required")) { checks.append(.required(names)) }
    if let range = range("minProperties", "maxProperties", of: object, at: place) {
      checks.append(.memberCount(range))
    }
    let dependent = map("dependentRequired", of: object, at: place).compactMap { name, value, place in
      names(value, at: place).map { (name: name, others: $0) }
    }
    if !dependent.isEmpty { checks.append(.dependentRequired(dependent)) }
    if let node = subschema("propertyNames", of: object, at: place) { checks.append(.memberNames(node)) }
    var members = SchemaMembers()
    for (name, value, place) in map("properties", of: object, at: place) {
      members.named[name] = node(value, at: place)
    }
    for (source, value, place) in map("patternProperties", of: object, at: place) {
      let node = node(value, at: place)
      if let pattern = pattern(source, at: place) { members.patterns.append((pattern, node)) }
    }
    members.others = subschema("additionalProperties", of: object, at: place)
    if ["properties", "patternProperties", "additionalProperties"].contains(where: { object[$0] != nil }) {
      checks.append(.members(members))
    }
    var schemas: [(name: String, node: Int)] = []
    for (name, value, place) in map("dependentSchemas", of: object, at: place) {
      schemas.append((name, node(value, at: place)))
    }
    if !schemas.isEmpty { checks.append(.dependentSchemas(schemas)) }
    // Compiled to find their mistakes, whether or not something refers to them.
    for (_, value, place) in map("$defs", of: object, at: place) { _ = node(value, at: place) }
    return checks
  }

  private mutating func combinations(_ object: JSONObject, at place: SchemaPlace) -> [SchemaCheck] {
    var checks: [SchemaCheck] = []
    if let value = object["$ref"], let check = reference(value, at: place.member("$ref")) {
      checks.append(check)
    }
    if let nodes = list("allOf", of: object, at: place) { checks.append(.all(nodes)) }
    if let nodes = list("anyOf", of: object, at: place) { checks.append(.any(nodes)) }
    if let nodes = list("oneOf", of: object, at: place) { checks.append(.exactlyOne(nodes)) }
    if let node = subschema("not", of: object, at: place) { checks.append(.not(node)) }
    let then = subschema("then", of: object, at: place)
    let otherwise = subschema("else", of: object, at: place)
    if let condition = subschema("if", of: object, at: place) {
      checks.append(.conditional(condition: condition, then: then, otherwise: otherwise))
    } else if then != nil || otherwise != nil {
      warning(place.member(then == nil ? "else" : "then"), "has no effect without 'if'")
    }
    return checks
  }

  // MARK: - Kinds of keywords

  private mutating func subschema(_ key: String, of object: JSONObject, at place: SchemaPlace) -> Int? {
    object[key].map { node($0, at: place.member(key)) }
  }

  private mutating func list(_ key: String, of object: JSONObject, at place: SchemaPlace) -> [Int]? {
    guard let value = object[key] else { return nil }
    let here = place.member(key)
    guard let list = value.array, !list.isEmpty else {
      error(here, "expected a list of schemas, found \(value.array == nil ? value.kind : "an empty one")")
      return nil
    }
    var nodes: [Int] = []
    for (index, element) in list.enumerated() { nodes.append(node(element, at: here.element(index))) }
    return nodes
  }

  private func map(
    _ key: String, of object: JSONObject, at place: SchemaPlace
  ) -> [(name: String, value: JSONValue, place: SchemaPlace)] {
    guard let value = object[key] else { return [] }
    let here = place.member(key)
    guard let map = value.object else {
      error(here, "expected an object, found \(value.kind)")
      return []
    }
    return map.members.map { ($0.key, $0.value, here.member($0.key)) }
  }

  private func names(_ value: JSONValue?, at place: SchemaPlace) -> [String]? {
    guard let value else { return nil }
    guard let list = value.array else {
      error(place, "expected a list of names, found \(value.kind)")
      return nil
    }
    var names: [String] = []
    var seen: Set<String> = []
    for (index, element) in list.enumerated() {
      guard let name = element.string else {
        error(place.element(index), "expected a name, found \(element.kind)")
        continue
      }
      if !seen.insert(name).inserted { error(place.element(index), "'\(name)' is named twice") }
      names.append(name)
    }
    return names
  }

  /// A pair of limits; nil when neither is there.
  private func range(
    _ least: String, _ most: String, of object: JSONObject, at place: SchemaPlace
  ) -> SchemaRange? {
    guard object[least] != nil || object[most] != nil else { return nil }
    let range = SchemaRange(
      least: count(least, of: object, at: place) ?? 0, most: count(most, of: object, at: place))
    if let most = range.most, range.least > most {
      warning(place.member(least), "is \(range.least), more than the \(most) at most: nothing is valid")
    }
    return range
  }

  private func count(_ key: String, of object: JSONObject, at place: SchemaPlace) -> Int? {
    guard let value = object[key] else { return nil }
    if let count = value.integer, count >= 0 { return count }
    error(
      place.member(key),
      "expected a whole number of at least 0, found \(value.double == nil ? value.kind : value.serialised())")
    return nil
  }
}

extension SchemaCheck {
  /// The subschemas that are asked about the same value, not about a part of it.
  fileprivate var sameValueNodes: [Int] {
    switch self {
    case .dependentSchemas(let rules): rules.map(\.node)
    case .all(let nodes), .any(let nodes), .exactlyOne(let nodes): nodes
    case .not(let node), .reference(let node): [node]
    case .conditional(let condition, let then, let otherwise):
      [condition] + [then, otherwise].compactMap(\.self)
    default: []
    }
  }
}
