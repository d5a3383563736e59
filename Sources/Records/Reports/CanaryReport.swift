/// Answers that deserve nothing. Each is made from an Example without looking for what is right.
package enum Canary: String, Sendable, Hashable, Codable, CaseIterable {
  case empty
  /// One symbol; judges have paid for it (arXiv 2507.08794).
  case symbol
  case promptEcho = "prompt_echo"
  /// An opening that promises work.
  case letsThink = "lets_think"
  /// A line that tells a judge what to do.
  case judgeInstruction = "judge_instruction"
  /// The words of the grader's definition, one after the other.
  case rulesRecited = "rules_recited"
  /// The marks of the form, with nothing inside.
  case formatOnly = "format_only"
  /// Many numbers or words one after the other, so that the right one may be among them.
  case enumeration
  /// What is right for another Example.
  case anotherAnswer = "another_answer"
}

/// What a grader gave for canaries.
package struct CanaryReport: Sendable, Hashable, Codable {
  /// One canary over the Examples it could be made for.
  package struct Entry: Sendable, Hashable, Codable {
    package var canary: Canary
    /// Mean reward of those that were graded; NaN when none was.
    package var reward: Double
    package var graded: Int
    package var failed: Int
    /// The best paid one, to look at.
    package var answer: String
    /// The Example it answers.
    package var exampleID: String

    package init(
      canary: Canary, reward: Double, graded: Int, failed: Int, answer: String, exampleID: String
    ) {
      self.canary = canary
      self.reward = reward
      self.graded = graded
      self.failed = failed
      self.answer = answer
      self.exampleID = exampleID
    }
  }
  package var entries: [Entry]

  package init(entries: [Entry]) { self.entries = entries }

  /// Canaries that were paid at least `limit` of full marks.
  package func paid(_ limit: Double, fullMarks: Double) -> [Entry] {
    entries.filter { $0.reward.isFinite && $0.reward >= limit * fullMarks }
  }
}
