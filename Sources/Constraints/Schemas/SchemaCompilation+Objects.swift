import Records

extension SchemaCompilation {
  /// Members that nobody names: their keys with the colon, and their values.
  private struct OpenMembers {
    var key: Grammar.Node
    var value: Grammar.Node
  }

  private static let patternLimit = 4

  /// An object: the named members in the schema's order, then others where they are allowed.
  mutating func object(
    _ shape: SchemaShape, _ pointer: String, _ builder: inout GrammarBuilder
  ) -> Grammar.Node {
    let range = shape.memberCount
    if range.isEmpty { note(pointer, "asks for more members than it allows") }
    let required = shape.required
    guard let keys = memberNames(shape, pointer) else { return 0 }
    var members: [(node: Grammar.Node, isRequired: Bool)] = []
    for name in shape.names {
      var schemas = shape.schemas(ofMember: name)
      let isRefused = keys.map { !$0.accepts(ByteAutomaton.inside(of: name)) } ?? false
      if isRefused || schemas.contains(where: isNever) {
        if required.contains(name) {
          note(pointer, "requires a member '\(name)', which it does not allow")
          return builder.add(.choice([]))
        }
        continue
      }
      schemas.sort()
      let value = node(for: schemas, &builder)
      members.append((rules.member(name, value, &builder), required.contains(name)))
    }
    guard let open = openMembers(shape, names: shape.names, keys, pointer, &builder) else { return 0 }
    if !open.isEmpty, range.least > members.count + 1 {
      problem(
        "\(pointer)/minProperties",
        "is \(range.least), and cannot be enforced while names are open, as one could come twice; leave it out"
      )
      return 0
    }
    return object(members, open, range, &builder)
  }

  private mutating func object(
    _ members: [(node: Grammar.Node, isRequired: Bool)], _ open: [OpenMembers], _ range: CountRange,
    _ builder: inout GrammarBuilder
  ) -> Grammar.Node {
    let comma = rules.comma(&builder)
    let requiredCount = members.count { $0.isRequired }
    let isCounted =
      range.least > requiredCount || range.most.map { $0 < members.count || !open.isEmpty } ?? false
    // Beyond this many it does not matter how many there were.
    let cap = isCounted ? max(1, range.least, range.most ?? 0) : 1
    let other = open.map { builder.sequence([$0.key, $0.value]) }
    let others = other.isEmpty ? nil : builder.choice(other)

    // What may follow when so many members were written, from the last member to the first.
    var after: [Grammar.Node] = []
    for count in 0...min(cap, members.count) {
      var branches: [Grammar.Node] = []
      if count > 0, !isCounted || count >= range.least { branches.append(builder.add(.sequence([]))) }
      // A name could come twice, so that all others count as one where a least number is asked for.
      if let others, !isCounted || count + 1 >= range.least {
        let most = range.most.map { max(0, $0 - count) }
        let next = builder.sequence([comma, others])
        branches.append(
          builder.add(
            .repetition(first: count > 0 ? next : others, next: next, CountRange(least: 1, most: most))))
      }
      after.append(builder.add(.choice(branches)))
    }
    for index in members.indices.reversed() {
      var before: [Grammar.Node] = []
      for count in 0...min(cap, index) {
        guard builder.excess == nil else { return 0 }
        var branches: [Grammar.Node] = []
        if !isCounted || range.most.map({ count < $0 }) ?? true {
          let next = after[min(count + 1, cap)]
          let parts = [members[index].node, next]
          branches.append(builder.sequence(count > 0 ? [comma] + parts : parts))
        }
        if !members[index].isRequired { branches.append(after[count]) }
        before.append(builder.add(.choice(branches)))
      }
      after = before
    }
    var branches: [Grammar.Node] = []
    if range.least == 0, requiredCount == 0 { branches.append(rules.object(nil, &builder)) }
    branches.append(rules.object(after[0], &builder))
    return builder.add(.choice(range.isEmpty ? [] : branches))
  }

  /// What `propertyNames` allows between the quotes; nil in it without one, nil when it cannot be enforced.
  private mutating func memberNames(_ shape: SchemaShape, _ pointer: String) -> ByteAutomaton?? {
    var found: ByteAutomaton?
    for part in shape.parts.compactMap(\.memberNames) {
      guard let names = nameShape(part) else {
        problem(
          "\(pointer)/propertyNames", "with 'anyOf' or 'oneOf' is not supported; use 'pattern' or 'enum'")
        return nil
      }
      guard let automaton = characters(names, "\(pointer)/propertyNames") else { return nil }
      // A name is a string, whatever else the schema may allow.
      let usable = names.kinds.contains(.string) && !isNever(part) ? automaton : ByteAutomaton(texts: [])
      do throws(AutomatonTooLarge) {
        found = try found?.intersection(usable) ?? usable
      } catch {
        problem("\(pointer)/propertyNames", "needs too many states to enforce; use fewer words on names")
        return nil
      }
    }
    return .some(found)
  }

  /// The members beside the named ones, by which patterns their names have; nil, and a problem, when that is too much.
  private mutating func openMembers(
    _ shape: SchemaShape, names: [String], _ allowed: ByteAutomaton?, _ pointer: String,
    _ builder: inout GrammarBuilder
  ) -> [OpenMembers]? {
    let patterned = shape.parts.enumerated().flatMap { index, part in part.patterned.map { (index, $0) } }
    guard shape.isOpen || !patterned.isEmpty else { return [] }
    if patterned.count > Self.patternLimit {
      problem(
        "\(pointer)/patternProperties",
        "has \(patterned.count) patterns; expected at most \(Self.patternLimit), as any of them may meet in a name"
      )
      return nil
    }
    var open: [OpenMembers] = []
    do throws(AutomatonTooLarge) {
      var free = allowed ?? automata.characters
      if !names.isEmpty {
        free = try free.subtracting(ByteAutomaton(texts: names.map(ByteAutomaton.inside(of:))))
      }
      for set in 0..<(1 << patterned.count) {
        if set == 0, !shape.isOpen { continue }
        var keys = free
        var schemas: [Int] = []
        var covered: Set<Int> = []
        for (bit, (owner, pattern)) in patterned.enumerated() {
          if set >> bit & 1 == 1 {
            keys = try keys.intersection(pattern.names)
            schemas.append(pattern.part)
            covered.insert(owner)
          } else {
            keys = try keys.subtracting(pattern.names)
          }
        }
        for (index, part) in shape.parts.enumerated() where !covered.contains(index) {
          if let others = part.others { schemas.append(others) }
        }
        if keys.isEmpty || schemas.contains(where: isNever) { continue }
        // Without names to keep apart, a key may be spelled as it likes.
        let isFree = names.isEmpty && allowed == nil && patterned.isEmpty
        let key = builder.bytes(isFree ? automata.string : keys.quoted())
        let value = node(for: schemas, &builder)
        let (colon, space) = (builder.text(":"), rules.space(&builder))
        open.append(
          OpenMembers(key: builder.sequence([key, colon]), value: builder.sequence([space, value])))
      }
    } catch {
      problem(pointer, "has names and patterns of members that need too many states together; use fewer")
      return nil
    }
    return open
  }
}
