import Synchronization

/// How far an answer has come under its constraint. A value: a copy goes on by itself.
package struct ConstraintState: Sendable {
  private let constraint: CompiledConstraint
  private var store: AutomatonStore
  private var state: Automaton.State

  init(_ constraint: CompiledConstraint, _ store: AutomatonStore, _ state: Automaton.State) {
    (self.constraint, self.store, self.state) = (constraint, store, state)
  }

  /// The ids that may come next, bit `id & 31` of word `id >> 5`: at least one. End ids are among them where the document
  /// is whole, and alone where nothing else may follow.
  package func mask() -> [UInt32] {
    let vocabulary = constraint.vocabulary
    return store.automaton.withLock { automaton in
      automaton.mask(state, vocabulary)
    }
  }

  /// Goes on by a token; false, and stays, where it is not allowed. An end id changes nothing.
  package mutating func advance(_ token: Int32) -> Bool {
    let vocabulary = constraint.vocabulary.vocabulary
    guard vocabulary.bytes.indices.contains(Int(token)) else { return false }
    if vocabulary.endIDs.contains(token) { return isComplete }
    guard let bytes = vocabulary.bytes[Int(token)], !bytes.isEmpty else { return false }
    let (target, isFull) = store.automaton.withLock { ($0.step(state, bytes), $0.isFull) }
    if target == Automaton.dead { return false }
    state = target
    if isFull { move() }
    return true
  }

  /// Whether what is written is a whole document.
  package var isComplete: Bool { store.automaton.withLock { $0.isComplete(state) } }

  /// Whether it is whole and nothing but the end may follow.
  package var mustEnd: Bool { store.automaton.withLock { $0.mustEnd(state) } }

  private mutating func move() {
    let next = constraint.store()
    guard next !== store else { return }
    let stacks = store.automaton.withLock { $0.stacks(of: state) }
    state = next.automaton.withLock { $0.state(of: stacks) }
    store = next
  }
}
