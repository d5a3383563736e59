import OperantTesting
import Testing
import Torch

/// AdamW against torch.optim.AdamW.
@Suite(.enabled(if: ParityFixture.missing == nil, "\(ParityFixture.missing ?? "")"))
struct AdamWTests {
  func optimizer(_ item: OperationCase) throws -> AdamW {
    AdamW(
      learningRate: try item.double("learningRate"), beta1: try item.double("beta1"),
      beta2: try item.double("beta2"), epsilon: try item.double("epsilon"),
      weightDecay: try item.double("weightDecay"))
  }

  @Test func `several steps with scaled gradients, with and without weight decay`() throws {
    for item in try OperationCase.all("adamw") {
      let weight = try item.input("weight")
      let moment1 = try Tensor.zeros(weight.shape, .float32)
      let moment2 = try Tensor.zeros(weight.shape, .float32)
      for step in 0..<(try item.integer("steps")) {
        try optimizer(item).step(
          weight: weight, gradient: item.input("gradient\(step)"), moment1: moment1, moment2: moment2,
          compute: weight, gradientScale: item.double("gradientScale"), step: step + 1)
        try item.expect(["weight\(step)": weight])
      }
      try item.expect(["moment1": moment1, "moment2": moment2])
    }
  }

  @Test func `the bfloat16 copy is the rounded weight, and the weight does not depend on it`() throws {
    for item in try OperationCase.all("adamw") {
      let weight = try item.input("weight")
      let compute = try Tensor.zeros(weight.shape, .bfloat16)
      let moment1 = try Tensor.zeros(weight.shape, .float32)
      let moment2 = try Tensor.zeros(weight.shape, .float32)
      for step in 0..<(try item.integer("steps")) {
        try optimizer(item).step(
          weight: weight, gradient: item.input("gradient\(step)"), moment1: moment1, moment2: moment2,
          compute: compute, gradientScale: item.double("gradientScale"), step: step + 1)
        try item.expect(["weight\(step)": weight])
        #expect(try compute.floats() == weight.to(.bfloat16).floats())
      }
    }
  }

  @Test func `tensors of other sizes or formats are refused before anything is written`() throws {
    let weight = try Tensor.zeros([4], .float32)
    let short = try Tensor.zeros([3], .float32)
    let half = try Tensor.zeros([4], .bfloat16)
    let integers = try Tensor.zeros([4], .int64)
    let adamW = AdamW(learningRate: 0.1)
    for (gradient, compute) in [(short, weight), (half, weight), (weight, short), (weight, integers)] {
      let error = #expect(throws: TorchError.self) {
        try adamW.step(
          weight: weight, gradient: gradient, moment1: Tensor.zeros([4], .float32),
          moment2: Tensor.zeros([4], .float32), compute: compute, gradientScale: 1, step: 1)
      }
      #expect(error?.operation == "adamw_step")
    }
    #expect(try weight.floats() == [0, 0, 0, 0])
  }
}
