internal import Records

/// The events of a stream, as ConverseStream frames them and Nova's stream of InvokeModel nests them.
enum ConverseEvents {
  typealias Event = (type: String, value: JSONValue)

  static let start: Event = ("messageStart", ["role": "assistant"])

  /// The events of a change; blocks of text begin without one.
  static func events(_ change: AnswerAssembly.Change, in assembly: AnswerAssembly) -> [Event] {
    func delta(_ index: Int, _ value: JSONValue) -> [Event] {
      [("contentBlockDelta", ["contentBlockIndex": .integer(index), "delta": value])]
    }
    switch change {
    case .began(let index):
      guard case .toolUse(let id, let name, _) = assembly.blocks[index] else { return [] }
      return [
        (
          "contentBlockStart",
          [
            "contentBlockIndex": .integer(index),
            "start": ["toolUse": ["toolUseId": .string(id), "name": .string(name)]],
          ]
        )
      ]
    case .reasoning(let index, let text): return delta(index, ["reasoningContent": ["text": .string(text)]])
    case .text(let index, let text): return delta(index, ["text": .string(text)])
    case .arguments(let index, let text): return delta(index, ["toolUse": ["input": .string(text)]])
    case .ended(let index): return [("contentBlockStop", ["contentBlockIndex": .integer(index)])]
    }
  }

  static func end(_ answer: ConverseAnswer) -> [Event] {
    var stop = JSONObject()
    if let reason = answer.stopReason { stop["stopReason"] = .string(reason) }
    if let fields = answer.additionalFields { stop["additionalModelResponseFields"] = fields }
    var metadata = JSONObject([("usage", answer.usage), ("metrics", answer.metrics)])
    for (key, value) in answer.body.repeated.members { metadata[key] = value }
    return [("messageStop", .object(stop)), ("metadata", .object(metadata))]
  }
}
