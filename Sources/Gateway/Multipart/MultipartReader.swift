internal import Foundation
package import Hummingbird
package import NIOCore

/// A `multipart/form-data` body, read part by part and piece by piece, so that a file of any size passes through.
///
/// ```swift
/// let form = try MultipartReader(request)
/// while let part = try await form.nextPart() {
///   switch part.name {
///   case "purpose": purpose = try await form.text()
///   case "file": saved = try await form.save(to: path, limit: limit)
///   default: break   // what is left of a part is passed over
///   }
/// }
/// ```
/// Every method throws `APIFailure` for what the client did wrong.
package final class MultipartReader {
  private var body: RequestBody.AsyncIterator
  private var scanner: MultipartScanner
  private var isInPart = false
  private var hasEnded = false

  /// Throws `APIFailure` when the request is no form.
  package init(_ request: Request) throws {
    guard let text = request.headers[.contentType], let type = FieldValue(text),
      type.value == "multipart/form-data"
    else {
      throw APIFailure(
        .unsupportedMediaType,
        "expected multipart/form-data, got "
          + (request.headers[.contentType].map { "\($0.prefix(80))" } ?? "no content-type"))
    }
    guard let boundary = type.parameters["boundary"], Self.isBoundary(boundary) else {
      throw APIFailure(.invalid, "the content-type names no boundary of 1 to 70 characters")
    }
    body = request.body.makeAsyncIterator()
    scanner = MultipartScanner(boundary: boundary)
  }

  /// RFC 2046's letters, and a few that clients use all the same.
  private static func isBoundary(_ text: String) -> Bool {
    (1...70).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 32 && $0 < 127 || $0 == 32 }
      && text.last != " "
  }

  /// The next part, or nil when there is none left. What was not read of the part before is passed over.
  package func nextPart() async throws -> MultipartPart? {
    while isInPart { _ = try await nextChunk() }
    while let event = try await nextEvent() {
      switch event {
      case .part(let part):
        isInPart = true
        return part
      case .end: return nil
      case .bytes, .endOfPart: break
      }
    }
    return nil
  }

  /// The next bytes of the part, or nil at its end.
  package func nextChunk() async throws -> ByteBuffer? {
    guard isInPart else { return nil }
    while let event = try await nextEvent() {
      switch event {
      case .bytes(let bytes): return bytes
      case .endOfPart:
        isInPart = false
        return nil
      case .part, .end: break
      }
    }
    isInPart = false
    return nil
  }

  /// All of the part, as text.
  package func text(limit: Int = 64 << 10) async throws -> String {
    var bytes = ByteBuffer()
    while let chunk = try await nextChunk() {
      guard bytes.readableBytes + chunk.readableBytes <= limit else {
        throw APIFailure(.tooLarge, "a field of the form is longer than \(limit) bytes")
      }
      bytes.writeImmutableBuffer(chunk)
    }
    guard let text = String(validating: bytes.readableBytesView, as: UTF8.self) else {
      throw APIFailure(.invalid, "a field of the form is not UTF-8 text")
    }
    return text
  }

  private func nextEvent() async throws -> MultipartScanner.Event? {
    if hasEnded { return nil }
    do {
      while true {
        if let event = try scanner.next() {
          if event == .end { try await passEpilogue() }
          return event
        }
        guard let chunk = try await body.next() else {
          hasEnded = true
          throw APIFailure(.invalid, "the form ends before its last boundary; was the upload cut off?")
        }
        scanner.append(chunk)
      }
    } catch let error as MultipartError {
      hasEnded = true
      switch error {
      case .malformed(let message): throw APIFailure(.invalid, "the form cannot be read: \(message)")
      case .tooLarge(let message): throw APIFailure(.tooLarge, message)
      }
    }
  }

  /// What follows the last boundary means nothing, but must be read for the next request to be found.
  private func passEpilogue() async throws {
    hasEnded = true
    while try await body.next() != nil {}
  }
}
