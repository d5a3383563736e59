internal import Records

extension AnswerRequest {
  /// Turns away a text that cannot fit however it is cut into tokens, before seconds are spent on cutting it.
  func check(positions: Int, longestToken: Int) throws(InferenceError) {
    let bytes =
      switch prompt {
      case .conversation(let messages, _, _): messages.reduce(0) { $0 + $1.text.utf8.count }
      case .text(let text): text.utf8.count
      case .tokens(let ids): ids.count
      }
    guard bytes / longestToken > positions else { return }
    throw InferenceError(
      .contextLength,
      "this model's context is \(positions) tokens, and a prompt of \(bytes) bytes has more of them however it is "
        + "read; shorten the prompt")
  }

  /// Whether prompt and answer fit the model; throws with the figures.
  func check(_ prompt: ModelText.Prompt, positions: Int) throws(InferenceError) {
    guard choices > 0 else {
      throw InferenceError(.invalid(param: "n"), "n is \(choices); expected 1 or more")
    }
    guard !prompt.ids.isEmpty else {
      throw InferenceError(.invalid(param: "prompt"), "the prompt is empty; give at least one token")
    }
    let room = positions - prompt.ids.count
    guard room >= (maxTokens == 0 ? 0 : 1) else {
      throw InferenceError(
        .contextLength,
        "this model's context is \(positions) tokens, and the prompt has \(prompt.ids.count), which leaves no "
          + "room for an answer; shorten the prompt")
    }
  }
}
