/// A 64-bit hash that is the same on every machine and in every run (FNV-1a, then SplitMix64's finaliser).
///
/// For splits, ids and seeds; not for security.
public struct StableHash: Sendable {
  private var state: UInt64 = 0xCBF2_9CE4_8422_2325

  /// The hash of nothing, to be added to.
  public init() {}

  /// Adds the UTF-8 bytes of a text and an end mark, so that ("ab", "c") and ("a", "bc") differ.
  public mutating func combine(_ text: String) {
    for byte in text.utf8 { add(byte) }
    add(0xFF)
  }

  /// Adds eight bytes, little-endian.
  public mutating func combine(_ value: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) { add(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  private mutating func add(_ byte: UInt8) {
    state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
  }

  /// The hash of what was added.
  public var value: UInt64 { SplitMix64.mix(state) }
  /// The hash as 16 hexadecimal digits.
  public var hex: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

/// A small seeded generator (Steele, Lea and Flood 2014) for data order, generated rows and bootstrap samples.
public struct SplitMix64: RandomNumberGenerator, Sendable, Hashable, Codable {
  /// All there is to it: a generator with the same state goes on alike.
  public var state: UInt64
  /// A generator; equal seeds give equal numbers.
  public init(seed: UInt64) { state = seed }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mix(state)
  }

  static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
