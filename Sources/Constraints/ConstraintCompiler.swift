package import Records
import Synchronization

/// Makes constraints for one vocabulary.
package final class ConstraintCompiler: Sendable {
  private let vocabulary: IndexedVocabulary
  private let parts: JSONAutomata
  /// Those made last, the newest at the end: what they know of masks is of use to the next answer.
  private let made = Mutex<[(constraint: ResponseConstraint, compiled: CompiledConstraint)]>([])

  /// Indexes the vocabulary, which takes some 50 ms.
  package init(vocabulary: TokenVocabulary) {
    self.vocabulary = IndexedVocabulary(vocabulary)
    guard let parts = try? JSONAutomata() else {
      preconditionFailure("the automata of JSON have fewer than a thousand states")
    }
    self.parts = parts
  }

  /// Compiles a constraint, or finds it among those compiled last.
  ///
  /// - Throws: every reason why an answer could not be held to it: what a schema asks and decoding cannot enforce, what
  ///   nothing satisfies, what is too large, and bytes that the vocabulary does not have.
  package func compile(_ constraint: ResponseConstraint) throws(ConstraintError) -> CompiledConstraint {
    if let known = find(constraint) { return known }
    guard
      vocabulary.vocabulary.endIDs.contains(where: { vocabulary.vocabulary.bytes.indices.contains(Int($0)) })
    else { throw ConstraintError("the vocabulary has no id that ends an answer; give it at least one") }

    var builder = GrammarBuilder(alphabet: vocabulary.trie.alphabet)
    var composition = Composition(rules: JSONRules(parts), parts: parts)
    let root = composition.node(constraint, &builder)
    if let excess = builder.excess { composition.problem("the constraint \(excess)") }
    guard composition.problems.isEmpty else { throw ConstraintError(composition.problems) }
    guard let grammar = builder.grammar(root: root) else {
      throw ConstraintError(composition.emptiness(vocabulary.trie.alphabet))
    }
    let compiled = CompiledConstraint(grammar, vocabulary)
    keep(compiled, for: constraint)
    return compiled
  }

  private func find(_ constraint: ResponseConstraint) -> CompiledConstraint? {
    made.withLock { made in
      guard let index = made.firstIndex(where: { $0.constraint == constraint }) else { return nil }
      let entry = made.remove(at: index)
      made.append(entry)
      return entry.compiled
    }
  }

  private func keep(_ compiled: CompiledConstraint, for constraint: ResponseConstraint) {
    made.withLock { made in
      made.append((constraint, compiled))
      if made.count > ConstraintLimits.compiled { made.removeFirst() }
    }
  }
}
