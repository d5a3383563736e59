package import Torch

/// A weight that learns: exact in float32, rounded where the layers use it.
package final class Parameter {
  package let name: String
  /// Float32; the optimiser's truth.
  package let master: Tensor
  /// What the layers compute with: in the compute type, or the master itself in float32.
  package let compute: Tensor
  package let moment1: Tensor
  package let moment2: Tensor

  /// A parameter that starts at `compute`'s values.
  package init(name: String, compute: Tensor) throws(TorchError) {
    self.name = name
    self.compute = compute
    master = try compute.to(.float32)
    moment1 = try Tensor.zeros(compute.shape, .float32, on: compute.device)
    moment2 = try Tensor.zeros(compute.shape, .float32, on: compute.device)
  }

  /// Tensors of the checkpoint, by name.
  package var state: [(name: String, tensor: Tensor)] {
    [(name, master), (name + ".moment1", moment1), (name + ".moment2", moment2)]
  }
}
