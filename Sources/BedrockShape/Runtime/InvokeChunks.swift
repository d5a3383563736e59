internal import Foundation
internal import Inference
internal import Records

/// The pieces of InvokeModelWithResponseStream: JSON documents of the model's maker, each wrapped in base64.
struct InvokeChunks: Sendable {
  let body: InvokeBody
  let exchange: ModelExchange
  let chat: @Sendable (AnswerAssembly) -> ChatAnswer

  static func message(_ chunk: JSONValue) -> EventStreamMessage {
    let bytes = Data(chunk.serialised().utf8).base64EncodedString()
    return .event("chunk", JSONValue.object(JSONObject([("bytes", .string(bytes))])).serialised())
  }

  func begin() -> [JSONValue] {
    switch body {
    case .nova: [Self.nested(ConverseEvents.start)]
    case .chat: [chat(AnswerAssembly()).start()]
    }
  }

  func change(_ change: AnswerAssembly.Change, _ assembly: AnswerAssembly) -> [JSONValue] {
    switch body {
    case .nova: ConverseEvents.events(change, in: assembly).map(Self.nested)
    case .chat: chat(assembly).chunks(change)
    }
  }

  /// The last piece carries Bedrock's own figures.
  func end(_ assembly: AnswerAssembly) -> [JSONValue] {
    var pieces: [JSONValue] =
      switch body {
      case .nova(let body):
        ConverseEvents.end(
          ConverseAnswer(assembly: assembly, body: body, milliseconds: exchange.milliseconds)
        ).map(Self.nested)
      case .chat: [chat(assembly).end()]
      }
    if var last = pieces.popLast()?.object {
      last["amazon-bedrock-invocationMetrics"] = [
        "inputTokenCount": .integer(assembly.prompt.tokens.count),
        "outputTokenCount": .integer(assembly.report.completionTokens),
        "invocationLatency": .integer(exchange.milliseconds),
      ]
      pieces.append(.object(last))
    }
    return pieces
  }

  private static func nested(_ event: ConverseEvents.Event) -> JSONValue {
    .object(JSONObject([(event.type, event.value)]))
  }
}
