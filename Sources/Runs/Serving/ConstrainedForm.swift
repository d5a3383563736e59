internal import Constraints
internal import LanguageModels

/// A compiled constraint as batches take it.
struct ConstrainedForm: AnswerForm {
  let constraint: CompiledConstraint
  let endIDs: Set<Int32>

  func begin() -> any AnswerState { ConstrainedState(state: constraint.start()) }
}

private struct ConstrainedState: AnswerState {
  var state: ConstraintState

  func allowed() -> [UInt32] { state.mask() }

  mutating func take(_ token: Int32) {
    let wasAllowed = state.advance(token)
    precondition(wasAllowed, "a token was drawn that the mask left out")
  }

  var isOver: Bool { state.mustEnd }
}
