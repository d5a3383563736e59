/// Tensors that are not quantised: a block is one number.
enum FloatBlocks {
  @inline(__always)
  static func float32<Output: DequantisedNumber>(
    _ source: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutablePointer<Output>
  ) {
    for index in 0..<count {
      target[index] = Output(rounding: Float(bitPattern: source.doubleWord(index &* 4)))
    }
  }

  @inline(__always)
  static func float16<Output: DequantisedNumber>(
    _ source: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutablePointer<Output>
  ) {
    for index in 0..<count { target[index] = Output(rounding: source.half(index &* 2)) }
  }

  @inline(__always)
  static func bfloat16<Output: DequantisedNumber>(
    _ source: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutablePointer<Output>
  ) {
    for index in 0..<count {
      target[index] = Output(rounding: Float(bitPattern: UInt32(source.word(index &* 2)) << 16))
    }
  }
}
