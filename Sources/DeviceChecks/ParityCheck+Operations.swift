internal import Torch

extension ParityCheck {
  /// Every operation, forward and backward.
  static let operations: [ParityCheck] =
    [
      ParityCheck("rms_norm") { site in
        let x = try site.leaf([7, 24], seed: 10)
        let weight = try site.leaf([24], seed: 11, around: 1)
        return try site.outputs(x.rmsNorm(weight, epsilon: 1e-5), leaves: [x, weight])
      },
      ParityCheck("norm_linear with bias and three low-rank parts") { site in
        let x = try site.leaf([9, 24], seed: 10)
        let norm = try site.leaf([24], seed: 11, around: 1)
        let (linear, leaves) = try site.linear(
          64, 24, hasBias: true, rank: 4, parts: [(0, 32), (32, 16), (48, 16)])
        return try site.outputs(x.normLinear(norm, epsilon: 1e-5, linear), leaves: [x, norm] + leaves)
      },
      ParityCheck("norm_linear where one part of two is adapted") { site in
        let x = try site.leaf([5, 16], seed: 10)
        let norm = try site.leaf([16], seed: 11, around: 1)
        let (linear, leaves) = try site.linear(48, 16, rank: 3, parts: [(16, 32)])
        return try site.outputs(x.normLinear(norm, epsilon: 1e-5, linear), leaves: [x, norm] + leaves)
      },
      ParityCheck("linear_add") { site in
        let x = try site.leaf([6, 24], seed: 10)
        let residual = try site.leaf([6, 32], seed: 12)
        let (linear, leaves) = try site.linear(32, 24, rank: 4, parts: [(0, 32)])
        return try site.outputs(x.linear(linear, addedTo: residual), leaves: [x, residual] + leaves)
      },
      ParityCheck("gated_linear_add") { site in
        let gateUp = try site.leaf([6, 48], seed: 10, spread: 3)
        let residual = try site.leaf([6, 32], seed: 12)
        let (linear, leaves) = try site.linear(32, 24, rank: 4, parts: [(0, 32)])
        return try site.outputs(
          gateUp.gatedLinear(linear, addedTo: residual), leaves: [gateUp, residual] + leaves)
      },
      ParityCheck("rows at an index with repeats") { site in
        let x = try site.leaf([9, 8], seed: 10)
        let index = try Tensor.integers([4, 0, 4, 8, 4, 1], on: site.device)
        return try site.outputs(x.rows(at: index), leaves: [x])
      },
      ParityCheck("embedding") { site in
        let weight = try site.leaf([11, 8], seed: 10)
        let ids = try Tensor.integers([3, 0, 3, 10], on: site.device)
        return try site.outputs(Tensor.embedding(weight, ids: ids), leaves: [weight])
      },
      ParityCheck("adamw and the sum of squares") { site in
        let shapes = [[6, 4], [5]]
        func tensors(_ seed: UInt64, spread: Float = 1, around middle: Float = 0) throws -> [Tensor] {
          try shapes.map { try site.tensor($0, seed: seed, spread: spread, around: middle) }
        }
        let (weights, gradients, moments1) = (try tensors(1), try tensors(2), try tensors(3, spread: 0.1))
        let moments2 = try tensors(4, spread: 0.01, around: 0.02)
        let squares =
          site.usesKernels
          ? try gradients.reduce(0) { $0 + (try $1.sumOfSquares()) } : try Tensor.sumOfSquares(gradients)
        let optimiser = AdamW(learningRate: 0.01, weightDecay: 0.1)
        if site.usesKernels {
          for index in shapes.indices {
            try optimiser.step(
              weight: weights[index], gradient: gradients[index], moment1: moments1[index],
              moment2: moments2[index], compute: weights[index], gradientScale: 0.25, step: 3)
          }
        } else {
          try optimiser.step(
            weights: weights, gradients: gradients, moments1: moments1, moments2: moments2, computes: weights,
            gradientScale: 0.25, step: 3)
        }
        return try (weights + moments1 + moments2).map { try $0.floats() } + [[Float(squares)]]
      },
    ] + trees + heads

  private static let trees: [ParityCheck] = [false, true].flatMap { hasNorms in
    [
      (
        "trees with branches",
        TreeLayout([
          .init(prefix: 5, branches: [3, 1, 20]), .init(prefix: 17, branches: [2, 4]),
          .init(prefix: 0, branches: [6]), .init(prefix: 3),
        ])
      ), ("one plain sequence", TreeLayout([.init(prefix: 33)])),
    ].map { name, layout in
      ParityCheck("tree_attention over \(name)\(hasNorms ? ", heads normed" : "")", tolerance: 5e-5) { site in
        let qkv = try site.leaf([layout.count, (4 + 2 * 2) * 8], seed: 10)
        var norms: (q: Tensor, k: Tensor)?
        if hasNorms {
          norms = (try site.leaf([8], seed: 20, around: 1), try site.leaf([8], seed: 21, around: 1))
        }
        let attention = Attention(heads: 4, kvHeads: 2, headSize: 8, norms: norms, normEpsilon: 1e-5)
        let mixed = try qkv.treeAttention(
          attention, angles: site.angles(layout.positions, headSize: 8), layout: layout)
        return try site.outputs(mixed, leaves: [qkv] + (norms.map { [$0.q, $0.k] } ?? []))
      }
    }
  }

  private static let heads: [ParityCheck] = [0.7, 1.0].map { temperature in
    ParityCheck("head_log_probabilities at temperature \(temperature)", tolerance: 5e-5) { site in
      let hidden = try site.leaf([19, 16], seed: 10, spread: 2)
      let weight = try site.leaf([1100, 16], seed: 11)
      let targets = try Tensor.integers((0..<19).map { ($0 * 57) % 1100 }, on: site.device)
      let (logProbabilities, entropy) = try hidden.headLogProbabilities(
        site.head(weight), targets: targets, temperature: temperature)
      return try site.outputs(logProbabilities, leaves: [hidden, weight]) + [entropy.floats()]
    }
  }
}
