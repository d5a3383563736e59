/// Puts a grammar together. Nodes can be asked for before they are filled, since a schema may refer to itself.
struct GrammarBuilder {
  private let alphabet: ByteSet
  private var nodes: [Grammar.Rule] = []
  private var automata: [ByteAutomaton] = []
  private var known: [ByteAutomaton: Grammar.Node] = [:]
  private var literals: [[UInt8]: Grammar.Node] = [:]
  private var entries = 0
  /// Set when a limit was passed; what is built then is not used.
  private(set) var excess: String?

  /// - Parameter alphabet: the bytes that the vocabulary has as tokens of their own. No other byte is ever needed to go
  ///   on, so nobody gets stuck.
  init(alphabet: ByteSet) { self.alphabet = alphabet }

  func grammar(root: Grammar.Node) -> Grammar? { Grammar(nodes: nodes, automata: automata, root: root) }

  mutating func reserve() -> Grammar.Node { add(.choice([])) }
  mutating func fill(_ node: Grammar.Node, _ rule: Grammar.Rule) { nodes[Int(node)] = rule }

  mutating func add(_ rule: Grammar.Rule) -> Grammar.Node {
    if nodes.count >= ConstraintLimits.grammarNodes {
      excess = "has more than \(ConstraintLimits.grammarNodes) rules once written out"
      return 0
    }
    nodes.append(rule)
    return Grammar.Node(nodes.count - 1)
  }

  mutating func bytes(_ automaton: ByteAutomaton) -> Grammar.Node {
    if let node = known[automaton] { return node }
    let usable = automaton.restricted(to: alphabet)
    entries += usable.next.count
    if entries > ConstraintLimits.tableEntries {
      excess = "needs tables of more than \(ConstraintLimits.tableEntries) entries"
    } else {
      automata.append(usable)
    }
    let node = add(.bytes(Int32(automata.count - 1)))
    known[automaton] = node
    return node
  }

  mutating func text(_ bytes: [UInt8]) -> Grammar.Node {
    if let node = literals[bytes] { return node }
    let node = self.bytes(ByteAutomaton(texts: [bytes]))
    literals[bytes] = node
    return node
  }

  mutating func text(_ text: String) -> Grammar.Node { self.text(Array(text.utf8)) }

  mutating func sequence(_ parts: [Grammar.Node]) -> Grammar.Node {
    parts.count == 1 ? parts[0] : add(.sequence(parts))
  }

  mutating func choice(_ branches: [Grammar.Node]) -> Grammar.Node {
    branches.count == 1 ? branches[0] : add(.choice(branches))
  }

  /// So many items with separators between them.
  mutating func repetition(
    _ item: Grammar.Node, separator: Grammar.Node? = nil, _ range: CountRange
  ) -> Grammar.Node {
    let next = separator.map { sequence([$0, item]) } ?? item
    return add(.repetition(first: item, next: next, range))
  }
}
