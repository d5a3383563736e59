/// What a GGUF file says of itself before its tensors' data.
struct GGUFHeader {
  private(set) var metadata: [String: GGUFValue] = [:]
  private(set) var tensors: [String: GGUFTensor] = [:]

  init(bytes: UnsafeRawBufferPointer, path: String) throws(ModelFileError) {
    var cursor = GGUFCursor(bytes: bytes, file: path)
    try Self.checkVersion(&cursor)
    // The shortest tensor entry has an empty name and one size, the shortest metadata entry one byte of value.
    let tensorCount = try cursor.count(elementBytes: 8 + 4 + 8 + 4 + 8, "the number of tensors")
    let keyCount = try cursor.count(elementBytes: 8 + 4 + 1, "the number of metadata entries")
    metadata.reserveCapacity(keyCount)
    for _ in 0..<keyCount {
      cursor.part = ""
      let key = try cursor.string("a metadata key")
      cursor.part = key
      guard metadata.updateValue(try cursor.value(), forKey: key) == nil else {
        throw cursor.failure(.malformed, "the metadata key appears twice")
      }
    }
    let alignment = try Self.alignment(metadata, &cursor)
    var entries: [Entry] = []
    entries.reserveCapacity(tensorCount)
    for _ in 0..<tensorCount { entries.append(try Entry(&cursor, alignment: alignment)) }
    try place(entries, dataStart: (cursor.position + alignment - 1) / alignment * alignment, cursor: cursor)
  }

  private static func checkVersion(_ cursor: inout GGUFCursor) throws(ModelFileError) {
    let magic = try cursor.integer(UInt32.self, "the magic number")
    guard magic == 0x4655_4747 else {
      throw cursor.failure(.malformed, "not a GGUF file: it does not begin with the letters GGUF")
    }
    let version = try cursor.integer(UInt32.self, "the version")
    guard version == 2 || version == 3 else {
      let reason =
        version.byteSwapped == 2 || version.byteSwapped == 3
        ? "a big-endian GGUF file; expected a little-endian one: convert it with gguf_convert_endian"
        : "GGUF version \(version); expected 2 or 3: convert the model again with a current llama.cpp"
      throw cursor.failure(.unsupported, reason)
    }
  }

  private static func alignment(
    _ metadata: [String: GGUFValue], _ cursor: inout GGUFCursor
  ) throws(ModelFileError) -> Int {
    guard let value = metadata["general.alignment"] else { return 32 }
    guard let alignment = value.int, alignment > 0, alignment <= 1 << 20, alignment.nonzeroBitCount == 1
    else {
      cursor.part = "general.alignment"
      throw cursor.failure(.malformed, "the alignment is \(value); expected a power of two up to 2^20")
    }
    return alignment
  }

  /// One tensor as the header lists it, its offset still relative to the start of the data.
  private struct Entry {
    let name: String
    let shape: [Int]
    let type: GGMLType
    let offset: Int
    let byteCount: Int

    init(_ cursor: inout GGUFCursor, alignment: Int) throws(ModelFileError) {
      cursor.part = ""
      name = try cursor.string("a tensor's name")
      cursor.part = name
      let dimensions = try cursor.integer(UInt32.self, "the number of dimensions")
      guard (1...4).contains(dimensions) else {
        throw cursor.failure(.malformed, "the tensor has \(dimensions) dimensions; expected 1 to 4")
      }
      var sizes: [Int] = []
      var elements = 1
      for _ in 0..<dimensions {
        let size = try cursor.integer(UInt64.self, "the tensor's shape")
        let product = elements.multipliedReportingOverflow(by: Int(truncatingIfNeeded: size))
        guard size <= UInt64(Int32.max) << 16, !product.overflow else {
          throw cursor.failure(.malformed, "a tensor of \(sizes + [Int(clamping: size)]) is absurdly large")
        }
        sizes.append(Int(size))
        elements = product.partialValue
      }
      shape = sizes.reversed()
      let code = try cursor.integer(UInt32.self, "the tensor's type")
      guard let type = GGMLType(rawValue: code) else {
        let readable = GGMLType.allCases.map(\.description).joined(separator: ", ")
        throw cursor.failure(
          .unsupported, "the tensor is of GGML type \(code), which is not read; expected one of \(readable)")
      }
      self.type = type
      guard sizes[0].isMultiple(of: type.blockElements) else {
        throw cursor.failure(
          .malformed,
          "rows of \(sizes[0]) elements do not divide into \(type) blocks of \(type.blockElements)")
      }
      let bytes = (elements / type.blockElements).multipliedReportingOverflow(by: type.blockBytes)
      let offset = try cursor.integer(UInt64.self, "the tensor's offset")
      guard !bytes.overflow, bytes.partialValue <= cursor.bytes.count, offset <= UInt64(cursor.bytes.count)
      else {
        throw cursor.failure(
          .truncated,
          "the data of a \(type) tensor of \(shape) at offset \(offset) lies past the end of the file")
      }
      byteCount = bytes.partialValue
      self.offset = Int(offset)
      guard self.offset.isMultiple(of: alignment) else {
        throw cursor.failure(
          .malformed, "its offset \(offset) is not a multiple of the alignment \(alignment)")
      }
    }
  }

  private mutating func place(
    _ entries: [Entry], dataStart: Int, cursor: GGUFCursor
  ) throws(ModelFileError) {
    var cursor = cursor
    tensors.reserveCapacity(entries.count)
    var previous: GGUFTensor?
    for entry in entries.sorted(by: { ($0.offset, $0.byteCount) < ($1.offset, $1.byteCount) }) {
      cursor.part = entry.name
      let start = dataStart + entry.offset
      guard start + entry.byteCount <= cursor.bytes.count else {
        throw cursor.failure(
          .truncated,
          "its data ends at byte \(start + entry.byteCount), and the file has \(cursor.bytes.count): "
            + "the copy or download is not complete")
      }
      let tensor = GGUFTensor(
        name: entry.name, shape: entry.shape, type: entry.type, range: start..<start + entry.byteCount)
      if let previous, previous.range.upperBound > start {
        throw cursor.failure(.malformed, "its data overlaps that of '\(previous.name)'")
      }
      guard tensors.updateValue(tensor, forKey: entry.name) == nil else {
        throw cursor.failure(.malformed, "the tensor appears twice")
      }
      if entry.byteCount > 0 { previous = tensor }
    }
  }
}
