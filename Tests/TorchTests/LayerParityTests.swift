import OperantTesting
import Records
import Testing
import Torch

/// Layers and their gradients against PyTorch.
///
/// The numbers of roundings are counted along the computation in bfloat16; where a rounded number goes into a
/// sum of many, its errors add up like a random walk, which the count includes.
@Suite(.enabled(if: ParityFixture.missing == nil, "\(ParityFixture.missing ?? "")"))
struct LayerParityTests {
  // MARK: linears

  @Test(arguments: Route.allCases)
  func `a norm and its linear, with bias and low-rank parts, and all gradients`(route: Route) throws {
    for item in try OperationCase.all("norm_linear") {
      let (linear, leaves) = try item.linear(route)
      let x = try item.leaf("x")
      let norm = try item.leaf("norm")
      let y = try x.normLinear(norm, epsilon: item.double("epsilon"), linear)
      // Rounded: the norm, x a^T, the result.
      try item.expect(["y": y], roundings: 2)
      try item.backward(["y": y])
      // Rounded: g b, the gradient of the norm's output, the result.
      try item.expectGradients(leaves.merging(["x": x, "norm": norm]) { $1 }, roundings: 4)
    }
  }

  @Test(arguments: Route.allCases)
  func `a linear added to a residual, with low-rank parts, and all gradients`(route: Route) throws {
    for item in try OperationCase.all("linear_add") {
      let (linear, leaves) = try item.linear(route)
      let x = try item.leaf("x")
      let residual = try item.leaf("residual")
      let y = try x.linear(linear, addedTo: residual)
      try item.expect(["y": y], roundings: route == .library || item.has("a") ? 2 : 1)
      try item.backward(["y": y])
      try item.expectGradients(leaves.merging(["x": x]) { $1 }, roundings: item.has("a") ? 4 : 1)
      try item.expectGradients(["residual": residual])
    }
  }

  @Test(arguments: Route.allCases)
  func `a gated linear added to a residual, saturated too, and all gradients`(route: Route) throws {
    for item in try OperationCase.all("gated_linear_add") {
      let (linear, leaves) = try item.linear(route)
      let gateUp = try item.leaf("gate_up")
      let residual = try item.leaf("residual")
      let y = try gateUp.gatedLinear(linear, addedTo: residual)
      // Rounded: silu(gate) * up, x a^T, the result.
      try item.expect(["y": y], roundings: 2)
      try item.backward(["y": y])
      try item.expectGradients(leaves.merging(["gate_up": gateUp]) { $1 }, roundings: 4)
      try item.expectGradients(["residual": residual])
    }
  }

  @Test func `a frozen weight gets no gradient, and its input the same one`() throws {
    for item in try OperationCase.all("linear_add") where item.has("a") {
      let (linear, leaves) = try item.linear(.panels)
      let frozen = Linear(try item.input("weight"), panels: linear.panels, lowRank: linear.lowRank)
      let x = try item.leaf("x")
      try item.backward(["y": x.linear(frozen, addedTo: item.input("residual"))])
      try item.expectGradients(["x": x], roundings: 4)
      for key in ["a", "b"] { try item.expectGradients([key: #require(leaves[key])], roundings: 4) }
      #expect(try frozen.weight.gradient() == nil)
      #expect(try leaves["weight"]?.gradient() == nil)
    }
  }

  /// What a layer made, given to it again: nothing is computed, and gradients are the same to the bit.
  @Test(arguments: Route.allCases)
  func `a layer that is given its result has the same gradients`(route: Route) throws {
    for operation in ["norm_linear", "linear_add", "gated_linear_add"] {
      for item in try OperationCase.all(operation) {
        func gradients(_ given: Made?, keep: ((Made) -> Void)?) throws -> (
          output: [UInt32], gradients: [[UInt32]]
        ) {
          let (linear, leaves) = try item.linear(route)
          let input = try item.leaf(operation == "gated_linear_add" ? "gate_up" : "x")
          let other = try item.leaf(operation == "norm_linear" ? "norm" : "residual")
          let y =
            switch operation {
            case "norm_linear":
              try input.normLinear(other, epsilon: item.double("epsilon"), linear, given: given, keep: keep)
            case "linear_add": try input.linear(linear, addedTo: other, given: given, keep: keep)
            default: try input.gatedLinear(linear, addedTo: other, given: given, keep: keep)
            }
          try item.backward(["y": y])
          let all = [input, other] + leaves.sorted { $0.key < $1.key }.map(\.value)
          return (try y.bits(), try all.map { try #require(try $0.gradient()).bits() })
        }
        var made: Made?
        let first = try gradients(nil, keep: { made = $0 })
        let kept = try #require(made)
        #expect(try kept.result.bits() == first.output)
        #expect((kept.aside != nil) == item.has("a"))
        let second = try gradients(kept, keep: nil)
        #expect(second.output == first.output && second.gradients == first.gradients, "\(item)")
        // It is taken, not computed.
        let zeros = Made(result: try Tensor.zeros(kept.result.shape, item.dtype), aside: kept.aside)
        #expect(try gradients(zeros, keep: nil).output.allSatisfy { $0 == 0 })
      }
    }
  }

  @Test func `attention that is given its result has the same gradients`() throws {
    for item in try OperationCase.all("tree_attention") {
      func gradients(_ given: Made?, keep: ((Made) -> Void)?) throws -> [[UInt32]] {
        let qkv = try item.leaf("qkv")
        var norms: (q: Tensor, k: Tensor)?
        if item.has("q_norm") { norms = (try item.leaf("q_norm"), try item.leaf("k_norm")) }
        let y = try qkv.treeAttention(
          item.attention(norms: norms), angles: item.angles(), layout: TreeLayout(item.trees()), given: given,
          keep: keep)
        try item.backward(["y": y])
        let all = [qkv] + (norms.map { [$0.q, $0.k] } ?? [])
        return [try y.bits()] + (try all.map { try #require(try $0.gradient()).bits() })
      }
      var made: Made?
      let first = try gradients(nil, keep: { made = $0 })
      let kept = try #require(made)
      #expect(try gradients(Made(result: kept.result, aside: kept.aside), keep: nil) == first, "\(item)")
    }
  }

  @Test func `panels made again over old ones are those of the new values`() throws {
    for item in try OperationCase.all("norm_linear") where item.has("a") {
      let (linear, _) = try item.linear(.panels)
      let stale = try #require(linear.panels)
      let parts = try #require(linear.lowRank)
      for tensor in [linear.weight, parts.a, parts.b] { try tensor.add(tensor, scale: -0.5) }
      func outputs(_ panels: LinearPanels) throws -> [Float] {
        let x = try item.input("x").leaf(requiresGradient: true)
        let y = try x.normLinear(
          item.input("norm"), epsilon: item.double("epsilon"),
          Linear(linear.weight, bias: linear.bias, panels: panels, lowRank: parts))
        try item.backward(["y": y])
        return try y.floats() + (#require(try x.gradient()).floats())
      }
      let before = try outputs(stale)
      let fresh = try outputs(.all(of: linear.weight, parts))
      #expect(before != fresh)
      _ = try linear.weight.panels(into: stale.forward)
      _ = try linear.weight.panels(transposed: true, into: stale.transposed)
      _ = try parts.panels(of: linear.weight, into: stale.lowRank)
      #expect(try outputs(stale) == fresh, "\(item)")
    }
  }

  // MARK: the rest

  @Test func `rms norm and its gradients`() throws {
    for item in try OperationCase.all("rms_norm") {
      let x = try item.leaf("x")
      let weight = try item.leaf("weight")
      let y = try x.rmsNorm(weight, epsilon: item.double("epsilon"))
      try item.expect(["y": y])
      try item.backward(["y": y])
      try item.expectGradients(["x": x, "weight": weight])
    }
  }

  @Test func `attention over trees equals plain masked attention, and so do its gradients`() throws {
    for item in try OperationCase.all("tree_attention") {
      let qkv = try item.leaf("qkv")
      var norms: (q: Tensor, k: Tensor)?
      if item.has("q_norm") { norms = (try item.leaf("q_norm"), try item.leaf("k_norm")) }
      let y = try qkv.treeAttention(
        item.attention(norms: norms), angles: item.angles(), layout: TreeLayout(item.trees()))
      // Rounded: turned queries and keys, the weights, the result.
      try item.expect(["y": y], roundings: 2)
      try item.backward(["y": y])
      try item.expectGradients(["qkv": qkv], roundings: 3)
      if let norms { try item.expectGradients(["q_norm": norms.q, "k_norm": norms.k], roundings: 4) }
    }
  }

  @Test func `embedding and the gradient of ids that repeat`() throws {
    for item in try OperationCase.all("embedding") {
      let weight = try item.leaf("weight")
      let y = try Tensor.embedding(weight, ids: item.input("ids"))
      try item.expect(["y": y])
      try item.backward(["y": y])
      // A gradient is the sum of up to three rounded ones.
      try item.expectGradients(["weight": weight], roundings: 2)
    }
  }

  @Test func `sum with broadcasting, and matrix product, with gradients`() throws {
    for item in try OperationCase.all("add") {
      let a = try item.leaf("a")
      let b = try item.leaf("b")
      let y = try a + b
      try item.expect(["y": y])
      try item.backward(["y": y])
      try item.expectGradients(["a": a, "b": b])
    }
    for item in try OperationCase.all("matmul") {
      let a = try item.leaf("a")
      let b = try item.leaf("b")
      let y = try a.matmul(b)
      try item.expect(["y": y])
      try item.backward(["y": y])
      try item.expectGradients(["a": a, "b": b])
    }
  }
}

extension OperationCase {
  func trees() throws -> [TreeLayout.Tree] {
    try #require(parameters["trees"]?.array).map { tree in
      let lengths = (tree.array ?? []).compactMap(\.integer)
      return TreeLayout.Tree(prefix: lengths[0], branches: Array(lengths.dropFirst()))
    }
  }

  func attention(norms: (q: Tensor, k: Tensor)?) throws -> Attention {
    Attention(
      heads: try integer("heads"), kvHeads: try integer("kvHeads"), headSize: try integer("headSize"),
      norms: norms, normEpsilon: try double("epsilon"))
  }

  func angles() throws -> Angles {
    Angles(cosine: try input("cosine", .float32), sine: try input("sine", .float32))
  }
}
