import Records
import Synchronization

/// A constraint ready to be decoded with, by any number of answers at once on any thread.
package final class CompiledConstraint: Sendable {
  let vocabulary: IndexedVocabulary
  private let grammar: Grammar
  private let current: Mutex<AutomatonStore>

  init(_ grammar: Grammar, _ vocabulary: IndexedVocabulary) {
    (self.grammar, self.vocabulary) = (grammar, vocabulary)
    current = Mutex(AutomatonStore(grammar, vocabulary))
  }

  /// The state of an answer of which nothing is written yet.
  package func start() -> ConstraintState {
    let store = store()
    return ConstraintState(self, store, store.automaton.withLock(\.start))
  }

  /// The automaton that new states belong to: another one when the last has grown too large.
  func store() -> AutomatonStore {
    current.withLock { store in
      if store.automaton.withLock(\.isFull) { store = AutomatonStore(grammar, vocabulary) }
      return store
    }
  }
}

/// An automaton that threads share. It goes when the last state that it knows has gone.
final class AutomatonStore: Sendable {
  let automaton: Mutex<Automaton>
  init(_ grammar: Grammar, _ vocabulary: IndexedVocabulary) {
    automaton = Mutex(Automaton(grammar, reach: vocabulary.trie.longest))
  }
}

/// A vocabulary with what is made of it once.
final class IndexedVocabulary: Sendable {
  let vocabulary: TokenVocabulary
  let trie: VocabularyTrie
  let words: Int
  let endMask: [UInt32]

  init(_ vocabulary: TokenVocabulary) {
    self.vocabulary = vocabulary
    trie = VocabularyTrie(vocabulary)
    words = (vocabulary.bytes.count + 31) / 32
    var mask = [UInt32](repeating: 0, count: words)
    for id in vocabulary.endIDs where vocabulary.bytes.indices.contains(Int(id)) {
      mask[Int(id) >> 5] |= 1 << UInt32(id & 31)
    }
    endMask = mask
  }
}
