package import Records

extension GeneratedDataset {
  /// Writes rows of this data set; the same seed gives the same rows, and more rows begin with the fewer.
  /// No two rows have the same prompt.
  ///
  /// - Throws: `InvalidInput` when so many different rows cannot be written.
  package func examples(rows: Int, seed: UInt64) throws(InvalidInput) -> [Example] {
    var hash = StableHash()
    hash.combine(rawValue)
    hash.combine(seed)
    var generator = SplitMix64(seed: hash.value)
    var examples: [Example] = []
    examples.reserveCapacity(max(0, rows))
    var prompts: Set<UInt64> = []
    var misses = 0
    // A thousand draws in a row that give nothing new: what is left is not worth the time.
    while examples.count < rows, misses < 1000 {
      let (message, item) =
        switch self {
        case .supportReply: SupportReplyMail.draw(&generator)
        case .arithmetic: ArithmeticTask.draw(&generator)
        case .jsonExtraction: ExtractionText.draw(&generator)
        case .codeFunctions: CodeFunction.draw(&generator)
        case .wordQuestions: WordQuestion.draw(&generator)
        }
      let number = String(examples.count + 1)
      let id = rawValue + "-" + String(repeating: "0", count: max(0, 5 - number.count)) + number
      let example = Example(id: id, messages: [Message(.user, message)], item: item)
      if prompts.insert(example.promptHash()).inserted {
        examples.append(example)
        misses = 0
      } else {
        misses += 1
      }
    }
    guard rows > 0, examples.count == rows else { throw InvalidInput([shortage(rows, examples.count)]) }
    return examples
  }

  private func shortage(_ rows: Int, _ found: Int) -> Diagnostic {
    let message =
      rows > 0
      ? "\(rows) rows were asked for, but '\(rawValue)' has only about \(found) different ones; ask for fewer"
      : "\(rows) rows were asked for; ask for at least 1"
    return Diagnostic(.error, file: "", path: "data.generate.rows", message: message)
  }
}
