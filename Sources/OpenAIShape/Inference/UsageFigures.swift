import Records

/// What a request took, as the wire tells it.
struct UsageFigures: Sendable, Hashable {
  var prompt: Int
  var cached: Int
  var completion: Int
  var reasoning: Int

  var completionsJSON: JSONValue {
    [
      "prompt_tokens": .integer(prompt), "completion_tokens": .integer(completion),
      "total_tokens": .integer(prompt + completion),
      "prompt_tokens_details": ["cached_tokens": .integer(cached)],
      "completion_tokens_details": ["reasoning_tokens": .integer(reasoning)],
    ]
  }

  var responsesJSON: JSONValue {
    [
      "input_tokens": .integer(prompt), "input_tokens_details": ["cached_tokens": .integer(cached)],
      "output_tokens": .integer(completion),
      "output_tokens_details": ["reasoning_tokens": .integer(reasoning)],
      "total_tokens": .integer(prompt + completion),
    ]
  }
}
