/// The shape of a decoder, whatever file it came from.
package struct ModelConfiguration: Sendable, Hashable {
  package var architecture: Architecture
  package var vocabulary: Int
  package var hidden: Int
  package var intermediate: Int
  package var layers: Int
  package var heads: Int
  package var kvHeads: Int
  package var headSize: Int
  package var normEpsilon: Double
  package var rotary: RotaryConfiguration
  /// The output head is the embedding.
  package var tiesEmbeddings: Bool
  /// Positions the model was made for.
  package var context: Int

  package init(
    architecture: Architecture, vocabulary: Int, hidden: Int, intermediate: Int, layers: Int, heads: Int,
    kvHeads: Int, headSize: Int, normEpsilon: Double, rotary: RotaryConfiguration, tiesEmbeddings: Bool,
    context: Int
  ) {
    self.architecture = architecture
    self.vocabulary = vocabulary
    self.hidden = hidden
    self.intermediate = intermediate
    self.layers = layers
    self.heads = heads
    self.kvHeads = kvHeads
    self.headSize = headSize
    self.normEpsilon = normEpsilon
    self.rotary = rotary
    self.tiesEmbeddings = tiesEmbeddings
    self.context = context
  }

  /// Columns of q, k and v together.
  package var qkvWidth: Int { (heads + 2 * kvHeads) * headSize }

  /// Weights in all, the tied head counted once.
  package var parameterCount: Int {
    let traits = architecture.traits
    let attention = hidden * qkvWidth + heads * headSize * hidden + (traits.hasAttentionBias ? qkvWidth : 0)
    let norms = 2 * hidden + (traits.hasHeadNorms ? 2 * headSize : 0)
    let layer = attention + norms + 3 * hidden * intermediate
    return vocabulary * hidden * (tiesEmbeddings ? 1 : 2) + layers * layer + hidden
  }
}
