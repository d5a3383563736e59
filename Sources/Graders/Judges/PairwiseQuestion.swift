import Records

/// What a judge is shown of two answers: the task, the criteria, and both answers between marks that they cannot
/// contain.
struct PairwiseQuestion: Sendable {
  static let keys = ["criteria", "task", "answer"]
  private let criteria: Template
  /// Nil for the conversation that was answered.
  private let task: Template?
  private let answer: Template

  /// One answer as it is compared.
  struct Answer: Sendable {
    let text: String
    let criteria: String
    let task: String
  }
  struct Lacking: Error { let text: String }

  /// Nil when something was reported.
  init?(_ reader: DefinitionReader) {
    let criteria = reader.requiredTemplate("criteria", "what makes one answer better than another")
    task = reader.template("task")
    answer = reader.template("answer") ?? .outputText
    for (key, template) in [("criteria", criteria), ("task", task)] where template?.readsAnswer == true {
      reader.error(key, "reads the answer; two are compared, and 'answer' says what is shown of each")
    }
    if let literal = criteria?.literal, literal.allSatisfy(\.isWhitespace) {
      reader.error("criteria", "is blank; expected what makes one answer better than another")
    }
    guard let criteria else { return nil }
    self.criteria = criteria
  }

  /// - Throws: what the row lacks.
  func answer(of sample: GradingSample) throws(GradeFailure) -> Result<Answer, Lacking> {
    var texts: [String] = []
    for template in [answer, criteria, task].compactMap(\.self) {
      switch try template.render(sample) {
      case .text(let text): texts.append(text)
      case .answerLacks(let reason): return .failure(Lacking(text: reason))
      }
    }
    let task = texts.count > 2 ? texts[2] : Self.conversation(sample.messages)
    return .success(Answer(text: texts[0], criteria: texts[1], task: task))
  }

  private static func conversation(_ messages: [Message]) -> String {
    messages.map { "\($0.role.rawValue): \($0.text)" }.joined(separator: "\n\n")
  }

  func messages(_ first: Answer, _ second: Answer) -> [JSONValue] {
    let fence = AnswerFence(around: [first.text, second.text])
    let task = first.task.isEmpty ? "" : "The task was:\n\n\(first.task)\n\n"
    let system = """
      You compare two answers to the same task, A and B, and say which is better. Their order means nothing. \
      Length alone is no merit.

      \(fence.instruction(["answer-A", "answer-B"]))
      """
    let user = """
      \(task)What counts: \(first.criteria)

      \(fence.quote(first.text, as: "answer-A"))

      \(fence.quote(second.text, as: "answer-B"))

      Which answer is better by what counts? The result is "A", "B", or "tie" where neither is.
      """
    return [
      ["role": "system", "content": .string(system)], ["role": "user", "content": .string(user)],
    ]
  }
}
