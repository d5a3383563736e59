/// A set of bytes.
struct ByteSet: Sendable, Hashable {
  private var words: SIMD4<UInt64> = .zero

  static let all: ByteSet = ByteSet(0...255)

  init() {}
  init(_ bytes: some Sequence<UInt8>) { for byte in bytes { insert(byte) } }

  mutating func insert(_ byte: UInt8) { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }
  func contains(_ byte: UInt8) -> Bool { words[Int(byte >> 6)] & 1 << UInt64(byte & 63) != 0 }
  /// Whether it has every byte that UTF-8 text can have.
  var isFull: Bool { (0...0xF4).allSatisfy { contains($0) || $0 == 0xC0 || $0 == 0xC1 } }
}
