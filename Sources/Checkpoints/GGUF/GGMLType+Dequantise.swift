extension GGMLType {
  /// Writes a tensor's numbers as Float.
  ///
  /// Traps unless `bytes` holds exactly the blocks of `output.count` elements.
  package func dequantise(_ bytes: UnsafeRawBufferPointer, into output: UnsafeMutableBufferPointer<Float>) {
    dequantise(blocks: bytes, into: output)
  }

  /// Writes a tensor's numbers as the bits of bfloat16, rounded to nearest, ties to even.
  ///
  /// Traps unless `bytes` holds exactly the blocks of `output.count` elements.
  package func dequantise(_ bytes: UnsafeRawBufferPointer, into output: UnsafeMutableBufferPointer<UInt16>) {
    dequantise(blocks: bytes, into: output)
  }

  @inline(__always)
  private func dequantise<Output: DequantisedNumber>(
    blocks bytes: UnsafeRawBufferPointer, into output: UnsafeMutableBufferPointer<Output>
  ) {
    let blocks = output.count / blockElements
    precondition(
      output.count.isMultiple(of: blockElements) && bytes.count == blocks * blockBytes,
      "\(output.count) elements of \(self) are not \(bytes.count) bytes")
    guard blocks > 0, let source = bytes.baseAddress, let target = output.baseAddress else { return }
    switch self {
    case .float32: FloatBlocks.float32(source, blocks, target)
    case .float16: FloatBlocks.float16(source, blocks, target)
    case .bfloat16: FloatBlocks.bfloat16(source, blocks, target)
    case .q40: SmallBlocks.q40(source, blocks, target)
    case .q41: SmallBlocks.q41(source, blocks, target)
    case .q50: SmallBlocks.q50(source, blocks, target)
    case .q51: SmallBlocks.q51(source, blocks, target)
    case .q80: SmallBlocks.q80(source, blocks, target)
    case .q2K: SuperBlocks.q2K(source, blocks, target)
    case .q3K: SuperBlocks.q3K(source, blocks, target)
    case .q4K: SuperBlocks.q4K(source, blocks, target)
    case .q5K: SuperBlocks.q5K(source, blocks, target)
    case .q6K: SuperBlocks.q6K(source, blocks, target)
    }
  }
}

/// What a block's numbers are written as: Float, or UInt16 for the bits of a bfloat16.
protocol DequantisedNumber {
  init(rounding value: Float)
}

extension Float: DequantisedNumber {
  @inline(__always) init(rounding value: Float) { self = value }
}

extension UInt16: DequantisedNumber {
  @inline(__always) init(rounding value: Float) { self = Half.bfloat16(value) }
}

extension UnsafeRawPointer {
  @inline(__always) func byte(_ offset: Int) -> UInt8 { load(fromByteOffset: offset, as: UInt8.self) }
  @inline(__always) func signedByte(_ offset: Int) -> Int8 { load(fromByteOffset: offset, as: Int8.self) }
  @inline(__always) func word(_ offset: Int) -> UInt16 {
    UInt16(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }
  @inline(__always) func doubleWord(_ offset: Int) -> UInt32 {
    UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }
  /// A half-precision number as Float.
  @inline(__always) func half(_ offset: Int) -> Float { Half.float(word(offset)) }
}
