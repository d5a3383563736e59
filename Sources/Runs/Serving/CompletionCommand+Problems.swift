internal import Records
internal import Torch

extension CompletionCommand {
  /// What is wrong, and with which field where the sender of a command may have it from a client.
  struct Problem: Sendable, Hashable {
    var sentence: String
    var field: String?
  }

  /// What keeps a model from carrying it out.
  func problems(vocabulary: Int, positions: Int) -> [Problem] {
    var problems: [Problem] = []
    func expect(_ holds: Bool, _ sentence: @autoclosure () -> String) {
      if !holds { problems.append(Problem(sentence: sentence())) }
    }
    func expectIDs(_ ids: some Sequence<Int32>, _ name: String) {
      guard let wrong = ids.first(where: { $0 < 0 || Int($0) >= vocabulary }) else { return }
      problems.append(
        Problem(
          sentence: "\(name) has the token id \(wrong); the model's ids are 0 to \(vocabulary - 1)",
          field: name))
    }
    let longest = maxTokens == 0 ? positions : positions - 1
    expect(!prompt.isEmpty, "the prompt is empty; give at least one token")
    expect(
      prompt.count <= longest,
      "the prompt has \(prompt.count) tokens; the longest that fits is \(longest)"
        + (maxTokens == 0 ? "" : ", which leaves room for one more"))
    expectIDs(prompt, "prompt")
    expectIDs(stopIDs, "stopIDs")
    expectIDs(bias.map(\.token), "bias")
    expect(!seeds.isEmpty, "there are no seeds; give one for each attempt")
    expect(maxTokens >= 0, "maxTokens is \(maxTokens); expected 0 or more")
    expect(minTokens >= 0, "minTokens is \(minTokens); expected 0 or more")
    expect(temperature >= 0 && temperature.isFinite, "temperature is \(temperature); expected 0 or more")
    expect(topP > 0 && topP <= 1, "topP is \(topP); expected more than 0 and at most 1")
    expect(topK >= 0, "topK is \(topK); expected 0, for all tokens, or more")
    expect(minP >= 0 && minP <= 1, "minP is \(minP); expected 0 to 1")
    // Far beyond what changes any draw, and far from where float32 ends.
    for (name, value) in [("presencePenalty", presencePenalty), ("frequencyPenalty", frequencyPenalty)] {
      expect(abs(value) <= 1000, "\(name) is \(value); expected -1000 to 1000")
    }
    expect(
      repetitionPenalty >= 0.001 && repetitionPenalty <= 1000,
      "repetitionPenalty is \(repetitionPenalty); expected 0.001 to 1000")
    if let wrong = bias.first(where: { !(abs($0.bias) <= 1000) }) {
      problems.append(
        Problem(
          sentence: "the bias of token \(wrong.token) is \(wrong.bias); expected -1000 to 1000", field: "bias"
        ))
    }
    if let topCount {
      expect(
        (0...DrawTerms.mostLikely).contains(topCount),
        "topCount is \(topCount); expected 0 to \(DrawTerms.mostLikely)")
    }
    return problems
  }
}
