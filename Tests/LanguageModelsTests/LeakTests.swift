import Foundation
import LanguageModels
import Records
import Testing
import Torch

/// A model, its adapter, its caches and its graphs are given back; counted in a process of its own.
struct LeakTests {
  @Test func `no tensor outlives training, sampling and a policy that diverges`() async {
    await #expect(processExitsWith: .success) {
      try exerciseModel()
      exit(Tensor.liveCount == 0 ? EXIT_SUCCESS : EXIT_FAILURE)
    }
  }
}

private func exerciseModel() throws {
  let model = try TinyModel(.qwen3)
  var decoder = try model.decoder()
  let adapter = try LowRankAdapter(
    LoRAPlan(rank: 2, alpha: 4), configuration: model.configuration, seed: 1, dtype: .float32)
  let leaves = try adapter.mapped { _, tensor throws(TorchError) in try tensor.leaf(requiresGradient: true) }
  try decoder.adopt(adapter)
  try decoder.prepareForGradients()
  decoder.adapter = leaves
  let loaded = Tensor.liveCount
  let ids = model.text(10, seed: 1)
  do {
    let hidden = try decoder.hidden(ids, layout: TreeLayout([.init(prefix: 4, branches: [2, 4])]))
    let (scores, _) = try decoder.logProbabilities(hidden, targets: ids, temperature: 0.9)
    try scores.backward(gradient: Tensor.floats([Float](repeating: 1, count: 10), [10]))
  }
  for (_, leaf) in leaves.named { leaf.clearGradient() }

  let sampler = Sampler(decoder, shards: Shards(count: 2))
  let requests = (0..<3).map { index in
    SampleRequest(prompt: ids, streams: [RandomStream(seed: UInt64(index)), RandomStream(seed: 9)])
  }
  let options = SamplerOptions(maxTokens: 80, stopIDs: [3, 5], maxRows: 4)
  _ = try sampler.sample(requests, options)
  do {
    let (answers, recording) = try sampler.sample(
      requests, options, observer: SamplingObserver(), bytesToRecord: .max)
    guard let recording else { fatalError("nothing was recorded") }
    let tokens = Array(answers[0][0].tokens.dropLast())
    let layout = TreeLayout([.init(prefix: ids.count, branches: [tokens.count])])
    _ = try recording.activations(of: ids + tokens, layout: layout)
  }
  precondition(Tensor.liveCount == loaded, "a pass left tensors behind")

  try decoder.weights.finalNorm.copy(from: Tensor.floats([Float](repeating: .nan, count: 32), [32]))
  do {
    _ = try sampler.sample(requests, options)
    fatalError("a policy whose logits are not numbers was sampled")
  } catch {
    precondition(Tensor.liveCount == loaded, "an error left tensors behind")
  }
}
