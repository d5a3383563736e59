import Records

/// Turns a schema into rules of a grammar, one node for each set of subschemas that hold for the same value.
struct SchemaCompilation {
  /// What holds for a value: whole subschemas, subschemas without what they refer to, and choices yet to be made.
  private struct Conjunction: Hashable {
    var whole: [Int] = []
    var bare: [Int] = []
    var choices: [Int] = []
  }

  private let text: String
  var rules: JSONRules
  let automata: JSONAutomata
  private(set) var problems: [Diagnostic] = []
  /// Why parts accept nothing.
  private(set) var notes: [Diagnostic] = []
  private var parts: [SchemaPart] = []
  private var choices: [SchemaPart.Choice] = []
  /// The places in `choices` of each part's.
  private var choicesOfPart: [Range<Int>] = []
  private var nodes: [Conjunction: Grammar.Node] = [:]
  private var work: [(node: Grammar.Node, conjunction: Conjunction)] = []
  private var multiplied = 0

  init(text: String, rules: JSONRules, parts automata: JSONAutomata) {
    (self.text, self.rules, self.automata) = (text, rules, automata)
  }

  mutating func problem(_ pointer: String, _ message: String) {
    problems.append(Diagnostic(.error, file: "", path: pointer, message: message))
  }

  mutating func note(_ pointer: String, _ message: String) {
    if notes.count < 8 { notes.append(Diagnostic(.error, file: "", path: pointer, message: message)) }
  }

  mutating func node(_ builder: inout GrammarBuilder) -> Grammar.Node {
    guard text.utf8.count <= ConstraintLimits.schemaBytes else {
      problem("#", "has \(text.utf8.count) bytes; expected at most \(ConstraintLimits.schemaBytes)")
      return 0
    }
    let document: JSONValue
    do throws(JSONSyntaxError) {
      document = try JSONValue(parsing: text)
    } catch {
      problem("#", "is not JSON: \(error)")
      return 0
    }
    var reader = SchemaReader(SchemaDocument(root: document))
    reader.read()
    problems = reader.problems
    guard problems.isEmpty else { return 0 }
    parts = reader.parts
    for part in parts {
      choicesOfPart.append(choices.count..<choices.count + part.choices.count)
      choices += part.choices
    }
    reportOverlaps()
    let root = node(for: Conjunction(whole: [0]), &builder)
    while problems.isEmpty, builder.excess == nil, let (node, conjunction) = work.popLast() {
      builder.fill(node, .choice(branches(of: conjunction, &builder)))
    }
    return root
  }

  /// The node for a value that all of these hold for.
  mutating func node(for parts: [Int], _ builder: inout GrammarBuilder) -> Grammar.Node {
    node(for: Conjunction(whole: Set(parts).sorted()), &builder)
  }

  private mutating func node(for conjunction: Conjunction, _ builder: inout GrammarBuilder) -> Grammar.Node {
    if let node = nodes[conjunction] { return node }
    let node = builder.reserve()
    nodes[conjunction] = node
    work.append((node, conjunction))
    return node
  }

  // MARK: - Choices

  /// Follows references and `allOf`, and collects the choices to be made.
  private func flattened(_ conjunction: Conjunction) -> (bare: [Int], choices: [Int]) {
    var bare = conjunction.bare
    var choices = conjunction.choices
    var seen = Set(bare)
    var work = Array(conjunction.whole.reversed())
    while let part = work.popLast() {
      guard seen.insert(part).inserted else { continue }
      bare.append(part)
      choices += choicesOfPart[part]
      work += parts[part].same.reversed()
    }
    return (bare, choices)
  }

  private mutating func branches(
    of conjunction: Conjunction, _ builder: inout GrammarBuilder
  ) -> [Grammar.Node] {
    let (bare, open) = flattened(conjunction)
    if bare.contains(where: { parts[$0].isNever }) { return [] }
    if bare.count > ConstraintLimits.conjunction {
      problem(
        parts[bare[0]].pointer,
        "more than \(ConstraintLimits.conjunction) schemas hold for one value; merge some")
      return []
    }
    guard let choice = open.first else { return values(SchemaShape(bare.map { parts[$0] }), &builder) }
    let rest = Array(open.dropFirst())
    var nodes: [Grammar.Node] = []
    for branch in choices[choice].branches {
      if !rest.isEmpty { multiplied += 1 }
      nodes.append(
        node(for: Conjunction(whole: [branch], bare: bare.sorted(), choices: rest), &builder))
    }
    if multiplied > ConstraintLimits.branches {
      problem(
        choices[choice].pointer,
        "choices beside each other make more than \(ConstraintLimits.branches) cases; write fewer of them")
    }
    return nodes
  }

  /// `oneOf` is kept only where no value fits two branches.
  private mutating func reportOverlaps() {
    for choice in choices where choice.isExclusive {
      let sides = choice.branches.map {
        SchemaShape(flattened(Conjunction(whole: [$0])).bare.map { parts[$0] })
      }
      guard sides.count <= 200 else {
        problem(choice.pointer, "has \(sides.count) branches; expected at most 200, or 'anyOf'")
        continue
      }
      overlaps: for (index, side) in sides.enumerated() {
        for other in sides.indices.dropFirst(index + 1) where !isDisjoint(side, sides[other]) {
          problem(
            choice.pointer,
            "a value could fit both branch \(index) and branch \(other), which 'oneOf' rules out and decoding cannot; "
              + "use 'anyOf', or give each branch a required member with a 'const' of its own")
          break overlaps
        }
      }
    }
  }

  private func isDisjoint(_ a: SchemaShape, _ b: SchemaShape) -> Bool {
    if a.parts.contains(where: \.isNever) || b.parts.contains(where: \.isNever) { return true }
    // What has no type may be of any, whatever its words are about.
    func kinds(_ shape: SchemaShape) -> ValueKinds {
      if let values = shape.values { return values.reduce(into: []) { $0.formUnion(ValueKinds(of: $1)) } }
      return shape.parts.compactMap(\.kinds).reduce(.all) { $0.intersection($1) }
    }
    let shared = kinds(a).intersection(kinds(b))
    if shared.isEmpty { return true }
    if let a = a.values, let b = b.values {
      return Set(a.map(JSONIdentity.init)).isDisjoint(with: b.map(JSONIdentity.init))
    }
    guard shared == .object else { return false }
    for name in a.required where b.required.contains(name) {
      if let one = memberValues(a, name), let two = memberValues(b, name), one.isDisjoint(with: two) {
        return true
      }
    }
    return excludes(a, b) || excludes(b, a)
  }

  /// The values that a member may have; nil where they are not few.
  private func memberValues(_ shape: SchemaShape, _ name: String) -> Set<JSONIdentity>? {
    let member = flattened(Conjunction(whole: shape.schemas(ofMember: name))).bare.map { parts[$0] }
    return SchemaShape(member).values.map { Set($0.map(JSONIdentity.init)) }
  }

  /// Whether one requires a member that the other says it must not have.
  private func excludes(_ a: SchemaShape, _ b: SchemaShape) -> Bool {
    a.required.contains { name in
      b.schemas(ofMember: name).contains { parts[$0].isNever }
    }
  }

  // MARK: - Kinds of values

  private mutating func values(_ shape: SchemaShape, _ builder: inout GrammarBuilder) -> [Grammar.Node] {
    let pointer = shape.parts.first?.pointer ?? "#"
    if let values = shape.values { return constants(values, shape, pointer, &builder) }
    if shape.kinds.isEmpty { note(pointer, "asks for two types at once, so that nothing is valid") }
    var nodes: [Grammar.Node] = []
    let isPlain = shape.parts.allSatisfy(\.topics.isEmpty)
    if isPlain, shape.kinds == .all { return [rules.anyValue(&builder)] }
    var words: [String] = []
    if shape.kinds.contains(.null) { words.append("null") }
    if shape.kinds.contains(.boolean) { words += ["true", "false"] }
    if !words.isEmpty { nodes.append(builder.bytes(ByteAutomaton(texts: words.map { Array($0.utf8) }))) }
    if !shape.kinds.isDisjoint(with: .number) { nodes.append(number(shape, pointer, &builder)) }
    if shape.kinds.contains(.string) { nodes.append(string(shape, pointer, &builder)) }
    if shape.kinds.contains(.array) { nodes.append(list(shape, pointer, &builder)) }
    if shape.kinds.contains(.object) { nodes.append(object(shape, pointer, &builder)) }
    return nodes
  }

  private mutating func constants(
    _ values: [JSONValue], _ shape: SchemaShape, _ pointer: String, _ builder: inout GrammarBuilder
  ) -> [Grammar.Node] {
    if values.isEmpty { note(pointer, "has no value that everything else said about it allows") }
    var texts: [[UInt8]] = []
    var nodes: [Grammar.Node] = []
    for value in values {
      switch value {
      case .array, .object:
        if shape.hasStructure {
          problem(
            pointer, "has 'enum' or 'const' with lists or objects beside words on what is in them; keep one")
          return []
        }
        nodes.append(constant(value, depth: 0, &builder))
      default: texts.append(Array(value.serialised().utf8))
      }
    }
    if !texts.isEmpty { nodes.append(builder.bytes(ByteAutomaton(texts: texts))) }
    return nodes
  }

  private mutating func constant(
    _ value: JSONValue, depth: Int, _ builder: inout GrammarBuilder
  ) -> Grammar.Node {
    // Deeper than an answer may be, so nothing.
    if depth > Int(ConstraintLimits.depth) { return builder.add(.choice([])) }
    var inside: [Grammar.Node] = []
    let comma = rules.comma(&builder)
    switch value {
    case .array(let elements):
      for element in elements {
        if !inside.isEmpty { inside.append(comma) }
        inside.append(constant(element, depth: depth + 1, &builder))
      }
      return rules.list(inside.isEmpty ? nil : builder.sequence(inside), &builder)
    case .object(let object):
      for (key, member) in object.members {
        if !inside.isEmpty { inside.append(comma) }
        let node = constant(member, depth: depth + 1, &builder)
        inside.append(rules.member(key, node, &builder))
      }
      return rules.object(inside.isEmpty ? nil : builder.sequence(inside), &builder)
    default: return builder.text(value.serialised())
    }
  }

  private mutating func number(
    _ shape: SchemaShape, _ pointer: String, _ builder: inout GrammarBuilder
  ) -> Grammar.Node {
    var range = shape.numbers
    range.isWhole = !shape.kinds.contains(.fraction)
    if range.isAny { return builder.bytes(range.isWhole ? automata.integer : automata.number) }
    if shape.hasTwoSteps {
      problem(pointer, "has two different 'multipleOf' for one value, which is not supported; write one")
      return 0
    }
    do throws(AutomatonTooLarge) {
      let automaton = try ByteAutomaton.number(range)
      if automaton.isEmpty {
        note(pointer, "leaves no number of at most \(ConstraintLimits.wholeDigits) digits")
      }
      return builder.bytes(automaton)
    } catch {
      let step = range.step.map(\.text) ?? ""
      problem(
        "\(pointer)/multipleOf", "multiples of \(step) need too many states to enforce; use a smaller step")
      return 0
    }
  }

  private mutating func string(
    _ shape: SchemaShape, _ pointer: String, _ builder: inout GrammarBuilder
  ) -> Grammar.Node {
    if shape.length.isEmpty { note(pointer, "asks for more characters than it allows") }
    guard shape.parts.contains(where: { !$0.texts.isEmpty }) else {
      return rules.string(shape.length, &builder)
    }
    guard let inside = characters(shape, pointer) else { return 0 }
    if inside.isEmpty { note(pointer, "has words on strings that no string keeps all of") }
    return builder.bytes(inside.quoted())
  }

  /// What may stand between the quotes; nil, and a problem, when that is too large.
  mutating func characters(_ shape: SchemaShape, _ pointer: String) -> ByteAutomaton? {
    if let values = shape.values {
      let texts = values.compactMap(\.string).map { ByteAutomaton.inside(of: $0) }
      return ByteAutomaton(texts: texts)
    }
    do throws(AutomatonTooLarge) {
      var found = shape.length.isAny ? nil : try ByteAutomaton.characters(shape.length)
      for text in shape.parts.flatMap(\.texts) { found = try found?.intersection(text) ?? text }
      return found ?? automata.characters
    } catch {
      problem(
        pointer,
        "its pattern or format and its length together need more than \(ConstraintLimits.automatonStates) states; "
          + "say the length in the pattern")
      return nil
    }
  }

  /// The shape of a member's name, as far as it is one; choices are not followed.
  func nameShape(_ part: Int) -> SchemaShape? {
    let (bare, choices) = flattened(Conjunction(whole: [part]))
    return choices.isEmpty ? SchemaShape(bare.map { parts[$0] }) : nil
  }

  func isNever(_ part: Int) -> Bool { parts[part].isNever }
}
