/// What answers are held to; begun anew for each.
package protocol AnswerForm: Sendable {
  /// Tokens that end an answer; allowed where it is whole.
  var endIDs: Set<Int32> { get }
  /// An answer of which nothing is written.
  func begin() -> any AnswerState
}

/// How far an answer has come.
package protocol AnswerState {
  /// Tokens that may come next: a bit for each, the lowest first, `(vocabulary + 31) / 32` words.
  func allowed() -> [UInt32]
  /// Goes on by a token that was allowed.
  mutating func take(_ token: Int32)
  /// Whether the answer is whole and nothing but its end may follow.
  var isOver: Bool { get }
}
