package import Hummingbird
internal import NIOCore
package import Records

/// Bodies as JSON, in and out.
extension Request {
  /// The body as a JSON object; throws `APIFailure` for anything else, and above `limit` bytes.
  package func jsonObject(limit: Int = 32 << 20) async throws -> JSONObject {
    let bytes = try await bytes(limit: limit)
    let value: JSONValue
    do throws(JSONSyntaxError) { value = try JSONValue(parsing: bytes) } catch {
      throw APIFailure(.invalid, "the body is not JSON: \(error)")
    }
    guard let object = value.object else {
      throw APIFailure(.invalid, "the body must be a JSON object, got \(value.kind)")
    }
    return object
  }

  /// The whole body; throws `APIFailure` above `limit` bytes.
  package func bytes(limit: Int) async throws -> [UInt8] {
    do {
      let buffer = try await body.collect(upTo: limit)
      return Array(buffer.readableBytesView)
    } catch is NIOTooManyBytesError {
      throw APIFailure(.tooLarge, "the body is larger than \(limit) bytes")
    }
  }
}

extension Response {
  /// A JSON document.
  package static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
    Response(
      status: status, headers: [.contentType: "application/json"],
      body: .init(byteBuffer: ByteBuffer(string: value.serialised())))
  }
}
