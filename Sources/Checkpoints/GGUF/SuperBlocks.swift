/// The "K" quantisations: super-blocks of 256 elements in 8 or 16 sub-blocks, whose own scales are
/// quantised too.
///
/// Q2, Q4, Q5: a number is `(d * scale) * q - (dmin * minimum)`; Q3, Q6: `(d * scale) * q` with signed q. The
/// products are taken in Float in this order, so that results equal those of the `gguf` Python package bit
/// for bit.
enum SuperBlocks {
  /// Scale and minimum (6 bits each) of sub-block `index` of 8, out of Q4_K's and Q5_K's 12 packed bytes.
  @inline(__always)
  private static func scaleAndMinimum(_ packed: UnsafeRawPointer, _ index: Int) -> (Float, Float) {
    if index < 4 { return (Float(packed.byte(index) & 63), Float(packed.byte(index &+ 4) & 63)) }
    let pair = packed.byte(index &+ 4)
    let scale = pair & 15 | (packed.byte(index &- 4) >> 6) << 4
    let minimum = pair >> 4 | (packed.byte(index) >> 6) << 4
    return (Float(scale), Float(minimum))
  }

  /// 16 bytes of scales (low half) and minima (high half), 64 bytes of 2-bit numbers, `d`, `dmin`.
  @inline(__always)
  static func q2K<Output: DequantisedNumber>(
    _ source: UnsafeRawPointer, _ blocks: Int, _ target: UnsafeMutablePointer<Output>
  ) {
    for block in 0..<blocks {
      let bytes = source + block &* 84
      let d = bytes.half(80)
      let dmin = bytes.half(82)
      for sub in 0..<16 {
        let scale = d * Float(bytes.byte(sub) & 15)
        let minimum = dmin * Float(bytes.byte(sub) >> 4)
        // Sub-blocks go through 32 bytes four times, two bits at a time, then through the next 32.
        let quants = bytes + (16 &+ sub / 8 &* 32 &+ sub % 2 &* 16)
        let shift = UInt8(truncatingIfNeeded: sub % 8 / 2 &* 2)
        let out = target + (block &* 256 &+ sub &* 16)
        for j in 0..<16 {
          out[j] = Output(rounding: scale * Float(quants.byte(j) &>> shift & 3) - minimum)
        }
      }
    }
  }

  /// 32 bytes of third bits (set: nothing is subtracted), 64 bytes of 2-bit numbers, 12 bytes of 6-bit
  /// scales, `d`.
  @inline(__always)
  static func q3K<Output: DequantisedNumber>(
    _ source: UnsafeRawPointer, _ blocks: Int, _ target: UnsafeMutablePointer<Output>
  ) {
    for block in 0..<blocks {
      let bytes = source + block &* 110
      let d = bytes.half(108)
      for sub in 0..<16 {
        let low = sub < 8 ? bytes.byte(96 &+ sub) & 15 : bytes.byte(88 &+ sub) >> 4
        let high = bytes.byte(104 &+ sub % 4) &>> UInt8(truncatingIfNeeded: sub / 4 &* 2) & 3
        let scale = d * Float(Int32(low | high << 4) &- 32)
        let quants = bytes + (32 &+ sub / 8 &* 32 &+ sub % 2 &* 16)
        let thirds = bytes + sub % 2 &* 16
        let shift = UInt8(truncatingIfNeeded: sub % 8 / 2 &* 2)
        let bit = UInt8(truncatingIfNeeded: sub / 2)
        let out = target + (block &* 256 &+ sub &* 16)
        for j in 0..<16 {
          let third = Int32(thirds.byte(j) &>> bit & 1) << 2
          out[j] = Output(rounding: scale * Float(Int32(quants.byte(j) &>> shift & 3) &+ third &- 4))
        }
      }
    }
  }

  /// `d`, `dmin`, 12 bytes of scales and minima, 128 bytes of 4-bit numbers.
  @inline(__always)
  static func q4K<Output: DequantisedNumber>(
    _ source: UnsafeRawPointer, _ blocks: Int, _ target: UnsafeMutablePointer<Output>
  ) {
    for block in 0..<blocks {
      let bytes = source + block &* 144
      let d = bytes.half(0)
      let dmin = bytes.half(2)
      for pair in 0..<4 {
        let (lowScale, lowMinimum) = scaleAndMinimum(bytes + 4, pair &* 2)
        let (highScale, highMinimum) = scaleAndMinimum(bytes + 4, pair &* 2 &+ 1)
        let (a, b) = (d * lowScale, dmin * lowMinimum)
        let (c, e) = (d * highScale, dmin * highMinimum)
        let quants = bytes + (16 &+ pair &* 32)
        let out = target + (block &* 256 &+ pair &* 64)
        for j in 0..<32 {
          let q = quants.byte(j)
          out[j] = Output(rounding: a * Float(q & 15) - b)
          out[j &+ 32] = Output(rounding: c * Float(q >> 4) - e)
        }
      }
    }
  }

  /// `d`, `dmin`, 12 bytes of scales and minima, 32 bytes of fifth bits, 128 bytes of 4-bit numbers.
  @inline(__always)
  static func q5K<Output: DequantisedNumber>(
    _ source: UnsafeRawPointer, _ blocks: Int, _ target: UnsafeMutablePointer<Output>
  ) {
    for block in 0..<blocks {
      let bytes = source + block &* 176
      let d = bytes.half(0)
      let dmin = bytes.half(2)
      for pair in 0..<4 {
        let (lowScale, lowMinimum) = scaleAndMinimum(bytes + 4, pair &* 2)
        let (highScale, highMinimum) = scaleAndMinimum(bytes + 4, pair &* 2 &+ 1)
        let (a, b) = (d * lowScale, dmin * lowMinimum)
        let (c, e) = (d * highScale, dmin * highMinimum)
        let fifths = bytes + 16
        let quants = bytes + (48 &+ pair &* 32)
        let shift = UInt8(truncatingIfNeeded: pair &* 2)
        let out = target + (block &* 256 &+ pair &* 64)
        for j in 0..<32 {
          let q = quants.byte(j)
          let fifth = fifths.byte(j) &>> shift
          out[j] = Output(rounding: a * Float(q & 15 | (fifth & 1) << 4) - b)
          out[j &+ 32] = Output(rounding: c * Float(q >> 4 | (fifth & 2) << 3) - e)
        }
      }
    }
  }

  /// 128 bytes of low halves, 64 bytes of upper two bits, 16 signed scales, `d`; q is 0 to 63 less 32.
  @inline(__always)
  static func q6K<Output: DequantisedNumber>(
    _ source: UnsafeRawPointer, _ blocks: Int, _ target: UnsafeMutablePointer<Output>
  ) {
    for block in 0..<blocks {
      let bytes = source + block &* 210
      let d = bytes.half(208)
      // Each half of 128 elements is four quarters of 32, each of two sub-blocks of 16.
      for sub in 0..<16 {
        let (half, quarter, side) = (sub / 8, sub % 8 / 2, sub % 2)
        let scale = d * Float(bytes.signedByte(192 &+ sub))
        let lows = bytes + (half &* 64 &+ quarter % 2 &* 32 &+ side &* 16)
        let highs = bytes + (128 &+ half &* 32 &+ side &* 16)
        let lowShift = UInt8(truncatingIfNeeded: quarter / 2 &* 4)
        let highShift = UInt8(truncatingIfNeeded: quarter &* 2)
        let out = target + (block &* 256 &+ sub &* 16)
        for j in 0..<16 {
          let q = Int32(lows.byte(j) &>> lowShift & 15) | Int32(highs.byte(j) &>> highShift & 3) << 4
          out[j] = Output(rounding: scale * Float(q &- 32))
        }
      }
    }
  }
}
