import Records

/// A constraint on its way to a grammar.
struct Composition {
  private(set) var rules: JSONRules
  private let parts: JSONAutomata
  private(set) var problems: [Diagnostic] = []
  /// Why parts of a schema accept nothing, in case the whole does not either.
  private var notes: [Diagnostic] = []

  init(rules: JSONRules, parts: JSONAutomata) { (self.rules, self.parts) = (rules, parts) }

  mutating func problem(_ message: String) {
    problems.append(Diagnostic(.error, file: "", message: message))
  }

  mutating func node(_ constraint: ResponseConstraint, _ builder: inout GrammarBuilder) -> Grammar.Node {
    switch constraint {
    case .object: return rules.anyObject(&builder)
    case .schema(let text): return schema(text, &builder)
    case .text(let text): return builder.text(text)
    case .free(let end):
      do throws(AutomatonTooLarge) {
        return builder.bytes(try ByteAutomaton.text(until: Array(end.utf8)))
      } catch {
        problem("the text that free text goes up to has \(end.utf8.count) bytes; shorten it")
        return 0
      }
    case .sequence(let parts):
      var nodes: [Grammar.Node] = []
      for part in parts { nodes.append(node(part, &builder)) }
      return builder.sequence(nodes)
    case .choice(let branches):
      var nodes: [Grammar.Node] = []
      for branch in branches { nodes.append(node(branch, &builder)) }
      return builder.choice(nodes)
    }
  }

  private mutating func schema(_ text: String, _ builder: inout GrammarBuilder) -> Grammar.Node {
    var compilation = SchemaCompilation(text: text, rules: rules, parts: parts)
    let node = compilation.node(&builder)
    problems += compilation.problems
    notes += compilation.notes
    rules = compilation.rules
    return node
  }

  /// Why nothing is a whole document.
  func emptiness(_ alphabet: ByteSet) -> [Diagnostic] {
    let missing = (UInt8(0x20)...0x7E).filter { !alphabet.contains($0) }
    if !missing.isEmpty {
      let list = missing.prefix(8).map { "'\(Character(UnicodeScalar($0)))'" }.joined(separator: ", ")
      return [
        Diagnostic(
          .error, file: "",
          message:
            "the vocabulary has no token of its own for \(list)\(missing.count > 8 ? " and others" : ""), "
            + "so that an answer could get to where nothing can follow")
      ]
    }
    if !notes.isEmpty { return notes }
    return [
      Diagnostic(
        .error, file: "",
        message: "nothing satisfies this constraint with at most \(ConstraintLimits.depth) lists and objects "
          + "inside each other; look for a member that is required and contains its own kind")
    ]
  }
}
