/// The quantisations in blocks of 32: a half-precision scale `d`, for the `_1` kinds also an offset `m`, and
/// 32 integers q; a number is `d * q` or `d * q + m`.
///
/// Byte j of the 4-bit kinds holds elements j (low half) and j + 16 (high half); the 5-bit kinds keep the
/// fifth bit of element j in bit j of a separate 32-bit word. The sums are taken in Float in this order, so
/// that results equal those of the `gguf` Python package bit for bit.
enum SmallBlocks {
  @inline(__always)
  static func q40<Output: DequantisedNumber>(
    _ source: UnsafeRawPointer, _ blocks: Int, _ target: UnsafeMutablePointer<Output>
  ) {
    for block in 0..<blocks {
      let bytes = source + block &* 18
      let out = target + block &* 32
      let d = bytes.half(0)
      for j in 0..<16 {
        let pair = Int32(bytes.byte(2 &+ j))
        out[j] = Output(rounding: Float(pair & 15 &- 8) * d)
        out[j &+ 16] = Output(rounding: Float(pair >> 4 &- 8) * d)
      }
    }
  }

  @inline(__always)
  static func q41<Output: DequantisedNumber>(
    _ source: UnsafeRawPointer, _ blocks: Int, _ target: UnsafeMutablePointer<Output>
  ) {
    for block in 0..<blocks {
      let bytes = source + block &* 20
      let out = target + block &* 32
      let d = bytes.half(0)
      let m = bytes.half(2)
      for j in 0..<16 {
        let pair = Int32(bytes.byte(4 &+ j))
        out[j] = Output(rounding: Float(pair & 15) * d + m)
        out[j &+ 16] = Output(rounding: Float(pair >> 4) * d + m)
      }
    }
  }

  @inline(__always)
  static func q50<Output: DequantisedNumber>(
    _ source: UnsafeRawPointer, _ blocks: Int, _ target: UnsafeMutablePointer<Output>
  ) {
    for block in 0..<blocks {
      let bytes = source + block &* 22
      let out = target + block &* 32
      let d = bytes.half(0)
      let high = bytes.doubleWord(2)
      for j in 0..<16 {
        let pair = Int32(bytes.byte(6 &+ j))
        let low = pair & 15 | Int32(truncatingIfNeeded: high >> UInt32(j) & 1) << 4
        let upper = pair >> 4 | Int32(truncatingIfNeeded: high >> UInt32(j &+ 16) & 1) << 4
        out[j] = Output(rounding: Float(low &- 16) * d)
        out[j &+ 16] = Output(rounding: Float(upper &- 16) * d)
      }
    }
  }

  @inline(__always)
  static func q51<Output: DequantisedNumber>(
    _ source: UnsafeRawPointer, _ blocks: Int, _ target: UnsafeMutablePointer<Output>
  ) {
    for block in 0..<blocks {
      let bytes = source + block &* 24
      let out = target + block &* 32
      let d = bytes.half(0)
      let m = bytes.half(2)
      let high = bytes.doubleWord(4)
      for j in 0..<16 {
        let pair = Int32(bytes.byte(8 &+ j))
        let low = pair & 15 | Int32(truncatingIfNeeded: high >> UInt32(j) & 1) << 4
        let upper = pair >> 4 | Int32(truncatingIfNeeded: high >> UInt32(j &+ 16) & 1) << 4
        out[j] = Output(rounding: Float(low) * d + m)
        out[j &+ 16] = Output(rounding: Float(upper) * d + m)
      }
    }
  }

  @inline(__always)
  static func q80<Output: DequantisedNumber>(
    _ source: UnsafeRawPointer, _ blocks: Int, _ target: UnsafeMutablePointer<Output>
  ) {
    for block in 0..<blocks {
      let bytes = source + block &* 34
      let out = target + block &* 32
      let d = bytes.half(0)
      for j in 0..<32 { out[j] = Output(rounding: Float(bytes.signedByte(2 &+ j)) * d) }
    }
  }
}
