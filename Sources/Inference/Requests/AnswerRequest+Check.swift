extension AnswerRequest {
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
