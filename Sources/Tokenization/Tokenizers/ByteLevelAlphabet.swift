/// The printable alphabet in which byte-level BPE files write bytes, due to GPT-2: printable Latin-1 stands
/// for itself, the other 68 bytes for U+0100 to U+0143.
enum ByteLevelAlphabet {
  /// The scalar that stands for each byte.
  static let scalars: [Unicode.Scalar] = {
    var next: UInt32 = 0x100
    return (0..<256).map { (byte: UInt32) in
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(UInt8(byte))
      default:
        defer { next += 1 }
        return Unicode.Scalar(next) ?? "?"
      }
    }
  }()

  /// The byte that a scalar stands for, -1 for none; indexed by the scalar's value up to U+0143.
  private static let bytes: [Int16] = {
    var table = [Int16](repeating: -1, count: 0x144)
    for (byte, scalar) in scalars.enumerated() { table[Int(scalar.value)] = Int16(byte) }
    return table
  }()

  /// Appends the bytes that `token` stands for. False, with nothing appended, when a character of it is not
  /// of the alphabet.
  static func append(_ token: some Collection<UInt8>, to output: inout [UInt8]) -> Bool {
    let start = output.count
    let table = bytes
    var iterator = token.makeIterator()
    while let first = iterator.next() {
      var value = Int(first)
      // The alphabet ends at U+0143, so one and two byte sequences are all there are.
      if first >= 0x80 {
        guard first < 0xE0, let second = iterator.next() else {
          output.removeSubrange(start...)
          return false
        }
        value = (value & 0x1F) << 6 | Int(second & 0x3F)
      }
      guard value < table.count, table[value] >= 0 else {
        output.removeSubrange(start...)
        return false
      }
      output.append(UInt8(table[value]))
    }
    return true
  }

  /// The bytes that `token` stands for; its own UTF-8 when a character of it is not of the alphabet, which is
  /// how the `tokenizers` package decodes an added token.
  static func bytes(of token: String) -> [UInt8] {
    var output: [UInt8] = []
    return append(token.utf8, to: &output) ? output : Array(token.utf8)
  }

  /// These bytes written in the alphabet.
  static func text(of bytes: some Sequence<UInt8>) -> String {
    var text = String.UnicodeScalarView()
    for byte in bytes { text.append(scalars[Int(byte)]) }
    return String(text)
  }
}
