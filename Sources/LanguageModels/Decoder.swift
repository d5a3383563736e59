package import Torch

/// A decoder ready to compute: weights, an adapter when there is one, and the rotary angles.
///
/// A value: a thread that needs leaves of its own for the gradient makes a copy over other tensors
/// (`DecoderWeights.mapped`, `LowRankAdapter.mapped`), which shares the panels.
package struct Decoder {
  package let configuration: ModelConfiguration
  package var weights: DecoderWeights
  package var adapter: LowRankAdapter?
  private var panels: DecoderPanels
  let rotary: RotaryTable
  /// Whether every token gets the same numbers whatever is computed beside it.
  package let isExact: Bool
  /// What decoding on a device keeps from one call to the next; nil for the processor's kernels.
  let deviceDecoding: DeviceDecoding?

  /// `positions` is the longest sequence that will be computed.
  package init(
    configuration: ModelConfiguration, weights: DecoderWeights, positions: Int, exact: Bool = true
  ) throws(TorchError) {
    self.configuration = configuration
    self.weights = weights
    let takesDeviceOperations = weights.embedding.takesDeviceOperations
    isExact = exact && !takesDeviceOperations
    deviceDecoding = takesDeviceOperations ? DeviceDecoding() : nil
    panels = try DecoderPanels(weights, exact: exact)
    rotary = try RotaryTable(
      configuration.rotary, headSize: configuration.headSize, positions: positions,
      device: weights.embedding.device)
  }

  /// Whether its operations are made of libtorch's own, as on a device.
  package var takesDeviceOperations: Bool { deviceDecoding != nil }
  package var device: Device { weights.embedding.device }

  package var dtype: DType { weights.embedding.dtype }
  package var positions: Int { rotary.positions }

  // MARK: What changes with training

  /// Puts an adapter on the linears.
  package mutating func adopt(_ adapter: LowRankAdapter) throws(TorchError) {
    self.adapter = adapter
    // What was recorded reads other weights.
    deviceDecoding?.forget()
    try panels.add(adapter, weights)
  }

  /// Lays the weights out for gradients too.
  package mutating func prepareForGradients() throws(TorchError) { try panels.prepareForGradients(weights) }

  /// Brings what the kernels read up to an adapter that has changed.
  package func refreshAdapter(layer: Int) throws(TorchError) {
    if let adapter { try panels.refresh(adapter, weights, layer: layer) }
  }

  /// Brings what the kernels read up to a layer's weights that have changed.
  package func refreshWeights(layer: Int) throws(TorchError) { try panels.refresh(weights, layer: layer) }

  /// Brings what the kernels read up to a head that has changed.
  package func refreshHead() throws(TorchError) { try panels.refreshHead(weights) }

  // MARK: Parts, as the operations take them

  package var head: Head { panels.head(weights.head) }

  func linear(_ index: Int, _ linear: FusedLinear) -> Linear {
    Linear(
      weights.layers[index][linear], bias: linear == .qkv ? weights.layers[index].qkvBias : nil,
      panels: panels.panels(index, linear), lowRank: adapter?.layers[index][linear])
  }

  func attention(_ index: Int) -> Attention {
    let layer = weights.layers[index]
    var norms: (q: Tensor, k: Tensor)?
    if let q = layer.qNorm, let k = layer.kNorm { norms = (q, k) }
    return Attention(
      heads: configuration.heads, kvHeads: configuration.kvHeads, headSize: configuration.headSize,
      norms: norms,
      normEpsilon: configuration.normEpsilon)
  }

  // MARK: Whole sequences

  /// Hidden states before the last norm for packed trees of tokens: ids `[N]` to `[N, H]`.
  ///
  /// `caches`, when given, has one for every tree's prefix and receives its keys and values. With `activations` of
  /// these very tokens nothing is computed but what connects them for the gradient; `keep` receives those of each
  /// layer that are made. `cached` `[layers, 2, N, kvHeads, D]` receives keys and values of all tokens, for decoding on
  /// a device (`Tensor.keepKeysAndValues`).
  package func hidden(
    _ ids: [Int32], layout: TreeLayout, caches: [KeyValueCache]? = nil,
    activations: [LayerActivations]? = nil,
    keep: ((LayerActivations) -> Void)? = nil, cached: Tensor? = nil
  ) throws(TorchError) -> Tensor {
    precondition(layout.count == ids.count, "the layout covers \(layout.count) tokens of \(ids.count)")
    let angles = try rotary.angles(at: layout.positions)
    let epsilon = configuration.normEpsilon
    var x = try Tensor.embedding(
      weights.embedding, ids: Tensor.integers(ids.lazy.map(Int.init), on: device))
    for (index, layer) in weights.layers.enumerated() {
      let given = activations?[index]
      var made = LayerActivations()
      func keeping(_ step: LayerStep) -> ((Made) -> Void)? { keep == nil ? nil : { made[step] = $0 } }
      let qkv = try x.normLinear(
        layer.inputNorm, epsilon: epsilon, linear(index, .qkv), given: given?[.qkv], keep: keeping(.qkv))
      if let cached { try qkv.keepKeysAndValues(attention(index), angles: angles, in: cached, layer: index) }
      let mixed = try qkv.treeAttention(
        attention(index), angles: angles, layout: layout, caches: caches.map { (index, $0) },
        given: given?[.attention], keep: keeping(.attention))
      x = try mixed.linear(
        linear(index, .output), addedTo: x, given: given?[.output], keep: keeping(.output))
      x = try x.normLinear(
        layer.postNorm, epsilon: epsilon, linear(index, .gateUp), given: given?[.gateUp],
        keep: keeping(.gateUp)
      ).gatedLinear(linear(index, .down), addedTo: x, given: given?[.down], keep: keeping(.down))
      keep?(made)
    }
    return x
  }

  /// Log-probability of `targets` `[M]` and entropy at hidden states `[M, H]`, both float32 `[M]`.
  package func logProbabilities(_ hidden: Tensor, targets: [Int32], temperature: Double) throws(TorchError)
    -> (logProbabilities: Tensor, entropy: Tensor)
  {
    try hidden.rmsNorm(weights.finalNorm, epsilon: configuration.normEpsilon)
      .headLogProbabilities(
        head, targets: Tensor.integers(targets.lazy.map(Int.init), on: device), temperature: temperature)
  }

  /// Log-probability of each target at hidden states `[M, H]`, and the most likely tokens in its place; the first
  /// `targets.count` rows are scored. Log-probabilities are those of `logProbabilities` at temperature 1, bit for bit.
  package func scores(_ hidden: Tensor, targets: [Int32], likelyCount: Int) throws(TorchError)
    -> [TargetScore]
  {
    try hidden.rmsNorm(weights.finalNorm, epsilon: configuration.normEpsilon)
      .scores(head, targets: targets, likelyCount: likelyCount)
  }

  /// Log-probability of every token of a text given those before it; the first has none. `[T]` to `[T - 1]`.
  package func score(_ ids: [Int32]) throws(TorchError) -> [Float] {
    guard ids.count > 1 else { return [] }
    return try withoutGradients { () throws(TorchError) in
      let hidden = try hidden(ids, layout: TreeLayout([.init(prefix: ids.count)]))
      return try logProbabilities(
        hidden.rows(0..<ids.count - 1), targets: Array(ids.dropFirst()), temperature: 1
      ).logProbabilities.floats()
    }
  }
}
