import CTorch

/// What attention reads beside queries, keys and values.
package struct Attention {
  package let heads: Int
  package let kvHeads: Int
  package let headSize: Int
  /// RMS norms of every head, before the rotary embedding; both or none. `[D]`
  package let norms: (q: Tensor, k: Tensor)?
  package let normEpsilon: Double

  package init(
    heads: Int, kvHeads: Int, headSize: Int, norms: (q: Tensor, k: Tensor)? = nil, normEpsilon: Double = 0
  ) {
    self.heads = heads
    self.kvHeads = kvHeads
    self.headSize = headSize
    self.norms = norms
    self.normEpsilon = normEpsilon
  }

  /// Elements of a head in a cache: filled up to whole panels.
  package var paddedHeadSize: Int { (headSize + 15) / 16 * 16 }

  /// With the rotary embedding (Su et al. 2021, half-split layout) of every row: float32 `[N, D / 2]`.
  func operands(_ angles: Angles) -> ct_attention {
    ct_attention(
      heads: Int64(heads), kv_heads: Int64(kvHeads), head_size: Int64(headSize), cosine: angles.cosine.handle,
      sine: angles.sine.handle, q_norm: norms?.q.handle, k_norm: norms?.k.handle, epsilon: normEpsilon)
  }
}

/// Cosine and sine of the rotary embedding's angles, float32 `[N, D / 2]` each.
package struct Angles {
  package let cosine: Tensor
  package let sine: Tensor

  package init(cosine: Tensor, sine: Tensor) {
    self.cosine = cosine
    self.sine = sine
  }
}

extension Tensor {
  /// Causal attention over packed trees: queries, keys and values side by side `[N, (heads + 2 kvHeads) D]`, to
  /// `[N, heads D]`. `caches` has for every tree with a prefix the cache whose `layer` takes its keys and values.
  package func treeAttention(
    _ attention: Attention, angles: Angles, layout: TreeLayout,
    caches: (layer: Int, of: [KeyValueCache])? = nil,
    given: Made? = nil, keep: ((Made) -> Void)? = nil
  ) throws(TorchError) -> Tensor {
    var operands = attention.operands(angles)
    let addresses = caches.map { caches in
      precondition(
        caches.of.count == layout.trees.count { $0.prefix > 0 }, "every tree with a prefix needs a cache")
      return zip(caches.of, layout.trees.filter { $0.prefix > 0 }).map { cache, tree in
        precondition(
          cache.capacity == KeyValueCache.capacity(for: tree.prefix),
          "a prefix of \(tree.prefix) tokens needs a cache made for it, not one of \(cache.capacity)")
        return cache.address(ofLayer: caches.layer)
      }
    }
    defer { withExtendedLifetime((angles, attention)) {} }
    return try Made.use(given, keep) { made throws(TorchError) in
      try Self.make("tree_attention", [self, angles.cosine]) { out, error in
        guard let addresses else {
          return ct_tree_attention(
            handle, &operands, layout.encoded, Int64(layout.encoded.count), nil, made, out, error)
        }
        return addresses.withUnsafeBufferPointer { addresses in
          ct_tree_attention(
            handle, &operands, layout.encoded, Int64(layout.encoded.count), addresses.baseAddress, made, out,
            error)
        }
      }
    }
  }
}
