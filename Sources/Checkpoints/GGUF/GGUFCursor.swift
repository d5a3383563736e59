/// Reads the parts of a GGUF header one after the other, each checked against the end of the file.
struct GGUFCursor {
  let bytes: UnsafeRawBufferPointer
  let file: String
  private(set) var position = 0
  /// The metadata key or tensor that is being read, for errors.
  var part = ""

  init(bytes: UnsafeRawBufferPointer, file: String) {
    self.bytes = bytes
    self.file = file
  }

  var remaining: Int { bytes.count - position }

  func failure(_ kind: ModelFileError.Kind, _ message: String) -> ModelFileError {
    ModelFileError(kind, file: file, part: part, message)
  }

  private func require(_ count: Int, _ what: @autoclosure () -> String) throws(ModelFileError) {
    guard count <= remaining else {
      throw failure(
        .truncated,
        "the file ends in \(what()): \(count) bytes are needed at byte \(position), \(remaining) are left")
    }
  }

  mutating func integer<Value: FixedWidthInteger>(
    _: Value.Type, _ what: @autoclosure () -> String
  ) throws(ModelFileError) -> Value {
    try require(MemoryLayout<Value>.size, what())
    defer { position += MemoryLayout<Value>.size }
    return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Value.self))
  }

  /// A count of things that take at least `elementBytes` each: one that the file has no room for is refused
  /// before anything is allocated for it.
  mutating func count(elementBytes: Int, _ what: @autoclosure () -> String) throws(ModelFileError) -> Int {
    let count = try integer(UInt64.self, what())
    guard count <= UInt64(remaining / elementBytes) else {
      throw failure(
        .truncated, "\(what()) is \(count), more than the remaining \(remaining) bytes of the file can hold")
    }
    return Int(count)
  }

  mutating func string(_ what: @autoclosure () -> String) throws(ModelFileError) -> String {
    let count = try count(elementBytes: 1, "the length of " + what())
    let utf8 = UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    let text = utf8.withMemoryRebound(to: UInt8.self) { String(validating: $0, as: UTF8.self) }
    guard let text else {
      throw failure(.malformed, "\(what()) is not valid UTF-8 (byte \(position))")
    }
    position += count
    return text
  }

  /// Lends the next bytes as packed little-endian integers, each converted by `body`.
  mutating func list<Stored: FixedWidthInteger, Value>(
    of _: Stored.Type, count: Int, _ body: (Stored) -> Value
  ) -> [Value] {
    let width = MemoryLayout<Stored>.size
    precondition(count <= remaining / width, "a list's count is checked before its elements are read")
    let start = position
    position += count * width
    return (0..<count).map {
      body(Stored(littleEndian: bytes.loadUnaligned(fromByteOffset: start + $0 * width, as: Stored.self)))
    }
  }
}
