/// Where a tensor of a GGUF file lies and how its numbers are written.
package struct GGUFTensor: Sendable, Hashable {
  package let name: String
  /// Sizes outermost first, as PyTorch has them: a matrix is [out, in]. GGUF itself lists them the other way.
  package let shape: [Int]
  package let type: GGMLType
  /// The tensor's bytes, counted from the start of the file.
  package let range: Range<Int>

  /// How many numbers it holds.
  package var elementCount: Int { shape.reduce(1, *) }
}
