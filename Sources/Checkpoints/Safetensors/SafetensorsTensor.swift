/// Where a tensor of a safetensors file lies; its bytes are row-major and little-endian.
package struct SafetensorsTensor: Sendable, Hashable {
  package let name: String
  package let type: SafetensorsType
  /// Sizes outermost first; empty for a scalar.
  package let shape: [Int]
  /// The tensor's bytes, counted from the start of the file.
  package let range: Range<Int>

  /// How many numbers it holds.
  package var elementCount: Int { shape.reduce(1, *) }
}
