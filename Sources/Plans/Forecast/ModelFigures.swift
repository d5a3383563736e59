/// A transformer's size, read from the header of its file.
package struct ModelFigures: Sendable, Hashable {
  package var parameters: Int
  package var layers: Int
  package var hidden: Int
  /// Width of the feed-forward part.
  package var intermediate: Int
  package var heads: Int
  package var kvHeads: Int
  package var headSize: Int
  package var vocabulary: Int
  /// Most positions the model was made for.
  package var context: Int

  package init(
    parameters: Int, layers: Int, hidden: Int, intermediate: Int, heads: Int, kvHeads: Int, headSize: Int,
    vocabulary: Int, context: Int
  ) {
    self.parameters = parameters
    self.layers = layers
    self.hidden = hidden
    self.intermediate = intermediate
    self.heads = heads
    self.kvHeads = kvHeads
    self.headSize = headSize
    self.vocabulary = vocabulary
    self.context = context
  }

  /// Parameters of a Llama-shaped model of these sizes, for a header that does not say.
  package static func parameterCount(
    layers: Int, hidden: Int, intermediate: Int, heads: Int, kvHeads: Int, headSize: Int, vocabulary: Int,
    tiedEmbedding: Bool
  ) -> Int {
    let attention = hidden * headSize * (2 * heads + 2 * kvHeads)
    let feedForward = 3 * hidden * intermediate
    let norms = 2 * hidden
    return layers * (attention + feedForward + norms) + hidden
      + vocabulary * hidden * (tiedEmbedding ? 1 : 2)
  }
}
