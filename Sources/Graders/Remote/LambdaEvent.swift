import Records

/// One element of a reward Lambda's event, without its id.
///
/// The guides put the row's columns into `metadata`, the newer samples at the root; both are sent. A column cannot
/// hide `id`, `messages` or `metadata`: those of the row are in `metadata` only.
struct LambdaItem: Sendable {
  let json: JSONObject
  /// Bytes of its JSON, about.
  let size: Int

  /// - Parameter wrapsText: whether a `reference_answer` that is text travels as `{"text": ...}`, as it does for
  ///   open-weight models on Bedrock.
  init(_ sample: GradingSample, wrapsText: Bool) {
    var columns = sample.item
    if wrapsText, let text = columns["reference_answer"]?.string {
      columns["reference_answer"] = ["text": .string(text)]
    }
    var metadata = columns
    if let nested = columns["metadata"]?.object {
      metadata["metadata"] = nil
      for (key, value) in nested.members where metadata[key] == nil { metadata[key] = value }
      if wrapsText, let text = metadata["reference_answer"]?.string {
        metadata["reference_answer"] = ["text": .string(text)]
      }
    }
    var answer = JSONObject([("role", "assistant"), ("content", .string(sample.outputText))])
    if !sample.toolCalls.isEmpty { answer["tool_calls"] = .array(sample.toolCalls.map(\.json)) }
    var json = JSONObject([
      ("messages", .array(sample.messages.map(\.json) + [.object(answer)])), ("metadata", .object(metadata)),
    ])
    // A reference that only the row's own metadata has is wanted at the root as well.
    if let reference = metadata["reference_answer"] { json["reference_answer"] = reference }
    for (key, value) in columns.members where json[key] == nil && key != "id" { json[key] = value }
    self.json = json
    size = JSONValue.object(json).serialised().utf8.count + 64
  }

  /// With the id that its grade comes back under.
  func named(_ id: String) -> JSONValue {
    .object(JSONObject([("id", .string(id))] + json.members.map { ($0.key, $0.value) }))
  }
}
