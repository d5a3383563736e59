import Testing
import Torch

/// Which product a linear goes through.
enum Route: CaseIterable {
  case panels
  /// libtorch's own.
  case library
}

extension OperationCase {
  /// The case's linear with its leaves, by name.
  func linear(_ route: Route) throws -> (linear: Linear, leaves: [String: Tensor]) {
    var leaves = ["weight": try leaf("weight")]
    if has("bias") { leaves["bias"] = try leaf("bias") }
    var parts: LowRankParts?
    if has("a") {
      let (a, b) = (try leaf("a"), try leaf("b"))
      leaves["a"] = a
      leaves["b"] = b
      parts = LowRankParts(
        a: a, b: b, offsets: try integers("offsets"), widths: try integers("widths"),
        scale: try double("scale"))
    }
    let weight = try #require(leaves["weight"])
    let linear = try Linear(
      weight, bias: leaves["bias"], panels: route == .panels ? .all(of: weight, parts) : nil, lowRank: parts)
    return (linear, leaves)
  }
}

extension LinearPanels {
  /// Everything that forward and backward read of a weight and its parts.
  static func all(of weight: Tensor, _ parts: LowRankParts? = nil) throws(TorchError) -> LinearPanels {
    LinearPanels(
      forward: try weight.panels(), transposed: try weight.panels(transposed: true),
      lowRank: try parts?.panels(of: weight))
  }
}

extension Head {
  /// A head that can send gradients back.
  static func all(of weight: Tensor) throws(TorchError) -> Head {
    Head(weight, panels: try weight.panels(), transposed: try weight.panels(transposed: true))
  }
}
