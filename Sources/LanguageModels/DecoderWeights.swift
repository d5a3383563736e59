package import Torch

/// A decoder's weights as the layers use them: linears that read the same input lie side by side in one matrix.
package struct DecoderWeights {
  package var embedding: Tensor  // [V, H]
  package var layers: [LayerWeights]
  package var finalNorm: Tensor  // [H]
  package var head: Tensor  // [V, H]; the embedding itself when tied

  package init(embedding: Tensor, layers: [LayerWeights], finalNorm: Tensor, head: Tensor) {
    self.embedding = embedding
    self.layers = layers
    self.finalNorm = finalNorm
    self.head = head
  }
}

/// One layer's weights.
package struct LayerWeights {
  package var inputNorm: Tensor  // [H]
  package var qkv: Tensor  // [(heads + 2 kvHeads) D, H]
  package var qkvBias: Tensor?
  package var qNorm: Tensor?  // [D]
  package var kNorm: Tensor?
  package var output: Tensor  // [H, heads D]
  package var postNorm: Tensor
  package var gateUp: Tensor  // [2 I, H], the gate first
  package var down: Tensor  // [H, I]

  package init(
    inputNorm: Tensor, qkv: Tensor, qkvBias: Tensor?, qNorm: Tensor?, kNorm: Tensor?, output: Tensor,
    postNorm: Tensor, gateUp: Tensor, down: Tensor
  ) {
    self.inputNorm = inputNorm
    self.qkv = qkv
    self.qkvBias = qkvBias
    self.qNorm = qNorm
    self.kNorm = kNorm
    self.output = output
    self.postNorm = postNorm
    self.gateUp = gateUp
    self.down = down
  }
}

/// The matrices of a layer that LoRA can adapt, with the Hugging Face layers that each of them holds.
package enum FusedLinear: String, Sendable, Hashable, CaseIterable {
  case qkv, output, gateUp, down
}

extension DecoderWeights {
  /// Every tensor with its name, in a fixed order; a tied head is not named twice.
  package var named: [(name: String, tensor: Tensor)] {
    var all: [(String, Tensor)] = [("embedding", embedding)]
    for (index, layer) in layers.enumerated() {
      let prefix = "layers.\(index)."
      all.append((prefix + "inputNorm", layer.inputNorm))
      all.append((prefix + "qkv", layer.qkv))
      if let bias = layer.qkvBias { all.append((prefix + "qkvBias", bias)) }
      if let norm = layer.qNorm { all.append((prefix + "qNorm", norm)) }
      if let norm = layer.kNorm { all.append((prefix + "kNorm", norm)) }
      all.append((prefix + "output", layer.output))
      all.append((prefix + "postNorm", layer.postNorm))
      all.append((prefix + "gateUp", layer.gateUp))
      all.append((prefix + "down", layer.down))
    }
    all.append(("finalNorm", finalNorm))
    if head !== embedding { all.append(("head", head)) }
    return all
  }

  /// The same structure with every tensor replaced; a tied head stays tied.
  package func mapped(_ transform: (String, Tensor) throws(TorchError) -> Tensor) throws(TorchError)
    -> DecoderWeights
  {
    var copy = self
    copy.embedding = try transform("embedding", embedding)
    for index in layers.indices {
      let prefix = "layers.\(index)."
      copy.layers[index].inputNorm = try transform(prefix + "inputNorm", layers[index].inputNorm)
      copy.layers[index].qkv = try transform(prefix + "qkv", layers[index].qkv)
      if let bias = layers[index].qkvBias {
        copy.layers[index].qkvBias = try transform(prefix + "qkvBias", bias)
      }
      if let norm = layers[index].qNorm { copy.layers[index].qNorm = try transform(prefix + "qNorm", norm) }
      if let norm = layers[index].kNorm { copy.layers[index].kNorm = try transform(prefix + "kNorm", norm) }
      copy.layers[index].output = try transform(prefix + "output", layers[index].output)
      copy.layers[index].postNorm = try transform(prefix + "postNorm", layers[index].postNorm)
      copy.layers[index].gateUp = try transform(prefix + "gateUp", layers[index].gateUp)
      copy.layers[index].down = try transform(prefix + "down", layers[index].down)
    }
    copy.finalNorm = try transform("finalNorm", finalNorm)
    copy.head = head === embedding ? copy.embedding : try transform("head", head)
    return copy
  }
}
