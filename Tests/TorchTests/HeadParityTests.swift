import OperantTesting
import Testing
import Torch

/// The output head against PyTorch: vocabularies that fit the packed kernel and others, row counts around the
/// kernel's tile of 6 and its chunk of 96.
@Suite(.enabled(if: ParityFixture.missing == nil, "\(ParityFixture.missing ?? "")"))
struct HeadParityTests {
  @Test func `log-probabilities, entropy and gradients`() throws {
    for item in try OperationCase.all("head") {
      let hidden = try item.leaf("hidden")
      let weight = try item.leaf("weight")
      let (logProbabilities, entropy) = try hidden.headLogProbabilities(
        weight, packed: weight.packedHead(), targets: item.input("targets"),
        temperature: item.double("temperature"))
      #expect(logProbabilities.dtype == .float32)
      // The products of bfloat16 numbers are summed in float32: nothing is rounded to bfloat16.
      try item.expect(["log_probabilities": logProbabilities, "entropy": entropy])
      try item.backward(["log_probabilities": logProbabilities])
      // Rounded: the gradient of the logits, each product of a block, the result.
      try item.expectGradients(["hidden": hidden, "weight": weight], roundings: 3)
    }
  }

  @Test func `a frozen head gets no gradient, and hidden states the same one`() throws {
    for item in try OperationCase.all("head") where item.name.contains("-6-") {
      let hidden = try item.leaf("hidden")
      let weight = try item.input("weight")
      let (logProbabilities, _) = try hidden.headLogProbabilities(
        weight, packed: weight.packedHead(), targets: item.input("targets"),
        temperature: item.double("temperature"))
      try item.backward(["log_probabilities": logProbabilities])
      try item.expectGradients(["hidden": hidden], roundings: 3)
      #expect(try weight.gradient() == nil)
    }
  }

  @Test func `logits in float32`() throws {
    for item in try OperationCase.all("head_logits") {
      let weight = try item.input("weight")
      let logits = try item.input("hidden").headLogits(weight, packed: weight.packedHead())
      #expect(logits.dtype == .float32)
      try item.expect(["y": logits])
    }
  }

  @Test func `the head that is not packed gives the packed one's numbers`() throws {
    for item in try OperationCase.all("head") where item.dtype == .bfloat16 && item.name.contains("192-48") {
      let hidden = try item.input("hidden")
      let weight = try item.input("weight")
      let targets = try item.input("targets")
      let fast = try hidden.headLogProbabilities(
        weight, packed: weight.packedHead(), targets: targets, temperature: 1)
      let plain = try hidden.headLogProbabilities(weight, packed: weight, targets: targets, temperature: 1)
      for (a, b) in zip(try fast.logProbabilities.floats(), try plain.logProbabilities.floats()) {
        #expect(abs(a - b) < 1e-4)
      }
    }
  }
}
