internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Synchronization

/// Counts the bytes of a body on their way out.
struct CountingWriter: ResponseBodyWriter {
  var base: any ResponseBodyWriter
  let bytes = ByteCount()

  mutating func write(_ buffer: ByteBuffer) async throws {
    bytes.add(buffer.readableBytes)
    try await base.write(buffer)
  }

  consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
    try await base.finish(trailingHeaders)
  }
}

/// A number that the writer and its maker share.
final class ByteCount: Sendable {
  private let number = Mutex(0)
  var value: Int { number.withLock { $0 } }
  func add(_ amount: Int) { number.withLock { $0 += amount } }
}
