import OperantTesting
import Testing
import Torch

/// The output head against PyTorch: vocabularies of whole blocks of 512 and whole panels of 16 and others, row counts
/// around the 128 that walk through the vocabulary together, and targets near probability 1.
@Suite(.enabled(if: ParityFixture.missing == nil, "\(ParityFixture.missing ?? "")"))
struct HeadParityTests {
  @Test func `log-probabilities, entropy and gradients`() throws {
    for item in try OperationCase.all("head") {
      let hidden = try item.leaf("hidden")
      let weight = try item.leaf("weight")
      let (logProbabilities, entropy) = try hidden.headLogProbabilities(
        .all(of: weight), targets: item.input("targets"), temperature: item.double("temperature"))
      #expect(logProbabilities.dtype == .float32)
      // The products of bfloat16 numbers are summed in float32: nothing is rounded to bfloat16.
      try item.expect(["log_probabilities": logProbabilities, "entropy": entropy])
      try item.backward(["log_probabilities": logProbabilities])
      // Rounded: the weights of the other tokens, the gradient of the logits, the result.
      try item.expectGradients(["hidden": hidden, "weight": weight], roundings: 3)
    }
  }

  @Test func `a frozen head gets no gradient, and hidden states the same one`() throws {
    for item in try OperationCase.all("head") where item.name.contains("-5-") {
      let hidden = try item.leaf("hidden")
      let weight = try item.input("weight")
      let (logProbabilities, _) = try hidden.headLogProbabilities(
        .all(of: weight), targets: item.input("targets"), temperature: item.double("temperature"))
      try item.backward(["log_probabilities": logProbabilities])
      try item.expectGradients(["hidden": hidden], roundings: 3)
      #expect(try weight.gradient() == nil)
    }
  }

  @Test func `a head that learns beside frozen hidden states gets its gradient`() throws {
    for item in try OperationCase.all("head") where item.name.contains("-5-") {
      let weight = try item.leaf("weight")
      let (logProbabilities, _) = try item.input("hidden").headLogProbabilities(
        .all(of: weight), targets: item.input("targets"), temperature: item.double("temperature"))
      try item.backward(["log_probabilities": logProbabilities])
      try item.expectGradients(["weight": weight], roundings: 3)
    }
  }

  @Test func `asking for a gradient changes no bit of a log-probability or an entropy`() throws {
    for item in try OperationCase.all("head") {
      let head = try Head.all(of: item.input("weight"))
      func outputs(_ hidden: Tensor) throws -> [[UInt32]] {
        let (logProbabilities, entropy) = try hidden.headLogProbabilities(
          head, targets: item.input("targets"), temperature: item.double("temperature"))
        return [try logProbabilities.bits(), try entropy.bits()]
      }
      let silent = try outputs(item.input("hidden"))
      #expect(try outputs(item.leaf("hidden")) == silent, "\(item)")
    }
  }
}

extension Tensor {
  /// The elements' bits: unlike numbers, these are equal to themselves whatever they are.
  func bits() throws(TorchError) -> [UInt32] { try floats().map(\.bitPattern) }
}
