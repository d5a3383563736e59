import Records

/// The JSON header of a safetensors file, checked.
struct SafetensorsHeader {
  /// The reference reader's limit; a longer header is an attack or not a safetensors file.
  static let longest = 100_000_000

  private(set) var metadata: [String: String] = [:]
  private(set) var tensors: [String: SafetensorsTensor] = [:]

  init(bytes: UnsafeRawBufferPointer, path: String) throws(ModelFileError) {
    guard bytes.count >= 8 else {
      throw ModelFileError(
        .truncated, file: path,
        "the file has \(bytes.count) bytes; a safetensors file begins with 8 that say how long its header is")
    }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(Self.longest) else {
      throw ModelFileError(
        .malformed, file: path,
        "not a safetensors file: its header would be \(length) bytes long, and the limit is \(Self.longest)")
    }
    guard length <= UInt64(bytes.count - 8) else {
      throw ModelFileError(
        .truncated, file: path,
        "the header is \(length) bytes long, and the file ends after \(bytes.count - 8)")
    }
    let dataStart = 8 + Int(length)
    let document: JSONValue
    do {
      document = try JSONValue(parsing: Array(bytes[8..<dataStart]))
    } catch {
      throw ModelFileError(.malformed, file: path, "the header is not JSON: \(error)")
    }
    guard let object = document.object else {
      throw ModelFileError(.malformed, file: path, "the header is \(document.kind); expected an object")
    }
    for (name, value) in object.members {
      if name == "__metadata__" {
        metadata = try Self.metadata(value, path: path)
      } else {
        tensors[name] = try Self.tensor(name, value, dataStart: dataStart, end: bytes.count, path: path)
      }
    }
    try checkOverlap(path: path)
  }

  private static func metadata(_ value: JSONValue, path: String) throws(ModelFileError) -> [String: String] {
    guard let object = value.object else {
      throw ModelFileError(
        .malformed, file: path, part: "__metadata__", "expected an object of texts, found \(value.kind)")
    }
    var texts: [String: String] = [:]
    for (key, value) in object.members {
      guard let text = value.string else {
        throw ModelFileError(
          .malformed, file: path, part: "__metadata__.\(key)", "expected a text, found \(value.kind)")
      }
      texts[key] = text
    }
    return texts
  }

  private static func tensor(
    _ name: String, _ value: JSONValue, dataStart: Int, end: Int, path: String
  ) throws(ModelFileError) -> SafetensorsTensor {
    func failure(_ kind: ModelFileError.Kind, _ message: String) -> ModelFileError {
      ModelFileError(kind, file: path, part: name, message)
    }
    guard let typeName = value["dtype"]?.string else {
      throw failure(.malformed, "expected {dtype, shape, data_offsets}, found no dtype")
    }
    guard let type = SafetensorsType(rawValue: typeName) else {
      let readable = SafetensorsType.allCases.map(\.rawValue).joined(separator: ", ")
      throw failure(.unsupported, "the tensor is of type \(typeName); expected one of \(readable)")
    }
    guard let shape = naturals(value["shape"]) else {
      throw failure(.malformed, "its shape is not a list of sizes")
    }
    guard let offsets = naturals(value["data_offsets"]), offsets.count == 2, offsets[0] <= offsets[1] else {
      throw failure(.malformed, "its data_offsets are not [begin, end]")
    }
    var byteCount = type.bytes
    for size in shape {
      let product = byteCount.multipliedReportingOverflow(by: size)
      guard !product.overflow else { throw failure(.malformed, "a tensor of \(shape) is absurdly large") }
      byteCount = product.partialValue
    }
    guard offsets[1] - offsets[0] == byteCount else {
      throw failure(
        .malformed,
        "\(typeName) of \(shape) takes \(byteCount) bytes, and data_offsets span \(offsets[1] - offsets[0])")
    }
    guard offsets[1] <= end - dataStart else {
      throw failure(
        .truncated,
        "its data ends at byte \(offsets[1]) of the data, and the file has \(end - dataStart): "
          + "the copy or download is not complete")
    }
    return SafetensorsTensor(
      name: name, type: type, shape: shape, range: dataStart + offsets[0]..<dataStart + offsets[1])
  }

  private static func naturals(_ value: JSONValue?) -> [Int]? {
    guard let elements = value?.array else { return nil }
    let numbers = elements.compactMap { $0.integer }.filter { $0 >= 0 }
    return numbers.count == elements.count ? numbers : nil
  }

  private func checkOverlap(path: String) throws(ModelFileError) {
    let ordered = tensors.values.filter { !$0.range.isEmpty }.sorted {
      $0.range.lowerBound < $1.range.lowerBound
    }
    for (before, after) in zip(ordered, ordered.dropFirst())
    where before.range.upperBound > after.range.lowerBound {
      throw ModelFileError(
        .malformed, file: path, part: after.name, "its data overlaps that of '\(before.name)'")
    }
  }
}
