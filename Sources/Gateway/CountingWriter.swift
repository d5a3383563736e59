internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// Counts the bytes of a body on their way out.
struct CountingWriter: ResponseBodyWriter {
  var base: any ResponseBodyWriter
  let bytes = ServingState.Count()

  mutating func write(_ buffer: ByteBuffer) async throws {
    bytes.add(buffer.readableBytes)
    try await base.write(buffer)
  }

  consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
    try await base.finish(trailingHeaders)
  }
}
