import Records
import Testing
import Torch

@testable import LanguageModels

/// Decoding a token takes no new memory: no tensor, no object of Swift's.
///
/// Counted in a process of its own, whose other threads do nothing.
struct AllocationTests {
  @Test func `the counter sees an object and an array`() async {
    await #expect(processExitsWith: .success) {
      let counter = try ObjectCount()
      final class Thing {}
      var kept: [AnyObject] = []
      kept.reserveCapacity(8)
      let none = counter.during {}
      let one = counter.during { kept.append(Thing()) }
      var numbers: [Int] = []
      let buffer = counter.during { numbers.append(kept.count) }
      let again = counter.during { _ = numbers.popLast() }
      #expect([none, one, buffer, again] == [0, 1, 1, 0])
    }
  }

  @Test(arguments: [DType.float32, .bfloat16], [false, true])
  func `a step of decoding makes no tensor and no object`(dtype: DType, adapted: Bool) async {
    let isHalf = dtype == .bfloat16
    await #expect(processExitsWith: .success) { [isHalf = isHalf as Bool, adapted = adapted as Bool] in
      let model = try TinyModel(.qwen3)
      var decoder = try model.decoder(isHalf ? .bfloat16 : .float32)
      if adapted {
        let adapter = try LowRankAdapter(
          LoRAPlan(rank: 3, alpha: 6), configuration: decoder.configuration, seed: 1, dtype: decoder.dtype)
        try decoder.adopt(adapter)
      }
      let prompt = model.text(21, seed: 1)
      let space = try DecodingSpace(decoder, rows: 4)
      let cache = try KeyValueCache(
        space.attention, layers: decoder.configuration.layers, positions: prompt.count, dtype: decoder.dtype)
      _ = try decoder.hidden(prompt, layout: TreeLayout([.init(prefix: prompt.count)]), caches: [cache])
      var rows = CacheRows()
      for _ in 0..<3 {
        try rows.append(cache, length: prompt.count, attention: space.attention, positions: 40)
      }
      let draws = [Draw](repeating: Draw(temperature: 1, uniform: 0.4), count: 3)
      var drawn = [Drawn](repeating: Drawn(), count: 3)
      let ids: [Int32] = [1, 2, 3]
      var positions = [Int64](repeating: 21, count: 3)
      func step() throws {
        try withoutGradients { () throws(TorchError) in
          _ = try space.next(ids, positions: positions, rows: rows, draws: draws, into: &drawn)
        }
        rows.advance()
        for row in positions.indices { positions[row] += 1 }
      }
      // The first steps make the kernels' scratch.
      for _ in 0..<3 { try step() }
      let counter = try ObjectCount()
      let tensors = Tensor.liveCount
      var counts: [Int] = []
      for _ in 0..<10 { counts.append(try counter.during { try step() }) }
      #expect(Tensor.liveCount == tensors)
      #expect(counts == [Int](repeating: 0, count: 10))
    }
  }

  @Test func `answers that are longer make no more objects`() async {
    await #expect(processExitsWith: .success) {
      let model = try TinyModel(.llama)
      let decoder = try model.decoder(.bfloat16)
      let sampler = Sampler(decoder, shards: Shards(count: 1))
      let request = SampleRequest(
        prompt: model.text(17, seed: 1), streams: (0..<4).map { RandomStream(seed: UInt64($0)) })
      let counter = try ObjectCount()
      func objects(_ tokens: Int) throws -> Int {
        try counter.during {
          _ = try sampler.sample([request], SamplerOptions(maxTokens: tokens, stopIDs: []))
        }
      }
      _ = try sampler.sample([request], SamplerOptions(maxTokens: 60, stopIDs: []))
      let (short, long) = (try objects(10), try objects(60))
      #expect(long == short, "50 more steps made \(long - short) objects more than \(short)")
    }
  }
}
