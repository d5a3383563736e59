import Records

/// Reads all subschemas that a document's root leads to, and reports what is wrong with them or cannot be enforced.
struct SchemaReader {
  private let document: SchemaDocument
  private(set) var parts: [SchemaPart] = []
  private(set) var problems: [Diagnostic] = []
  private var places: [String: Int] = [:]
  private var work: [(part: Int, value: JSONValue)] = []
  private var expressions: [String: ByteAutomaton] = [:]
  /// What patterns may still cost together.
  private var statesLeft = ConstraintLimits.patternStates

  init(_ document: SchemaDocument) { self.document = document }

  /// The root's part is the first.
  mutating func read() {
    _ = part(document.root, at: "#")
    while let (part, value) = work.popLast() {
      parts[part] = read(value, at: parts[part].pointer)
      if parts.count > ConstraintLimits.places {
        problem("#", "has more than \(ConstraintLimits.places) subschemas")
        return
      }
    }
    if problems.isEmpty { reportCircles() }
  }

  private mutating func problem(_ pointer: String, _ message: String) {
    problems.append(Diagnostic(.error, file: "", path: pointer, message: message))
  }

  private mutating func part(_ value: JSONValue, at pointer: String) -> Int {
    if let part = places[pointer] { return part }
    let part = parts.count
    places[pointer] = part
    parts.append(SchemaPart(pointer: pointer))
    work.append((part, value))
    return part
  }

  private mutating func read(_ value: JSONValue, at pointer: String) -> SchemaPart {
    var part = SchemaPart(pointer: pointer)
    switch value {
    case .bool(let allowed): part.isNever = !allowed
    case .object(let object):
      reportWords(object, at: pointer)
      readValues(object, &part)
      readNumbers(object, &part)
      readStrings(object, &part)
      readElements(object, &part)
      readMembers(object, &part)
      readCombinations(object, &part)
    default: problem(pointer, "expected a schema, an object or true or false; found \(value.kind)")
    }
    return part
  }

  private mutating func reportWords(_ object: JSONObject, at pointer: String) {
    for key in object.keys where !SchemaWord.enforced.contains(key) {
      let here = SchemaDocument.pointer(pointer, key)
      if let advice = SchemaWord.refused[key] {
        problem(here, "'\(key)' cannot be enforced while decoding; \(advice)")
      } else if !SchemaWord.annotations.contains(key), !key.hasPrefix("x-"),
        let word = EditDistance.nearest(to: key, among: SchemaWord.enforced.sorted())
      {
        problem(here, "JSON Schema has no keyword '\(key)'; did you mean '\(word)'?")
      }
    }
  }

  // MARK: - Any value, numbers, strings

  private mutating func readValues(_ object: JSONObject, _ part: inout SchemaPart) {
    if let types = object["type"] {
      let here = SchemaDocument.pointer(part.pointer, "type")
      var kinds: ValueKinds = []
      for type in types.array ?? [types] {
        if let found = type.string.flatMap(ValueKinds.init(word:)) {
          kinds.formUnion(found)
        } else {
          let words = ValueKinds.words.map(\.word).joined(separator: ", ")
          problem(here, "\(type.serialised()) is not one of \(words)")
        }
      }
      part.kinds = kinds
    }
    if let value = object["const"] { part.values = [value] }
    guard let value = object["enum"] else { return }
    let here = SchemaDocument.pointer(part.pointer, "enum")
    guard let list = value.array, !list.isEmpty else {
      return problem(
        here, "expected a list of at least one value, found \(value.array == nil ? value.kind : "[]")")
    }
    if list.reduce(0, { $0 + $1.serialised().utf8.count }) > ConstraintLimits.enumBytes {
      problem(here, "has values of more than \(ConstraintLimits.enumBytes) bytes; shorten the list")
    } else if let single = part.values {
      part.values = single.filter { list.map(JSONIdentity.init).contains(JSONIdentity($0)) }
    } else {
      part.values = list
    }
  }

  private mutating func readNumbers(_ object: JSONObject, _ part: inout SchemaPart) {
    if object.keys.contains(where: SchemaWord.numbers.contains) { part.topics.formUnion(.number) }
    for (word, isLow, isExclusive) in [
      ("minimum", true, false), ("exclusiveMinimum", true, true), ("maximum", false, false),
      ("exclusiveMaximum", false, true),
    ] {
      guard let value = object[word] else { continue }
      guard let limit = Decimal(value) else {
        problem(SchemaDocument.pointer(part.pointer, word), "expected a number, found \(value.kind)")
        continue
      }
      let bound = NumberRange.Bound(value: limit, isExclusive: isExclusive)
      if isLow { part.numbers.raise(to: bound) } else { part.numbers.lower(to: bound) }
    }
    guard let value = object["multipleOf"] else { return }
    if let step = Decimal(value), !step.isNegative, !step.isZero {
      part.numbers.step = step
    } else {
      let here = SchemaDocument.pointer(part.pointer, "multipleOf")
      problem(here, "expected a number above 0, found \(value.serialised())")
    }
  }

  private mutating func readStrings(_ object: JSONObject, _ part: inout SchemaPart) {
    if object.keys.contains(where: SchemaWord.strings.contains) { part.topics.formUnion(.string) }
    part.length = range("minLength", "maxLength", of: object, at: part.pointer)
    if let value = object["pattern"] {
      let here = SchemaDocument.pointer(part.pointer, "pattern")
      if let source = value.string {
        if let automaton = automaton(source, at: here) { part.texts.append(automaton) }
      } else {
        problem(here, "expected a regular expression, found \(value.kind)")
      }
    }
    guard let value = object["format"] else { return }
    let here = SchemaDocument.pointer(part.pointer, "format")
    guard let word = value.string else { return problem(here, "expected text, found \(value.kind)") }
    if word == "regex" { problem(here, "'regex' cannot be enforced while decoding; leave the format out") }
    if let format = StringFormat(rawValue: word),
      let automaton = automaton("^(?:\(format.pattern))$", at: here)
    {
      part.texts.append(automaton)
    }
  }

  private mutating func automaton(_ source: String, at pointer: String) -> ByteAutomaton? {
    if let known = expressions[source] { return known }
    guard statesLeft > 0 else {
      problem(pointer, "the patterns of this schema need too many states together; use smaller repetitions")
      return nil
    }
    let automaton: ByteAutomaton
    do {
      automaton = try RegularExpression(parsing: source).automaton()
    } catch let error as RegularExpressionError {
      problem(pointer, "'\(source.prefix(100))': \(error.message)")
      return nil
    } catch {
      problem(pointer, "'\(source.prefix(100))' needs too many states; use smaller repetitions")
      statesLeft -= ConstraintLimits.automatonStates
      return nil
    }
    statesLeft -= automaton.stateCount
    expressions[source] = automaton
    return automaton
  }

  // MARK: - Lists and objects

  private mutating func readElements(_ object: JSONObject, _ part: inout SchemaPart) {
    if object.keys.contains(where: SchemaWord.lists.contains) { part.topics.formUnion(.array) }
    part.elementCount = range("minItems", "maxItems", of: object, at: part.pointer)
    if let value = object["uniqueItems"], value != false, part.elementCount.most ?? 2 > 1 {
      let here = SchemaDocument.pointer(part.pointer, "uniqueItems")
      problem(here, "'uniqueItems' cannot be enforced while decoding; leave it out and drop what comes twice")
    }
    part.prefix = list("prefixItems", of: object, at: part.pointer)
    guard let items = object["items"] else { return }
    let here = SchemaDocument.pointer(part.pointer, "items")
    if items.array != nil {
      problem(here, "expected one schema for all elements; a list of them is 'prefixItems'")
    } else {
      part.rest = self.part(items, at: here)
    }
  }

  private mutating func readMembers(_ object: JSONObject, _ part: inout SchemaPart) {
    if object.keys.contains(where: SchemaWord.objects.contains) { part.topics.formUnion(.object) }
    part.memberCount = range("minProperties", "maxProperties", of: object, at: part.pointer)
    for (name, value, pointer) in map("properties", of: object, at: part.pointer) {
      part.members.append((name, self.part(value, at: pointer)))
    }
    for (source, value, pointer) in map("patternProperties", of: object, at: part.pointer) {
      let member = self.part(value, at: pointer)
      if let names = automaton(source, at: pointer) { part.patterned.append((names, member)) }
    }
    if let value = object["additionalProperties"] {
      part.others = self.part(value, at: SchemaDocument.pointer(part.pointer, "additionalProperties"))
    }
    if let value = object["propertyNames"] {
      part.memberNames = self.part(value, at: SchemaDocument.pointer(part.pointer, "propertyNames"))
    }
    guard let value = object["required"] else { return }
    let here = SchemaDocument.pointer(part.pointer, "required")
    guard let names = value.array else {
      return problem(here, "expected a list of names, found \(value.kind)")
    }
    for name in names {
      if let name = name.string {
        if !part.required.contains(name) { part.required.append(name) }
      } else {
        problem(here, "expected a name, found \(name.kind)")
      }
    }
  }

  private mutating func readCombinations(_ object: JSONObject, _ part: inout SchemaPart) {
    if let value = object["$ref"], let target = reference(value, at: part.pointer) {
      part.same.append(target)
    }
    part.same += list("allOf", of: object, at: part.pointer)
    for word in ["anyOf", "oneOf"] where object[word] != nil {
      let branches = list(word, of: object, at: part.pointer)
      part.choices.append(
        SchemaPart.Choice(
          branches: branches, isExclusive: word == "oneOf",
          pointer: SchemaDocument.pointer(part.pointer, word)))
    }
  }

  private mutating func reference(_ value: JSONValue, at pointer: String) -> Int? {
    let here = SchemaDocument.pointer(pointer, "$ref")
    guard let text = value.string else {
      problem(here, "expected text such as \"#/$defs/name\", found \(value.kind)")
      return nil
    }
    guard text.hasPrefix("#") else {
      problem(here, "'\(text)' is outside this document, and nothing is fetched; put the schema into '$defs'")
      return nil
    }
    guard let found = document.find(text) else {
      let definitions = document.root["$defs"]?.object?.keys.map { "#/$defs/\($0)" } ?? []
      let hint = EditDistance.nearest(to: text, among: definitions).map { "; did you mean '\($0)'?" } ?? ""
      problem(here, "there is no '\(text)' in this schema\(hint)")
      return nil
    }
    return part(found.value, at: found.pointer)
  }

  /// A subschema that comes back to itself without going deeper into the value says nothing.
  private mutating func reportCircles() {
    enum Mark { case unseen, open, done }
    var marks = [Mark](repeating: .unseen, count: parts.count)
    for root in parts.indices where marks[root] == .unseen {
      var path: [(part: Int, next: Int)] = [(root, 0)]
      marks[root] = .open
      while let (part, next) = path.last {
        let targets = parts[part].same + parts[part].choices.flatMap(\.branches)
        guard next < targets.count else {
          marks[part] = .done
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        switch marks[targets[next]] {
        case .unseen:
          marks[targets[next]] = .open
          path.append((targets[next], 0))
        case .open:
          problem(parts[targets[next]].pointer, "refers to itself without going deeper into the value")
        case .done: break
        }
      }
    }
  }

  // MARK: - Kinds of keywords

  private mutating func list(_ word: String, of object: JSONObject, at pointer: String) -> [Int] {
    guard let value = object[word] else { return [] }
    let here = SchemaDocument.pointer(pointer, word)
    guard let list = value.array, !list.isEmpty else {
      problem(here, "expected a list of schemas, found \(value.array == nil ? value.kind : "an empty one")")
      return []
    }
    var parts: [Int] = []
    for (index, element) in list.enumerated() {
      parts.append(part(element, at: SchemaDocument.pointer(here, String(index))))
    }
    return parts
  }

  private mutating func map(
    _ word: String, of object: JSONObject, at pointer: String
  ) -> [(name: String, value: JSONValue, pointer: String)] {
    guard let value = object[word] else { return [] }
    let here = SchemaDocument.pointer(pointer, word)
    guard let map = value.object else {
      problem(here, "expected an object, found \(value.kind)")
      return []
    }
    return map.members.map { ($0.key, $0.value, SchemaDocument.pointer(here, $0.key)) }
  }

  private mutating func range(
    _ least: String, _ most: String, of object: JSONObject, at pointer: String
  ) -> CountRange {
    let range = CountRange(
      least: count(least, of: object, at: pointer) ?? 0, most: count(most, of: object, at: pointer))
    if range.least > ConstraintLimits.leastCount {
      let here = SchemaDocument.pointer(pointer, least)
      problem(
        here, "is \(range.least); expected at most \(ConstraintLimits.leastCount), as an answer must end")
    }
    return range
  }

  private mutating func count(_ word: String, of object: JSONObject, at pointer: String) -> Int? {
    guard let value = object[word] else { return nil }
    if let count = value.integer, count >= 0 { return min(count, Int(Int32.max) - 1) }
    problem(
      SchemaDocument.pointer(pointer, word),
      "expected a whole number of at least 0, found \(value.double == nil ? value.kind : value.serialised())")
    return nil
  }
}

/// What makes two JSON values the same to JSON Schema: 1 is 1.0, the order of keys is nothing, and strings are compared
/// byte by byte.
struct JSONIdentity: Sendable, Hashable {
  private let bytes: [UInt8]
  init(_ value: JSONValue) { bytes = Array(value.canonical.serialised().utf8) }
}
