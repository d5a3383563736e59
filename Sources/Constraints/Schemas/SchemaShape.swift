import Records

/// Subschemas that hold for one value, as one.
struct SchemaShape {
  let parts: [SchemaPart]
  let kinds: ValueKinds
  /// What `enum` and `const` leave; nil without either.
  private(set) var values: [JSONValue]?
  private(set) var numbers = NumberRange()
  private(set) var length = CountRange()
  private(set) var elementCount = CountRange()
  private(set) var memberCount = CountRange()
  /// Two steps that no single one stands for.
  private(set) var hasTwoSteps = false

  init(_ parts: [SchemaPart]) {
    self.parts = parts
    let said = parts.compactMap(\.kinds)
    let topics = parts.reduce(into: ValueKinds()) { $0.formUnion($1.topics) }
    var kinds = said.reduce(ValueKinds.all) { $0.intersection($1) }
    // What has words on members and no type means an object.
    if said.isEmpty, !topics.isEmpty, !parts.contains(where: { $0.values != nil }) { kinds = topics }
    self.kinds = kinds
    for part in parts {
      if let low = part.numbers.low { numbers.raise(to: low) }
      if let high = part.numbers.high { numbers.lower(to: high) }
      if let step = part.numbers.step {
        if let other = numbers.step, other != step { hasTwoSteps = true }
        numbers.step = step
      }
      length = length.intersection(part.length)
      elementCount = elementCount.intersection(part.elementCount)
      memberCount = memberCount.intersection(part.memberCount)
      guard let list = part.values else { continue }
      if let known = values {
        let identities = Set(list.map(JSONIdentity.init))
        values = known.filter { identities.contains(JSONIdentity($0)) }
      } else {
        values = list
      }
    }
    values = values?.filter { kinds.contains(ValueKinds(of: $0)) && holds(for: $0) }
  }

  /// Whether a scalar keeps what is said about its kind; lists and objects are not looked into.
  private func holds(for value: JSONValue) -> Bool {
    switch value {
    case .integer, .number:
      guard let decimal = Decimal(value), numbers.holds(for: decimal) else { return false }
      guard numbers.step != nil else { return true }
      var multiples = NumberRange()
      multiples.step = numbers.step
      return (try? ByteAutomaton.number(multiples))?.accepts(decimal.text.utf8) ?? false
    case .string(let text):
      let inside = ByteAutomaton.inside(of: text)
      return length.holds(for: text.unicodeScalars.count)
        && parts.allSatisfy { $0.texts.allSatisfy { $0.accepts(inside) } }
    default: return true
    }
  }

  /// Whether something beside `enum` is said about what is inside of lists or objects.
  var hasStructure: Bool {
    parts.contains { !$0.topics.isDisjoint(with: [.array, .object]) }
  }

  // MARK: - Objects

  /// The members that are named, in the order of the schema, those that are only required at the end.
  var names: [String] {
    var names: [String] = []
    var seen: Set<String> = []
    for name in parts.flatMap({ $0.members.map(\.name) }) + parts.flatMap(\.required)
    where seen.insert(name).inserted {
      names.append(name)
    }
    return names
  }

  var required: Set<String> { Set(parts.flatMap(\.required)) }

  /// The subschemas that hold for a member's value.
  func schemas(ofMember name: String) -> [Int] {
    let inside = ByteAutomaton.inside(of: name)
    return parts.flatMap { part in
      var found = part.members.filter { $0.name == name }.map(\.part)
      found += part.patterned.filter { $0.names.accepts(inside) }.map(\.part)
      return found.isEmpty ? part.others.map { [$0] } ?? [] : found
    }
  }

  /// Whether members may come that nobody names: where that is said, or nothing at all is said about members.
  var isOpen: Bool {
    parts.contains { $0.others != nil } || parts.allSatisfy { $0.members.isEmpty && $0.patterned.isEmpty }
  }
}
