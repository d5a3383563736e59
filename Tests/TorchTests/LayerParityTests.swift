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
  @Test func `linear with and without bias, and its gradients`() throws {
    for item in try OperationCase.all("linear") {
      let x = try item.leaf("x")
      let weight = try item.leaf("weight")
      let bias = item.has("bias") ? try item.leaf("bias") : nil
      let y = try x.linear(weight, bias: bias)
      try item.expect(["y": y])
      try item.backward(["y": y])
      try item.expectGradients(["x": x, "weight": weight])
      if let bias { try item.expectGradients(["bias": bias]) }
    }
  }

  @Test func `low-rank parts add to their own outputs, and gradients reach x, a and b`() throws {
    for item in try OperationCase.all("low_rank") {
      let x = try item.leaf("x")
      let a = try item.leaf("a")
      let b = try item.leaf("b")
      let parts = LowRankParts(
        a: a, b: b, offsets: try item.integers("offsets"), widths: try item.integers("widths"),
        scale: try item.double("scale"))
      let y = try x.linear(
        item.input("weight"), bias: item.has("bias") ? item.input("bias") : nil, lowRank: parts)
      // Rounded: x a^T, its product with b, the plain product, their sum.
      try item.expect(["y": y], roundings: 4)
      try item.backward(["y": y])
      try item.expectGradients(["x": x, "a": a, "b": b], roundings: 4)
    }
  }

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

  @Test func `swiglu and its gradient, saturated too`() throws {
    for item in try OperationCase.all("swiglu") {
      let gateUp = try item.leaf("gate_up")
      let y = try gateUp.swiGLU()
      try item.expect(["y": y])
      try item.backward(["y": y])
      try item.expectGradients(["gate_up": gateUp])
    }
  }

  @Test func `rotary embedding and its gradient`() throws {
    for item in try OperationCase.all("rotary") {
      let x = try item.leaf("x")
      let y = try x.rotated(cosine: item.input("cosine", .float32), sine: item.input("sine", .float32))
      try item.expect(["y": y])
      try item.backward(["y": y])
      try item.expectGradients(["x": x])
    }
  }

  @Test func `heads are split, rotated when angles are given, and gradients come together again`() throws {
    for item in try OperationCase.all("split_heads") {
      let qkv = try item.leaf("qkv")
      let angles =
        item.has("cosine")
        ? (cosine: try item.input("cosine", .float32), sine: try item.input("sine", .float32)) : nil
      let (q, k, v) = try qkv.splitHeads(
        heads: item.integer("heads"), kvHeads: item.integer("kvHeads"), headSize: item.integer("headSize"),
        angles: angles)
      try item.expect(["q": q, "k": k, "v": v])
      try item.backward(["q": q, "k": k, "v": v])
      try item.expectGradients(["qkv": qkv])
    }
  }

  @Test func `attention over trees equals plain masked attention, and so do its gradients`() throws {
    for item in try OperationCase.all("tree_attention") {
      let trees = try #require(item.parameters["trees"]?.array).map { tree in
        let lengths = (tree.array ?? []).compactMap(\.integer)
        return TreeLayout.Tree(prefix: lengths[0], branches: Array(lengths.dropFirst()))
      }
      let q = try item.leaf("q")
      let k = try item.leaf("k")
      let v = try item.leaf("v")
      let y = try Tensor.treeAttention(q: q, k: k, v: v, layout: TreeLayout(trees))
      // Rounded: the weights, their product with the values.
      try item.expect(["y": y], roundings: 3)
      try item.backward(["y": y])
      try item.expectGradients(["q": q, "k": k, "v": v], roundings: 6)
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
