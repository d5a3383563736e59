import LanguageModels
import Records
import Testing
import Torch

/// Rows that come and go: what decides their tokens, and what ends them.
struct ContinuousBatchTests {
  typealias Subject = ExactnessTests.Subject
  static let stops: [Int32] = [3, 60, 101]

  /// What the sampler makes of the same commands, one at a time.
  static func expected(_ command: CompletionCommand, _ decoder: Decoder) throws -> [BatchBench.Attempt] {
    let answers = try Sampler(decoder, shards: Shards(count: 1)).sample(
      [SampleRequest(prompt: command.prompt, streams: command.seeds.map { RandomStream(seed: $0) })],
      SamplerOptions(
        maxTokens: command.maxTokens, temperature: command.temperature, topP: command.topP,
        topK: command.topK, minP: command.minP, stopIDs: Set(command.stopIDs)))
    return answers[0].map {
      .init(
        tokens: $0.tokens, logProbabilities: $0.logProbabilities,
        end: $0.stopReason == .endOfTurn ? .stop : .length)
    }
  }

  /// An adapter that has learned something.
  static func adapter(_ decoder: Decoder, seed: UInt64) throws -> LowRankAdapter {
    let plan = LoRAPlan(rank: 3 + Int(seed % 4), alpha: 8)
    let fresh = try LowRankAdapter(
      plan, configuration: decoder.configuration, seed: seed, dtype: decoder.dtype)
    var random = SplitMix64(seed: seed)
    return try fresh.mapped { name, tensor throws(TorchError) in
      guard name.hasSuffix(".b") else { return tensor }
      let values = (0..<tensor.count).map { _ in Float.random(in: -0.2...0.2, using: &random) }
      return try Tensor.floats(values, tensor.shape, tensor.dtype)
    }
  }

  @Test(arguments: Subject.all)
  func `tokens and log-probabilities are the sampler's, bit for bit`(subject: Subject) throws {
    let model = try TinyModel(subject.family, tied: subject.tied)
    let decoder = try model.decoder(subject.dtype)
    var bench = BatchBench(decoder, maxRows: 7, mostPromptTokens: 24)
    let commands = zip(ExactnessTests.lengths, ExactnessTests.attempts).enumerated().map { number, sizes in
      CompletionCommand.plain(
        UInt64(number), model.text(sizes.0, seed: UInt64(number)),
        seeds: (0..<UInt64(sizes.1)).map { $0 + 100 * UInt64(number) }, maxTokens: 40, stops: Self.stops)
    }
    for command in commands { bench.add(command) }
    try bench.run()
    var ends: Set<ServeEvent.EndReason?> = []
    for command in commands {
      let found = try #require(bench.attempts[command.id])
      #expect(try found == Self.expected(command, decoder), "\(command.prompt.count) tokens")
      ends.formUnion(found.map(\.end))
    }
    #expect(ends == [.stop, .length])
  }

  @Test(arguments: 0..<6)
  func `what arrives when, beside whom and from which cache changes no bit`(seed: UInt64) throws {
    let model = try TinyModel(seed % 2 == 0 ? .qwen3 : .llama)
    let decoder = try model.decoder(seed % 3 == 0 ? .float32 : .bfloat16)
    var random = SplitMix64(seed: seed)
    var policies: [(policy: ServedPolicy, decoder: Decoder)] = [
      (ServedPolicy(.base, adapter: nil), decoder)
    ]
    for number in 0..<UInt64(2) {
      let adapter = try Self.adapter(decoder, seed: number + 5)
      var adopted = decoder
      try adopted.adopt(adapter)
      let policy = ServedPolicy(
        PolicyName("adapter \(number)"), adapter: try ServedAdapter(adapter, beside: decoder))
      policies.append((policy, adopted))
    }
    // From nothing cached to everything, by way of caches that are always full.
    let block = 2 * 3 * 2 * 16 * 16 * 4
    var bench = BatchBench(
      decoder, cacheBytes: [0, 40 * block, 1 << 26][Int(seed % 3)],
      maxRows: Int.random(in: 1...9, using: &random),
      mostPromptTokens: Int.random(in: 16...70, using: &random))
    let common = model.text(70, seed: 99)
    var commands: [(command: CompletionCommand, policy: Int)] = []
    var cancelled: Set<UInt64> = []
    for id in 0..<UInt64(30) {
      let start = Array(common.prefix(Int.random(in: 0...70, using: &random)))
      var command = CompletionCommand.plain(
        id, start + model.text(Int.random(in: 1...40, using: &random), seed: id),
        seeds: (0..<UInt64(Int.random(in: 1...4, using: &random))).map { $0 &* 7 &+ id },
        maxTokens: Int.random(in: 1...40, using: &random), stops: Self.stops)
      command.temperature = [0, 0.7, 1][Int.random(in: 0..<3, using: &random)]
      if id % 4 == 1 { command.topK = 20 }
      if id % 4 == 2 { command.topP = 0.8 }
      if id % 4 == 3 { command.minP = 0.05 }
      let policy = Int.random(in: 0..<policies.count, using: &random)
      command.policy = policies[policy].policy.name
      commands.append((command, policy))
      bench.add(command, policies[policy].policy)
      if id % 9 == 8 {
        cancelled.insert(id - 3)
        bench.cancel(id - 3)
      }
      for _ in 0..<Int.random(in: 0...6, using: &random) { try bench.step() }
    }
    try bench.run()
    var cached = 0
    for (command, policy) in commands {
      let expected = try Self.expected(command, policies[policy].decoder)
      let found = try #require(bench.attempts[command.id])
      cached += bench.prompt(command.id)?.cached ?? 0
      for (found, expected) in zip(found, expected) {
        if found.end == .cancelled {
          #expect(cancelled.contains(command.id))
          #expect(Array(expected.tokens.prefix(found.tokens.count)) == found.tokens)
        } else {
          #expect(found == expected, "command \(command.id)")
        }
      }
    }
    #expect(bench.refused.isEmpty)
    #expect(seed % 3 == 0 ? cached == 0 : cached > 0)
    #expect(bench.prefixes.bytes <= [0, 40 * block, 1 << 26][Int(seed % 3)])
  }

  @Test(arguments: [DType.float32, .bfloat16])
  func `a prompt from the cache gives the bits of one that is read`(dtype: DType) throws {
    let model = try TinyModel(.qwen2)
    let decoder = try model.decoder(dtype)
    var bench = BatchBench(decoder)
    let prompt = model.text(100, seed: 1)
    bench.add(.plain(1, prompt, seeds: [4], maxTokens: 40))
    try bench.run()
    #expect(bench.prompt(1)?.cached == 0)
    let answer = try #require(bench.attempts[1]?[0])
    // The prompt again, an answer that goes on, and a prompt that parts from it inside a block.
    let longer = prompt + answer.tokens + model.text(9, seed: 2)
    let other = prompt[..<70] + model.text(20, seed: 3)
    bench.add(.plain(2, prompt, seeds: [4], maxTokens: 40))
    bench.add(.plain(3, longer, seeds: [5, 6], maxTokens: 40))
    bench.add(.plain(4, Array(other), seeds: [7], maxTokens: 40))
    try bench.run()
    #expect(bench.attempts[2]?[0] == answer)
    #expect(bench.prompt(2)?.cached == 96)
    // The last token drawn was not fed, so 139 positions are known: eight blocks.
    #expect(bench.prompt(3)?.cached == 128)
    #expect(bench.prompt(4)?.cached == 64)
    for (id, prompt) in [(3, longer), (4, Array(other))] {
      let command = CompletionCommand.plain(
        UInt64(id), prompt, seeds: id == 3 ? [5, 6] : [7], maxTokens: 40)
      #expect(try bench.attempts[UInt64(id)] == Self.expected(command, decoder))
    }
    // Another policy's cache is not this one's.
    let adapter = try ServedAdapter(Self.adapter(decoder, seed: 1), beside: decoder)
    var command = CompletionCommand.plain(5, prompt, seeds: [4], maxTokens: 5)
    command.policy = PolicyName("other")
    bench.add(command, ServedPolicy(PolicyName("other"), adapter: adapter))
    try bench.run()
    #expect(bench.prompt(5)?.cached == 0)
  }

  @Test func `a long prompt stalls nobody, and lets a short one pass`() throws {
    let model = try TinyModel(.llama)
    var bench = BatchBench(try model.decoder(), mostPromptTokens: 32)
    bench.add(.plain(1, model.text(4, seed: 1), seeds: [1], maxTokens: 60))
    try bench.step()
    bench.add(.plain(2, model.text(400, seed: 2), seeds: [1], maxTokens: 5))
    bench.add(.plain(3, model.text(30, seed: 3), seeds: [1], maxTokens: 5))
    try bench.run()
    func steps(_ id: UInt64) -> [Int] {
      bench.reports.indices.filter { step in bench.reports[step].tokens.contains { $0.id == id } }
    }
    #expect(steps(1) == Array(0..<60))
    let (long, short) = (try #require(steps(2).first), try #require(steps(3).first))
    #expect(short <= 4 && long >= 400 / 32)
    #expect(bench.reports.allSatisfy { $0.promptTokens <= 32 })
    // All of a prompt but its last token is read.
    #expect(bench.reports.reduce(0) { $0 + $1.promptTokens } == 3 + 399 + 29)
  }

  @Test func `scores of a prompt are the decoder's, with likely tokens, cached or not`() throws {
    let model = try TinyModel(.llama)
    let decoder = try model.decoder(.bfloat16)
    var bench = BatchBench(decoder)
    let prompt = model.text(75, seed: 1)
    for id in UInt64(1)...3 {
      var command = CompletionCommand.plain(id, prompt, seeds: [1], maxTokens: id == 2 ? 4 : 0)
      command.scoresPrompt = id != 1
      command.topCount = id == 3 ? 5 : nil
      bench.add(command)
      try bench.run()
    }
    #expect(bench.prompt(1)?.scores == nil)
    #expect(bench.attempts[1]?[0] == .init(end: .length))
    let whole = try decoder.score(prompt)
    for id in [UInt64(2), 3] {
      let scores = try #require(bench.prompt(id)?.scores)
      #expect(scores.map(\.token) == prompt)
      #expect(scores.map(\.logProbability) == [nil] + whole.map { $0 })
      #expect(scores.dropFirst().allSatisfy { $0.top.count == (id == 3 ? 5 : 0) })
      for score in scores.dropFirst() where id == 3 {
        #expect(score.top.map(\.logProbability) == score.top.map(\.logProbability).sorted(by: >))
        #expect((score.logProbability ?? 0) <= score.top[0].logProbability)
      }
    }
    #expect(bench.attempts[2]?[0].tokens.count == 4)
  }

  @Test func `a prompt of which nothing has to be read is told of, and its command ends`() throws {
    let model = try TinyModel(.llama)
    var bench = BatchBench(try model.decoder())
    for (id, prompt) in [
      (UInt64(1), [Int32(5)]), (10, model.text(33, seed: 1)), (20, model.text(33, seed: 1)),
    ] {
      for (place, topCount) in [nil, nil, 0, 5].enumerated() {
        var command = CompletionCommand.plain(id + UInt64(place), prompt, seeds: [1, 2], maxTokens: 0)
        // The first two are not scored, so that the second one's prompt lies in the cache.
        command.scoresPrompt = place > 1
        command.topCount = topCount
        bench.add(command)
        try bench.run()
        #expect(bench.attempts[command.id] == [.init(end: .length), .init(end: .length)])
        #expect(bench.prompt(command.id)?.scores?.map(\.token) == (place > 1 ? prompt : nil))
        #expect(bench.prompt(command.id)?.cached == (place < 2 && command.id > 10 ? 32 : 0))
      }
    }
    // Beside a row that draws, it is told of as well.
    bench.add(.plain(30, model.text(9, seed: 2), seeds: [1], maxTokens: 3))
    bench.add(.plain(31, [7], seeds: [1], maxTokens: 0))
    try bench.run()
    #expect(bench.attempts[31] == [.init(end: .length)])
    #expect(bench.attempts[30]?[0].tokens.count == 3)
  }

  @Test(arguments: [1e-6, 1e-12, 1e-300])
  func `a temperature next to nothing is greedy`(temperature: Double) throws {
    let model = try TinyModel(.llama)
    var bench = BatchBench(try model.decoder())
    for (id, temperature) in [(UInt64(1), 0), (2, temperature)] {
      bench.add(
        .plain(id, model.text(9, seed: 1), seeds: [1, 2], maxTokens: 8, temperature: temperature))
    }
    try bench.run()
    #expect(bench.refused.isEmpty)
    #expect(bench.attempts[1] == bench.attempts[2])
  }

  @Test func `likely tokens come with every token when they are wanted`() throws {
    let model = try TinyModel(.llama)
    var bench = BatchBench(try model.decoder())
    var command = CompletionCommand.plain(
      1, model.text(9, seed: 1), seeds: [1, 2], maxTokens: 6, temperature: 0)
    command.topCount = 3
    bench.add(command)
    bench.add(.plain(2, model.text(9, seed: 1), seeds: [1, 2], maxTokens: 6, temperature: 0))
    try bench.run()
    for attempt in try #require(bench.attempts[1]) {
      #expect(attempt.likely.map(\.count) == Array(repeating: 3, count: 6))
      // Greedy takes the likeliest.
      #expect(attempt.likely.map { $0[0].token } == attempt.tokens)
      #expect(attempt.likely.map { $0[0].logProbability } == attempt.logProbabilities)
    }
    #expect(bench.attempts[2]?[0].likely == [])
    #expect(bench.attempts[2]?[0].tokens == bench.attempts[1]?[0].tokens)
  }

  @Test func `stop ids cannot be drawn before the least number of tokens`() throws {
    let model = try TinyModel(.llama)
    var bench = BatchBench(try model.decoder())
    let stops = (0..<Int32(128)).filter { $0 % 2 == 0 }
    for id in UInt64(0)..<5 {
      var command = CompletionCommand.plain(
        id, model.text(9, seed: id), seeds: [id], maxTokens: 30, stops: stops)
      command.minTokens = 12
      bench.add(command)
    }
    try bench.run()
    for attempt in bench.attempts.values.joined() {
      #expect(attempt.tokens.count > 12 || attempt.end == .length)
      #expect(attempt.tokens.prefix(12).allSatisfy { $0 % 2 == 1 })
      #expect(attempt.tokens.dropLast().allSatisfy { $0 % 2 == 1 })
    }
    #expect(bench.attempts.values.joined().contains { $0.end == .stop })
  }

  @Test func `an answer that cannot go on ends before the least number of tokens`() throws {
    let model = try TinyModel(.llama)
    var bench = BatchBench(try model.decoder())
    var every = CompletionCommand.plain(
      1, model.text(9, seed: 1), seeds: [1], maxTokens: 8, stops: Array(0..<128))
    every.minTokens = 5
    bench.add(every)
    // The form has no more than four tokens and its end.
    var formed = CompletionCommand.plain(2, model.text(9, seed: 1), seeds: [1], maxTokens: 8)
    formed.minTokens = 7
    bench.add(formed, form: Alternating(allowsEnd: true))
    try bench.run()
    #expect(bench.refused.isEmpty)
    #expect(bench.attempts[1]?[0].tokens.count == 1)
    #expect(bench.attempts[1]?[0].end == .stop)
    #expect(bench.attempts[2]?[0].tokens.count == 5)
    #expect(bench.attempts[2]?[0].end == .stop)
  }

  @Test func `biases and penalties bend draws as they say`() throws {
    let model = try TinyModel(.llama)
    var bench = BatchBench(try model.decoder())
    var biased = CompletionCommand.plain(1, model.text(9, seed: 1), seeds: [1], maxTokens: 8, temperature: 0)
    biased.bias = [TokenBias(token: 7, bias: 600), TokenBias(token: 7, bias: 400)]
    bench.add(biased)
    var fresh = biased
    fresh.id = 2
    // The bias is lost with the first token's penalty, and no token comes twice.
    fresh.bias = [TokenBias(token: 7, bias: 500)]
    fresh.presencePenalty = 1000
    fresh.maxTokens = 40
    bench.add(fresh)
    try bench.run()
    #expect(bench.attempts[1]?[0].tokens == Array(repeating: 7, count: 8))
    let tokens = try #require(bench.attempts[2]?[0].tokens)
    #expect(tokens[0] == 7 && Set(tokens).count == 40)
  }

  /// Two tokens in turn, four of them, and then the end.
  struct Alternating: AnswerForm, AnswerState {
    var endIDs: Set<Int32> { [9] }
    var allowsEnd = false
    var count = 0
    func begin() -> any AnswerState { self }
    func allowed() -> [UInt32] {
      let ids: [Int] = count == 4 ? [9] : [40 + count % 2, 100]
      var words: [UInt32] = [0, 0, 0, 0]
      for id in ids { words[id / 32] |= 1 << UInt32(id % 32) }
      return words
    }
    mutating func take(_ token: Int32) { count += 1 }
    var isOver: Bool { count == 4 && !allowsEnd }
  }

  @Test func `an answer is held to its form, and ends where nothing may follow`() throws {
    let model = try TinyModel(.llama)
    var bench = BatchBench(try model.decoder())
    // Stop ids of the command's own would end the answer before it is whole, and here nothing else is allowed.
    let stops: [Int32] = [40, 41, 100]
    bench.add(
      .plain(1, model.text(9, seed: 1), seeds: [1, 2], maxTokens: 20, stops: stops), form: Alternating())
    bench.add(
      .plain(2, model.text(9, seed: 1), seeds: [1], maxTokens: 20, stops: stops),
      form: Alternating(allowsEnd: true))
    bench.add(
      .plain(3, model.text(9, seed: 1), seeds: [1], maxTokens: 3, stops: stops), form: Alternating())
    bench.add(
      .plain(4, model.text(9, seed: 1), seeds: [1, 2], maxTokens: 3, stops: []), form: Alternating(count: 4))
    try bench.run()
    func isFormed(_ tokens: [Int32]) -> Bool {
      tokens.enumerated().allSatisfy { $1 == 100 || $1 == 40 + Int32($0 % 2) }
    }
    for attempt in try #require(bench.attempts[1]) {
      #expect(attempt.tokens.count == 4 && isFormed(attempt.tokens))
      #expect(attempt.end == .complete)
    }
    let ended = try #require(bench.attempts[2]?[0])
    #expect(ended.tokens.count == 5 && isFormed(ended.tokens.dropLast()) && ended.tokens.last == 9)
    #expect(ended.end == .stop)
    let cut = try #require(bench.attempts[3]?[0])
    #expect(cut.tokens.count == 3 && isFormed(cut.tokens))
    #expect(cut.end == .length)
    #expect(bench.attempts[4] == [.init(end: .complete), .init(end: .complete)])
  }

  @Test func `cancelling frees rows at once, whatever the attempt is doing`() throws {
    let model = try TinyModel(.llama)
    var bench = BatchBench(try model.decoder(), maxRows: 2)
    bench.add(.plain(1, model.text(200, seed: 1), seeds: [1], maxTokens: 50))
    bench.add(.plain(2, model.text(20, seed: 2), seeds: [1, 2, 3], maxTokens: 50))
    for _ in 0..<4 { try bench.step() }
    #expect(bench.batch.running == 2)
    bench.cancel(2, attempt: 0)
    bench.cancel(2, attempt: 2)
    #expect(bench.batch.running == 1)
    bench.cancel(1)
    bench.cancel(77)
    try bench.run()
    let attempts = try #require(bench.attempts[2])
    #expect(attempts.map(\.end) == [.cancelled, .length, .cancelled])
    #expect(bench.attempts[1] == [.init(end: .cancelled)])
  }

  @Test func `a policy whose numbers are not finite fails alone`() throws {
    let model = try TinyModel(.llama)
    let decoder = try model.decoder()
    let broken = try Self.adapter(decoder, seed: 1).mapped { name, tensor throws(TorchError) in
      name.hasSuffix(".b")
        ? try Tensor.floats([Float](repeating: .nan, count: tensor.count), tensor.shape) : tensor
    }
    let policy = ServedPolicy(PolicyName("broken"), adapter: try ServedAdapter(broken, beside: decoder))
    var bench = BatchBench(decoder)
    let sound = CompletionCommand.plain(1, model.text(40, seed: 1), seeds: [1, 2], maxTokens: 30)
    bench.add(sound)
    for _ in 0..<5 { try bench.step() }
    bench.add(.plain(2, model.text(40, seed: 2), seeds: [1, 2], maxTokens: 30), policy)
    bench.add(.plain(3, model.text(40, seed: 2), seeds: [1], maxTokens: 30))
    try bench.run()
    #expect(Array(bench.refused.keys) == [2])
    #expect(bench.refused[2]?.contains("not finite") == true)
    #expect(try bench.attempts[1] == Self.expected(sound, decoder))
    #expect(bench.attempts[3]?[0].end == .length)
  }

  @Test func `a batch that has ended keeps no tensor but its cache`() throws {
    let model = try TinyModel(.llama)
    let decoder = try model.decoder()
    var bench = BatchBench(decoder, cacheBytes: 0)
    bench.add(.plain(1, model.text(90, seed: 1), seeds: [1, 2, 3], maxTokens: 90))
    bench.add(.plain(2, model.text(40, seed: 2), seeds: [1], maxTokens: 150))
    try bench.run()
    #expect(bench.prefixes.bytes == 0 && bench.prefixes.blocks == 0)
    #expect(bench.attempts.values.joined().allSatisfy { $0.end == .length })
  }
}
