internal import Gateway
internal import HTTPTypes
internal import Hummingbird
internal import Inference
internal import NIOCore
internal import Records

/// Answers as event streams.
enum EventStreamBody {
  /// What a stream says of an answer as it comes.
  struct Telling: Sendable {
    var begin: @Sendable () -> [EventStreamMessage]
    /// Of a change, and the answer with it.
    var change: @Sendable (AnswerAssembly.Change, AnswerAssembly) -> [EventStreamMessage]
    var end: @Sendable (AnswerAssembly) -> [EventStreamMessage]
    /// After the last message, or when there will be none: counts and logs. The last is what went wrong, if anything.
    var finish: @Sendable (AnswerAssembly, InvocationRecord.Failure?) async -> Void
  }

  /// A client that goes away makes the next write fail; the events are dropped then, which ends the work behind them.
  static func response(
    _ events: AsyncThrowingStream<AnswerEvent, any Error>, headers: HTTPFields, _ telling: Telling
  ) -> Response {
    var headers = headers
    headers[.contentType] = "application/vnd.amazon.eventstream"
    return Response(
      status: .ok, headers: headers,
      body: ResponseBody { writer in
        var assembly = AnswerAssembly()
        var failure: InvocationRecord.Failure?
        do {
          try await write(telling.begin(), to: &writer)
          do {
            for try await event in events {
              for change in assembly.take(event) {
                try await write(telling.change(change, assembly), to: &writer)
              }
            }
            try assembly.checkEnd()
            try await write(telling.end(assembly), to: &writer)
          } catch let error as InferenceError {
            failure = .stream
            try await write([exception(error)], to: &writer)
          }
        } catch {
          await telling.finish(assembly, failure ?? .abandoned)
          throw error
        }
        await telling.finish(assembly, failure)
        try await writer.finish(nil)
      })
  }

  private static func write(_ messages: [EventStreamMessage], to writer: inout any ResponseBodyWriter)
    async throws
  {
    guard !messages.isEmpty else { return }
    var buffer = ByteBuffer()
    for message in messages { buffer.writeBytes(message.bytes) }
    try await writer.write(buffer)
  }

  /// What goes wrong when the answer has begun is told within it.
  static func exception(_ error: InferenceError) -> EventStreamMessage {
    let name =
      switch error.kind {
      case .invalid, .contextLength, .unknownModel: "validationException"
      case .overloaded: "throttlingException"
      case .failed: "modelStreamErrorException"
      }
    var body = JSONObject([("message", .string(error.message))])
    if name == "modelStreamErrorException" { body["originalMessage"] = .string(error.message) }
    return .exception(name, JSONValue.object(body).serialised())
  }
}
