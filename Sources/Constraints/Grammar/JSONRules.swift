/// The parts of JSON that every schema is put together from, each made when it is first asked for.
struct JSONRules {
  private let parts: JSONAutomata
  private var anyNode: Grammar.Node?
  private var anyObjectNode: Grammar.Node?
  private var anyListNode: Grammar.Node?

  init(_ parts: JSONAutomata) { self.parts = parts }

  func space(_ builder: inout GrammarBuilder) -> Grammar.Node { builder.bytes(.space) }

  func comma(_ builder: inout GrammarBuilder) -> Grammar.Node {
    let parts = [builder.text(","), space(&builder)]
    return builder.sequence(parts)
  }

  /// A string of any characters, so many of them.
  func string(_ range: CountRange, _ builder: inout GrammarBuilder) -> Grammar.Node {
    if range.isAny { return builder.bytes(parts.string) }
    let quote = builder.text("\"")
    let character = builder.bytes(parts.character)
    let characters = builder.repetition(character, range)
    return builder.sequence([quote, characters, quote])
  }

  /// The members of an object between its braces.
  ///
  /// - Parameter members: nil for an object without any.
  func object(_ members: Grammar.Node?, _ builder: inout GrammarBuilder) -> Grammar.Node {
    let space = space(&builder)
    let (open, close) = (builder.text("{"), builder.text("}"))
    var whole = [open, space]
    if let members { whole += [members, space] }
    let inside = builder.sequence(whole + [close])
    return builder.add(.nested(inside))
  }

  /// The elements of a list between its brackets.
  func list(_ elements: Grammar.Node?, _ builder: inout GrammarBuilder) -> Grammar.Node {
    let space = space(&builder)
    let (open, close) = (builder.text("["), builder.text("]"))
    var whole = [open, space]
    if let elements { whole += [elements, space] }
    let inside = builder.sequence(whole + [close])
    return builder.add(.nested(inside))
  }

  /// A key, a colon and a value.
  func member(_ key: Grammar.Node, _ value: Grammar.Node, _ builder: inout GrammarBuilder) -> Grammar.Node {
    let (colon, space) = (builder.text(":"), space(&builder))
    return builder.sequence([key, colon, space, value])
  }

  func member(_ key: String, _ value: Grammar.Node, _ builder: inout GrammarBuilder) -> Grammar.Node {
    let (key, space) = (builder.text(JSONText.quoted(key) + [UInt8(ascii: ":")]), space(&builder))
    return builder.sequence([key, space, value])
  }

  mutating func anyValue(_ builder: inout GrammarBuilder) -> Grammar.Node {
    if let anyNode { return anyNode }
    let node = builder.reserve()
    anyNode = node
    let words = builder.bytes(ByteAutomaton(texts: ["true", "false", "null"].map { Array($0.utf8) }))
    let branches = [
      builder.bytes(parts.string), builder.bytes(parts.number), words, anyObject(&builder),
      anyList(&builder),
    ]
    builder.fill(node, .choice(branches))
    return node
  }

  mutating func anyObject(_ builder: inout GrammarBuilder) -> Grammar.Node {
    if let anyObjectNode { return anyObjectNode }
    let node = builder.reserve()
    anyObjectNode = node
    let value = anyValue(&builder)
    let member = member(builder.bytes(parts.string), value, &builder)
    let separator = comma(&builder)
    let some = builder.repetition(member, separator: separator, CountRange(least: 1))
    let branches = [object(nil, &builder), object(some, &builder)]
    builder.fill(node, .choice(branches))
    return node
  }

  mutating func anyList(_ builder: inout GrammarBuilder) -> Grammar.Node {
    if let anyListNode { return anyListNode }
    let node = builder.reserve()
    anyListNode = node
    let value = anyValue(&builder)
    let separator = comma(&builder)
    let some = builder.repetition(value, separator: separator, CountRange(least: 1))
    let branches = [list(nil, &builder), list(some, &builder)]
    builder.fill(node, .choice(branches))
    return node
  }
}

/// Automata that every grammar of a compiler shares.
struct JSONAutomata: Sendable {
  /// A JSON string with its quotes, spelled in any way.
  let string: ByteAutomaton
  /// One character of it.
  let character: ByteAutomaton
  /// What may be between quotes, in the shortest spelling.
  let characters: ByteAutomaton
  let number: ByteAutomaton
  let integer: ByteAutomaton

  init() throws(AutomatonTooLarge) {
    string = try ByteAutomaton.characters(.any).quoted()
    character = try ByteAutomaton.character(.any)
    characters = try ByteAutomaton.characters(.shortest)
    number = try ByteAutomaton.number(NumberRange())
    integer = try ByteAutomaton.number(NumberRange(isWhole: true))
  }
}
