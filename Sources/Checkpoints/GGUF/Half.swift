/// Conversions between 16-bit floats and Float by integer arithmetic, which vectorises where the library
/// call behind `Float16` does not.
enum Half {
  /// The value of an IEEE half-precision number, exact; does not depend on how denormals are set to behave.
  @inline(__always)
  static func float(_ bits: UInt16) -> Float {
    let magnitude = UInt32(bits & 0x7FFF) << 13
    let exponent = magnitude & 0x0F80_0000
    let normal = magnitude &+ (exponent == 0x0F80_0000 ? 0x7000_0000 : 0x3800_0000)
    // A denormal m * 2^-24 is (2^-14 + m * 2^-24) - 2^-14.
    let denormal = (Float(bitPattern: magnitude &+ 0x3880_0000) - Float(bitPattern: 0x3880_0000)).bitPattern
    return Float(bitPattern: (exponent == 0 ? denormal : normal) | UInt32(bits & 0x8000) << 16)
  }

  /// The nearest bfloat16 of a Float, ties to even; a NaN stays one.
  @inline(__always)
  static func bfloat16(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let rounded = bits &+ 0x7FFF &+ (bits >> 16 & 1)
    let isNaN = bits & 0x7FFF_FFFF > 0x7F80_0000
    return UInt16(truncatingIfNeeded: (isNaN ? bits | 0x0040_0000 : rounded) >> 16)
  }
}
