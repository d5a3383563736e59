import HTTPTypes
import Hummingbird
import NIOCore

/// A response of server-sent events.
enum ServerSentEvents {
  /// Runs `write` when the headers are out. A client that is gone makes writing throw, which must end the work.
  static func response(
    _ write: @Sendable @escaping (inout EventWriter) async throws -> Void
  ) -> Response {
    var headers: HTTPFields = [.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-cache"]
    // Proxies that gather a response would make a stream of it a lump.
    if let name = HTTPField.Name("x-accel-buffering") { headers[name] = "no" }
    return Response(
      status: .ok, headers: headers,
      body: ResponseBody { body in
        var writer = EventWriter(body)
        try await write(&writer)
        try await writer.body.finish(nil)
      })
  }
}

/// Writes events as they happen.
struct EventWriter {
  fileprivate var body: any ResponseBodyWriter

  fileprivate init(_ body: any ResponseBodyWriter) { self.body = body }

  /// `data` is one line.
  mutating func write(_ data: String, event: String? = nil) async throws {
    var text = ""
    if let event { text += "event: \(event)\n" }
    text += "data: \(data)\n\n"
    try await body.write(ByteBuffer(string: text))
  }
}
