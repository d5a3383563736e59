internal import Foundation

/// The header of a file or folder in a tar archive (POSIX.1-2001): ustar, with a pax header before it where a name or a
/// size does not fit.
struct TarEntry: Sendable, Hashable {
  enum Kind: Sendable, Hashable { case file, folder }

  var path: String
  var kind: Kind
  var size: Int
  var modified: Int

  static let block = 512

  /// Zeros behind `size` bytes up to a whole block.
  static func padding(_ size: Int) -> Int { (block - size % block) % block }

  /// The blocks that stand before the content.
  var header: [UInt8] {
    var records: [UInt8] = []
    if path.utf8.count > 100 { records += Self.record("path", path) }
    if size >= 1 << 33 { records += Self.record("size", String(size)) }
    var blocks: [UInt8] = []
    if !records.isEmpty {
      blocks += Self.block(name: "pax", type: "x", size: records.count, modified: modified)
      blocks += records + [UInt8](repeating: 0, count: Self.padding(records.count))
    }
    blocks += Self.block(
      name: path, type: kind == .file ? "0" : "5", size: size >= 1 << 33 ? 0 : size, modified: modified)
    return blocks
  }

  /// `<length> <key>=<value>\n`, where the length counts itself.
  private static func record(_ key: String, _ value: String) -> [UInt8] {
    let rest = " \(key)=\(value)\n".utf8.count
    var length = rest + 1
    while String(length).utf8.count + rest != length { length = String(length).utf8.count + rest }
    return Array("\(length) \(key)=\(value)\n".utf8)
  }

  private static func block(name: String, type: Character, size: Int, modified: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: block)
    func put(_ text: String, at place: Int, length: Int) {
      for (index, byte) in text.utf8.prefix(length).enumerated() { bytes[place + index] = byte }
    }
    func octal(_ number: Int, _ width: Int) -> String {
      let digits = String(number, radix: 8)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    put(name, at: 0, length: 100)
    put(octal(type == "5" ? 0o700 : 0o600, 7), at: 100, length: 7)
    put(octal(0, 7), at: 108, length: 7)
    put(octal(0, 7), at: 116, length: 7)
    put(octal(size, 11), at: 124, length: 11)
    put(octal(max(0, modified), 11), at: 136, length: 11)
    put(String(repeating: " ", count: 8), at: 148, length: 8)
    put(String(type), at: 156, length: 1)
    put("ustar", at: 257, length: 5)
    put("00", at: 263, length: 2)
    let sum = bytes.reduce(0) { $0 + Int($1) }
    put(octal(sum, 6), at: 148, length: 6)
    bytes[154] = 0
    bytes[155] = UInt8(ascii: " ")
    return bytes
  }
}
