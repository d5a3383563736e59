/// How many tokens the answers of a step take, thinking and answer apart. Shares are 0 to 1.
///
/// Means of right answers are nil where none was right, those of stretches where nobody counted the thinking block.
package struct TokenUse: Sendable, Hashable, Codable {
  /// Share of right answers among those that were graded.
  package var rightShare: Double
  /// Mean tokens of a right answer.
  package var ofRight: Double?
  /// Mean tokens of the thinking block, over all answers.
  package var thinking: Double?
  /// Mean tokens after the thinking block, over all answers.
  package var answer: Double?
  package var thinkingOfRight: Double?
  package var answerOfRight: Double?

  package init(
    rightShare: Double, ofRight: Double? = nil, thinking: Double? = nil, answer: Double? = nil,
    thinkingOfRight: Double? = nil, answerOfRight: Double? = nil
  ) {
    self.rightShare = rightShare
    self.ofRight = ofRight
    self.thinking = thinking
    self.answer = answer
    self.thinkingOfRight = thinkingOfRight
    self.answerOfRight = answerOfRight
  }
}

/// The same on held-out Examples, each with its interval.
package struct MeasuredTokenUse: Sendable, Hashable, Codable {
  package var rightShare: Interval
  package var ofRight: Interval?
  package var thinking: Interval?
  package var answer: Interval?
  package var thinkingOfRight: Interval?
  package var answerOfRight: Interval?

  package init(
    rightShare: Interval, ofRight: Interval? = nil, thinking: Interval? = nil, answer: Interval? = nil,
    thinkingOfRight: Interval? = nil, answerOfRight: Interval? = nil
  ) {
    self.rightShare = rightShare
    self.ofRight = ofRight
    self.thinking = thinking
    self.answer = answer
    self.thinkingOfRight = thinkingOfRight
    self.answerOfRight = answerOfRight
  }
}

/// What tuning changed of it, by paired bootstrap over Examples.
package struct TokenUseGain: Sendable, Hashable, Codable {
  package var rightShare: Interval
  /// Mean tokens of the tuned policy over those of the base, less 1: -0.3 is 30% fewer.
  package var relative: Interval
  /// Tuned minus base over the Examples that both answer rightly; nil where there are none.
  package var ofRight: Interval?
  package var thinking: Interval?
  package var answer: Interval?

  package init(
    rightShare: Interval, relative: Interval, ofRight: Interval? = nil, thinking: Interval? = nil,
    answer: Interval? = nil
  ) {
    self.rightShare = rightShare
    self.relative = relative
    self.ofRight = ofRight
    self.thinking = thinking
    self.answer = answer
  }
}
