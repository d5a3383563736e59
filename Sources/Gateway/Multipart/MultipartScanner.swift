internal import Foundation
internal import NIOCore

/// Finds the parts of a form (RFC 7578, and RFC 2046 below it) in bytes that arrive in any pieces. It holds one piece
/// and at most a header block, whatever the body's size.
struct MultipartScanner {
  enum Event: Equatable {
    case part(MultipartPart)
    case bytes(ByteBuffer)
    case endOfPart
    case end
  }

  static let maxHeaderBytes = 16 << 10
  static let maxPreambleBytes = 16 << 10
  static let maxParts = 256

  private enum State { case preamble, delimiter, headers, body, epilogue }
  private var state = State.preamble
  private var pending: ByteBuffer
  /// CRLF, two dashes, the boundary.
  private let delimiter: [UInt8]
  private var preamble = 0
  private var parts = 0
  private var hasEnded = false

  init(boundary: String) {
    delimiter = Array("\r\n--\(boundary)".utf8)
    // A form may begin with its first boundary, as if a line had ended before.
    pending = ByteBuffer(string: "\r\n")
  }

  /// Whether the last boundary was seen: only then is the form whole.
  var isWhole: Bool { state == .epilogue }

  mutating func append(_ chunk: ByteBuffer) {
    if pending.readableBytes == 0 {
      pending = chunk
    } else {
      var joined = ByteBufferAllocator().buffer(capacity: pending.readableBytes + chunk.readableBytes)
      joined.writeImmutableBuffer(pending)
      joined.writeImmutableBuffer(chunk)
      pending = joined
    }
  }

  /// What comes next, or nil when that takes more bytes.
  mutating func next() throws(MultipartError) -> Event? {
    while true {
      switch state {
      case .preamble:
        guard let place = find(delimiter) else {
          let spare = pending.readableBytes - (delimiter.count - 1)
          if spare > 0 {
            pending.moveReaderIndex(forwardBy: spare)
            preamble += spare
          }
          guard preamble <= Self.maxPreambleBytes else {
            throw .malformed("the body does not begin with the boundary that its content-type names")
          }
          return nil
        }
        pending.moveReaderIndex(forwardBy: place + delimiter.count)
        state = .delimiter
      case .delimiter:
        guard try passDelimiter() else { return nil }
      case .headers:
        guard let part = try headers() else { return nil }
        state = .body
        parts += 1
        guard parts <= Self.maxParts else { throw .tooLarge("the form has more than \(Self.maxParts) parts") }
        return .part(part)
      case .body:
        guard let place = find(delimiter) else {
          let spare = pending.readableBytes - (delimiter.count - 1)
          guard spare > 0, let bytes = pending.readSlice(length: spare) else { return nil }
          return .bytes(bytes)
        }
        if place > 0, let bytes = pending.readSlice(length: place) { return .bytes(bytes) }
        pending.moveReaderIndex(forwardBy: delimiter.count)
        state = .delimiter
        return .endOfPart
      case .epilogue:
        pending.clear()
        if hasEnded { return nil }
        hasEnded = true
        return .end
      }
    }
  }

  /// What stands between a boundary and the part behind it; false when it takes more bytes to tell.
  private mutating func passDelimiter() throws(MultipartError) -> Bool {
    let view = pending.readableBytesView
    guard view.count >= 2 else { return false }
    if view.starts(with: Array("--".utf8)) {
      state = .epilogue
      return true
    }
    let blanks = view.prefix { $0 == 0x20 || $0 == 0x09 }.count
    guard blanks <= 128 else { throw .malformed("a boundary's line goes on for too long") }
    guard view.count >= blanks + 2 else { return false }
    guard view.dropFirst(blanks).starts(with: [13, 10]) else {
      throw .malformed("a boundary's line goes on where it should end")
    }
    // The line's end stays: with it an empty header block ends like any other.
    pending.moveReaderIndex(forwardBy: blanks)
    state = .headers
    return true
  }

  private mutating func headers() throws(MultipartError) -> MultipartPart? {
    guard let place = find([13, 10, 13, 10]) else {
      guard pending.readableBytes <= Self.maxHeaderBytes else {
        throw .tooLarge("a part's headers are longer than \(Self.maxHeaderBytes) bytes")
      }
      return nil
    }
    guard place <= Self.maxHeaderBytes else {
      throw .tooLarge("a part's headers are longer than \(Self.maxHeaderBytes) bytes")
    }
    guard let text = String(validating: pending.readableBytesView.prefix(place), as: UTF8.self) else {
      throw .malformed("a part's headers are not UTF-8")
    }
    pending.moveReaderIndex(forwardBy: place + 4)
    return try MultipartPart(headers: text)
  }

  /// Where a pattern begins, counted from the first unread byte.
  private func find(_ pattern: [UInt8]) -> Int? {
    pending.withUnsafeReadableBytes { bytes in
      pattern.withUnsafeBytes { pattern in
        guard let start = bytes.baseAddress, bytes.count >= pattern.count else { return nil }
        let last = bytes.count - pattern.count
        var place = 0
        while place <= last, let hit = memchr(start + place, Int32(pattern[0]), last - place + 1) {
          place = UnsafeRawPointer(hit) - start
          if memcmp(hit, pattern.baseAddress!, pattern.count) == 0 { return place }
          place += 1
        }
        return nil
      }
    }
  }
}
