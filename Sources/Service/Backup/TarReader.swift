internal import Foundation

/// Reads a tar archive from its beginning to its end, as `TarWriter` or any other tar has written it.
final class TarReader {
  private let file: FileHandle
  private let path: String
  /// Bytes of the current entry's content and padding that were not read.
  private var left = 0
  private var padding = 0

  init(_ path: String) throws(ServiceFailure) {
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw ServiceFailure("\(path) cannot be read")
    }
    self.file = file
    self.path = path
  }

  /// The next entry, or nil at the end; what was not read of the one before is passed over.
  func next() throws -> TarEntry? {
    while left > 0 { _ = try content() }
    if padding > 0 { _ = try exactly(padding) }
    padding = 0
    var longPath: String?
    var longSize: Int?
    while true {
      let block = try exactly(TarEntry.block)
      if block.allSatisfy({ $0 == 0 }) { return nil }
      try checkSum(block)
      let size = longSize ?? octal(block[124..<136])
      guard let size, size >= 0 else { throw damaged("an entry's size is no number") }
      switch block[156] {
      case UInt8(ascii: "x"), UInt8(ascii: "g"):
        guard size <= 1 << 20 else { throw damaged("an extended header is too large") }
        let records = try exactly(size)
        _ = try exactly(TarEntry.padding(size))
        if block[156] == UInt8(ascii: "x") {
          let members = try Self.records(records)
          longPath = members["path"]
          longSize = members["size"].flatMap { Int($0) }
        }
      case UInt8(ascii: "0"), 0, UInt8(ascii: "5"):
        var name = text(block[0..<100])
        let prefix = text(block[345..<500])
        if !prefix.isEmpty { name = prefix + "/" + name }
        let isFolder = block[156] == UInt8(ascii: "5")
        left = isFolder ? 0 : size
        padding = isFolder ? 0 : TarEntry.padding(size)
        return TarEntry(
          path: longPath ?? name, kind: isFolder ? .folder : .file, size: left,
          modified: octal(block[136..<148]) ?? 0)
      default:
        throw damaged("it has an entry that is neither a file nor a folder")
      }
    }
  }

  /// The next piece of the entry's content, or nil at its end.
  func content() throws -> Data? {
    guard left > 0 else { return nil }
    let data = try file.read(upToCount: min(left, 1 << 20)) ?? Data()
    guard !data.isEmpty else { throw damaged("it ends too early") }
    left -= data.count
    return data
  }

  private func exactly(_ count: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      guard let data = try file.read(upToCount: count - bytes.count), !data.isEmpty else {
        throw damaged("it ends too early")
      }
      bytes += data
    }
    return bytes
  }

  private func checkSum(_ block: [UInt8]) throws {
    var sum = 0
    for (place, byte) in block.enumerated() { sum += (148..<156).contains(place) ? 32 : Int(byte) }
    guard octal(block[148..<156]) == sum else { throw damaged("a header's checksum is wrong") }
  }

  private static func records(_ bytes: [UInt8]) throws -> [String: String] {
    var members: [String: String] = [:]
    var rest = bytes[...]
    while let space = rest.firstIndex(of: UInt8(ascii: " ")),
      let length = Int(String(decoding: rest[..<space], as: UTF8.self)), length > space - rest.startIndex + 1,
      length <= rest.count
    {
      let record = rest[(space + 1)..<(rest.startIndex + length)].dropLast()
      if let equals = record.firstIndex(of: UInt8(ascii: "=")) {
        members[String(decoding: record[..<equals], as: UTF8.self)] = String(
          decoding: record[(equals + 1)...], as: UTF8.self)
      }
      rest = rest.dropFirst(length)
    }
    return members
  }

  private func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  private func octal(_ bytes: ArraySlice<UInt8>) -> Int? {
    let digits = bytes.filter { (0x30...0x37).contains($0) }
    return digits.isEmpty ? nil : Int(String(decoding: digits, as: UTF8.self), radix: 8)
  }

  private func damaged(_ what: String) -> ServiceFailure {
    ServiceFailure("\(path) is no whole archive: \(what)")
  }
}
