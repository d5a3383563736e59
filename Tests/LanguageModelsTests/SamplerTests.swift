import Foundation
import LanguageModels
import Records
import Synchronization
import Testing
import Torch

/// Sampling: what decides the tokens and what ends an answer. That its log-probabilities are the trainer's is
/// `ExactnessTests`' matter.
struct SamplerTests {
  let model: TinyModel
  let decoder: Decoder

  init() throws {
    model = try TinyModel(.llama)
    decoder = try model.decoder()
  }

  func requests(_ sizes: [Int], attempts: [Int], seed: UInt64 = 1) -> [SampleRequest] {
    zip(sizes, attempts).enumerated().map { index, pair in
      SampleRequest(
        prompt: model.text(pair.0, seed: UInt64(index)),
        streams: (0..<pair.1).map { RandomStream(run: seed, step: 0, exampleID: "\(index)", index: $0) })
    }
  }

  func options(_ maxTokens: Int, stop: Set<Int32> = [], temperature: Double = 1, maxRows: Int = 64)
    -> SamplerOptions
  {
    SamplerOptions(maxTokens: maxTokens, temperature: temperature, stopIDs: stop, maxRows: maxRows)
  }

  /// Stop ids that end about one row in ten tokens.
  static let someStops: Set<Int32> = Set((0..<128).filter { $0 % 11 == 3 })

  // MARK: determinism

  @Test func `the same seeds give the same tokens, others do not`() throws {
    let sampler = Sampler(decoder, shards: Shards(count: 1))
    let wanted = requests([5, 9, 1], attempts: [4, 2, 3])
    let first = try sampler.sample(wanted, options(30))
    #expect(try sampler.sample(wanted, options(30)) == first)
    #expect(first.map(\.count) == [4, 2, 3])
    #expect(Set(first[0].map(\.tokens)).count == 4)
    let other = try sampler.sample(requests([5, 9, 1], attempts: [4, 2, 3], seed: 2), options(30))
    #expect(other.map { $0.map(\.tokens) } != first.map { $0.map(\.tokens) })
  }

  @Test func `requests are dealt to the shard with the fewest rows, none is lost`() throws {
    let wanted = requests([3, 3, 3, 3, 3, 3, 3], attempts: [8, 1, 1, 1, 1, 1, 5])
    let answers = try Sampler(decoder, shards: Shards(count: 4)).sample(wanted, options(3))
    #expect(answers.map(\.count) == [8, 1, 1, 1, 1, 1, 5])
    #expect(answers.joined().allSatisfy { $0.tokens.count == 3 })
    #expect(try Sampler(decoder, shards: Shards(count: 2)).sample([], options(3)).isEmpty)
  }

  // MARK: greedy

  @Test func `greedy takes the likeliest token of every step, whatever the seed`() throws {
    let prompt = model.text(6, seed: 3)
    let sampler = Sampler(decoder, shards: Shards(count: 1))
    let streams = [RandomStream(seed: 1), RandomStream(seed: 2)]
    let answers = try sampler.sample(
      [SampleRequest(prompt: prompt, streams: streams)], options(20, temperature: 0))[0]
    #expect(answers[0].tokens == answers[1].tokens)
    var ids = prompt
    for (token, logProbability) in zip(answers[0].tokens, answers[0].logProbabilities) {
      let all = try withoutGradients { () throws(TorchError) in
        let hidden = try decoder.hidden(ids, layout: TreeLayout([.init(prefix: ids.count)]))
        let last = try hidden.rows(at: Tensor.integers([Int](repeating: ids.count - 1, count: 128)))
        return try decoder.logProbabilities(last, targets: (0..<128).map(Int32.init), temperature: 1)
          .logProbabilities.floats()
      }
      #expect(all[Int(token)] == all.max())
      #expect(logProbability == all[Int(token)])
      ids.append(token)
    }
  }

  // MARK: ends

  @Test func `a stop id ends its row and is part of it`() throws {
    let wanted = requests([4, 8], attempts: [9, 9])
    let answers = try Sampler(decoder, shards: Shards(count: 1)).sample(
      wanted, options(25, stop: Self.someStops, maxRows: 4))
    var reasons: Set<StopReason> = []
    for answer in answers.joined() {
      reasons.insert(answer.stopReason)
      #expect(answer.tokens.count == answer.logProbabilities.count)
      #expect(answer.tokens.count == answer.logMasses.count)
      #expect(!answer.tokens.dropLast().contains { Self.someStops.contains($0) })
      let stopped = answer.tokens.last.map(Self.someStops.contains) == true
      #expect(answer.stopReason == (stopped ? .endOfTurn : .truncated))
      if !stopped { #expect(answer.tokens.count == 25) }
    }
    #expect(reasons == [.endOfTurn, .truncated])
  }

  @Test func `an observer sees every token in order and can end its row`() throws {
    let seen = Mutex<[[Int]: [Int32]]>([:])
    let wanted = requests([4, 8, 2], attempts: [3, 1, 2])
    let answers = try Sampler(decoder, shards: Shards(count: 2)).sample(
      wanted, options(12),
      observer: SamplingObserver(token: { request, attempt, token in
        seen.withLock { all in
          all[[request, attempt], default: []].append(token)
          return request == 0 && all[[request, attempt]]?.count == 5 ? .stop : .goOn
        }
      }))
    for (request, group) in answers.enumerated() {
      for (attempt, answer) in group.enumerated() {
        #expect(seen.withLock { $0[[request, attempt]] } == answer.tokens)
        #expect(answer.tokens.count == (request == 0 ? 5 : 12))
        #expect(answer.stopReason == (request == 0 ? .stopString : .truncated))
      }
    }
  }

  @Test func `an observer is told of every answer once, when it has ended`() throws {
    let seen = Mutex<[[Int]: [SampledAnswer]]>([:])
    let answers = try Sampler(decoder, shards: Shards(count: 2)).sample(
      requests([4, 8, 2], attempts: [9, 1, 2]), options(12, stop: Self.someStops, maxRows: 4),
      observer: SamplingObserver(ended: { request, attempt, answer in
        seen.withLock { $0[[request, attempt], default: []].append(answer) }
      }))
    for (request, group) in answers.enumerated() {
      for (attempt, answer) in group.enumerated() {
        #expect(seen.withLock { $0[[request, attempt]] } == [answer])
      }
    }
    #expect(seen.withLock(\.count) == 12)
  }

  @Test func `a stop id counts before an observer's verdict and before the limit`() throws {
    let answers = try Sampler(decoder, shards: Shards(count: 1)).sample(
      requests([4], attempts: [2]), options(1, stop: Set(0..<128)),
      observer: SamplingObserver(token: { _, _, _ in .stop }))
    #expect(answers[0].map(\.stopReason) == [.endOfTurn, .endOfTurn])
    let stopped = try Sampler(decoder, shards: Shards(count: 1)).sample(
      requests([4], attempts: [1]), options(1), observer: SamplingObserver(token: { _, _, _ in .stop }))
    #expect(stopped[0][0].stopReason == .stopString)
  }

  @Test func `a policy whose logits are not numbers is an error, not an answer`() throws {
    try decoder.weights.finalNorm.copy(from: Tensor.floats([Float](repeating: .nan, count: 32), [32]))
    let error = #expect(throws: TorchError.self) {
      try Sampler(decoder, shards: Shards(count: 2)).sample(requests([4, 4], attempts: [2, 2]), options(5))
    }
    #expect(error?.kind == .value)
    #expect(error?.operation == "head_sample")
  }
}
