import OperantTesting
import Records
import Rollouts
import Synchronization
import Testing
import Tokenization

/// Episodes as they are written down from what a scripted policy samples.
@Suite struct RolloutDriverTests {
  static func driver(_ change: (inout SamplingPlan) -> Void = { _ in }, context: Int = 1000) throws
    -> RolloutDriver
  {
    var plan = SamplingPlan(maxTokens: 16)
    change(&plan)
    return RolloutDriver(try ByteModel.make(), plan: plan, context: context)
  }

  static func example(_ id: String, _ text: String = "Hi") -> Example {
    Example(id: id, messages: [Message(.user, text)])
  }

  static func stream(_ example: Example, _ index: Int) -> RandomStream {
    RandomStream(run: 1, step: 2, exampleID: example.id, index: index)
  }

  static func only(_ answer: [Int32], _ change: (inout SamplingPlan) -> Void = { _ in }) async throws
    -> Episode
  {
    let policy = ScriptedPolicy { _, _ in answer }
    let groups = try await driver(change).run([example("x")], policy: policy, attempts: 1, streams: stream)
    return try #require(groups.first?.episodes.first)
  }

  @Test func `an episode is the prompt and then the very ids that were sampled`() async throws {
    // "a", "a" would be one token if the text were encoded again, and 0xFF is no text at all.
    let answer = ByteModel.ids("aa") + [0xFF, 256, ByteModel.end]
    let policy = ScriptedPolicy(version: 7) { _, _ in answer }
    let examples = [Self.example("x"), Self.example("y", "And you?")]
    let groups = try await Self.driver().run(examples, policy: policy, attempts: 3, streams: Self.stream)
    #expect(groups.map(\.example) == examples)
    let requests = await policy.requests
    for (group, request) in zip(groups, requests) {
      #expect(group.episodes.map(\.index) == [0, 1, 2])
      #expect(request.streams == (0..<3).map { Self.stream(group.example, $0) })
      for episode in group.episodes {
        let count = request.prompt.count
        #expect(episode.exampleID == group.example.id)
        #expect(episode.tokens == request.prompt + answer)
        #expect(episode.lossMask == episode.tokens.indices.map { $0 >= count })
        #expect(episode.logProbabilities == request.prompt.map { _ in 0 } + [1, 2, 3, 4, 5].map { -$0 / 8 })
        #expect(episode.policyVersions == request.prompt.map { _ in -1 } + answer.map { _ in 7 })
        #expect(episode.supportLogMasses == nil)
        #expect(episode.turns.map(\.author) == [.context, .policy])
        #expect(episode.turns.map { $0.start..<$0.end } == [0..<count, count..<count + answer.count])
        #expect(episode.outputText == "aa\u{FFFD}aa")
        #expect(episode.stopReason == .endOfTurn)
        #expect(episode.generatedCount == answer.count)
      }
    }
  }

  @Test func `the prompt is the template's text with its special tokens and room for the answer`()
    async throws
  {
    let policy = ScriptedPolicy { _, _ in [ByteModel.end] }
    _ = try await Self.driver().run(
      [Self.example("x", "Hi")], policy: policy, attempts: 1, streams: Self.stream)
    let prompt = try #require(await policy.requests.first?.prompt)
    let text =
      [ByteModel.start] + ByteModel.ids("user\nHi") + [ByteModel.end] + ByteModel.ids("\n")
      + [ByteModel.start] + ByteModel.ids("assistant\n")
    #expect(prompt == text)
  }

  @Test func `an answer that the limit cuts off is truncated and keeps every token`() async throws {
    let episode = try await Self.only(ByteModel.ids("abcdefgh")) { $0.maxTokens = 5 }
    #expect(episode.stopReason == .truncated)
    #expect(episode.isTruncated)
    #expect(episode.outputText == "abcde")
    #expect(episode.generatedCount == 5)
  }

  @Test(arguments: [
    ("one.END two", ["END"], "one.", "one.END"), ("xENENDy", ["END"], "xEN", "xENEND"),
    ("a\n\nb", ["\n\n"], "a", "a\n\n"), ("grüße, Welt", ["ü", "ß"], "gr", "grü"),
    ("abcd", ["bcd", "abc"], "", "abc"), ("a\r\nb", ["\n"], "a\r", "a\r\n"),
    ("no end", ["END"], "no end", "no end"),
  ])
  func `a stop string is cut from the text and stays in the ids`(
    script: String, stop: [String], text: String, sampled: String
  ) async throws {
    let episode = try await Self.only(ByteModel.ids(script)) { $0.stop = stop }
    let hit = sampled != script || stop.contains { script.hasSuffix($0) }
    #expect(episode.stopReason == (hit ? .stopString : .truncated))
    #expect(Array(episode.outputText.utf8) == Array(text.utf8))
    #expect(Array(episode.tokens.suffix(episode.generatedCount)) == ByteModel.ids(sampled))
  }

  @Test func `a stop string is found wherever it falls in a long answer`() async throws {
    var random = SplitMix64(seed: 4)
    for _ in 0..<100 {
      let before = (0..<Int.random(in: 0..<40, using: &random)).map { _ in
        Int32(UInt8.random(in: 97...122, using: &random))
      }
      let script = before + ByteModel.ids("#STOP#after")
      let episode = try await Self.only(script) {
        $0.maxTokens = 60
        $0.stop = ["#STOP#", "never"]
      }
      #expect(episode.stopReason == .stopString)
      #expect(episode.outputText == String(decoding: before.map { UInt8($0) }, as: UTF8.self))
      #expect(episode.generatedCount == before.count + 6)
    }
  }

  @Test func `a stop token that completes a stop string ends the turn and leaves the text whole`()
    async throws
  {
    let episode = try await Self.only(ByteModel.ids("ab") + [ByteModel.end]) { $0.stop = ["<|im_end|>"] }
    #expect(episode.stopReason == .endOfTurn)
    #expect(episode.outputText == "ab")
  }

  @Test func `what top-p, top-k and min-p left out is kept beside the log-probabilities`() async throws {
    for change in [
      { (plan: inout SamplingPlan) in plan.topP = 0.9 }, { $0.topK = 5 }, { $0.minP = 0.1 },
    ] as [(inout SamplingPlan) -> Void] {
      let episode = try await Self.only([97, ByteModel.end], change)
      let prompt = episode.tokens.count - 2
      #expect(episode.supportLogMasses == .init(repeating: 0, count: prompt) + [-0.25, -0.25])
    }
  }

  @Test func `tokens carry the version of the policy that sampled them`() async throws {
    let policy = ScriptedPolicy(version: 3) { _, _ in [97, ByteModel.end] }
    let driver = try Self.driver()
    let before = try await driver.run([Self.example("x")], policy: policy, attempts: 1, streams: Self.stream)
    await policy.advance()
    let after = try await driver.run([Self.example("x")], policy: policy, attempts: 1, streams: Self.stream)
    #expect(before[0].episodes[0].policyVersions.suffix(2) == [3, 3])
    #expect(after[0].episodes[0].policyVersions.suffix(2) == [4, 4])
  }

  @Test func `every episode is counted once as it ends`() async throws {
    // Ends of all kinds: a stop token, the limit, a stop string.
    let policy = ScriptedPolicy { _, attempt in
      [[97, ByteModel.end], ByteModel.ids("aaaaaaaaaaaaaaaaaaaa"), ByteModel.ids("abEND")][attempt]
    }
    let counts = Mutex<[Int]>([])
    _ = try await Self.driver { $0.stop = ["END"] }.run(
      [Self.example("x"), Self.example("y")], policy: policy, attempts: 3, streams: Self.stream,
      ended: { count in counts.withLock { $0.append(count) } })
    #expect(counts.withLock { $0 } == [1, 2, 3, 4, 5, 6])
  }

  @Test func `the plan's sampling reaches the policy`() async throws {
    let policy = ScriptedPolicy { _, _ in [ByteModel.end] }
    let driver = try Self.driver {
      ($0.temperature, $0.topP, $0.topK, $0.minP, $0.maxRows) = (0.7, 0.9, 11, 0.05, 3)
    }
    _ = try await driver.run([Self.example("x")], policy: policy, attempts: 1, streams: Self.stream)
    #expect(
      await policy.options
        == SamplerOptions(
          maxTokens: 16, temperature: 0.7, topP: 0.9, topK: 11, minP: 0.05, stopIDs: [ByteModel.end],
          maxRows: 3))
  }

  @Test func `prompts that leave no room are all named with what to do`() throws {
    let driver = try Self.driver(context: 60)
    // The template takes 29 tokens, the answer 16.
    let fits = Self.example("fits", String(repeating: "x", count: 13))
    #expect(try driver.longestPrompt([Self.example("short"), fits]) > 0)
    let long = (1...7).map { Self.example("long-\($0)", String(repeating: "x", count: 40 + $0)) }
    let error = try #require(throws: PromptTooLong.self) { try driver.longestPrompt([fits] + long) }
    #expect(error.prompts.map(\.exampleID) == long.map(\.id))
    let count = try #require(error.prompts.first).tokens
    #expect(
      error.description == """
        7 prompts leave no room for an answer: 'long-1' (\(count) tokens), 'long-2' (\(count + 1) tokens), \
        'long-3' (\(count + 2) tokens), 'long-4' (\(count + 3) tokens), 'long-5' (\(count + 4) tokens) and 2 more. \
        A prompt and sampling.max_tokens (16) must fit the model's context of 60 tokens. \
        Shorten the rows or lower sampling.max_tokens.
        """)
  }

  @Test(.enabled(if: ParityFixture.defaultModel != nil, "the default model is not in .deps/models"))
  func `the default model's episodes hold the ids its template and the policy made`() async throws {
    let model = try ModelTokenizer(source: try #require(ParityFixture.defaultModel))
    let answer = model.tokenizer.encode("Hello, Welt! 🙂", specialTokens: .asText) + [2]
    let policy = ScriptedPolicy { _, _ in answer }
    let driver = RolloutDriver(model, plan: SamplingPlan(maxTokens: 32), context: 2048)
    let groups = try await driver.run([Self.example("x")], policy: policy, attempts: 1, streams: Self.stream)
    let episode = groups[0].episodes[0]
    #expect(episode.stopReason == .endOfTurn)
    #expect(episode.outputText == "Hello, Welt! 🙂")
    #expect(Array(episode.tokens.suffix(answer.count)) == answer)
    let prompt = Array(episode.tokens.dropLast(answer.count))
    let text = model.tokenizer.decode(prompt, skippingSpecial: false)
    #expect(text.hasSuffix("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"))
  }

  /// Tokens are bytes, `<think>` has 7 and `</think>` 8; 256 is "aa" in one token.
  @Test(
    arguments: [
      ("", "just an answer", 0), ("", "<think>ab</think>\n\n42", 17), ("", "ab</think>42", 10),
      ("", "<think>ab", 9), ("", "<think></think>", 15), ("", "<think>a</think>b</think>", 16),
      ("", "</thin", 0), ("<think>", "ab", 2), ("<think>\n", "ab</think>c", 10), ("<think> no", "ab", 0),
    ] as [(String, String, Int)])
  func `a thinking block is counted in sampled tokens, its closing tag included`(
    prompt: String, answer: String, expected: Int
  ) throws {
    let counter = ThinkingCounter(try ByteModel.make().tokenizer, ThinkingPlan())
    #expect(counter.count(in: ByteModel.ids(answer), after: ByteModel.ids("x" + prompt)) == expected)
  }

  @Test func `a token that ends beyond the closing tag belongs to the block`() throws {
    let counter = ThinkingCounter(try ByteModel.make().tokenizer, ThinkingPlan(open: "[", close: "a"))
    #expect(counter.count(in: ByteModel.ids("[b") + [256, ByteModel.end], after: []) == 3)
    #expect(counter.count(in: [], after: []) == 0)
  }

  @Test func `an episode carries the count, and a plan without thinking carries none`() async throws {
    let answer = ByteModel.ids("<think>a</think>7") + [ByteModel.end]
    let long = { (plan: inout SamplingPlan) in plan.maxTokens = 30 }
    let counted = try await Self.only(answer, long)
    #expect(counted.thinkingCount == 16)
    #expect(counted.generatedCount == 18)
    let uncounted = try await Self.only(answer) {
      long(&$0)
      $0.thinking = nil
    }
    #expect(uncounted.thinkingCount == nil)
    // An archive of an older version, without the field, reads as not counted.
    let line = try WorkerLine.encode(uncounted)
    #expect(!line.contains("thinkingTokens"))
    #expect(try WorkerLine.decode(Episode.self, from: line.utf8) == uncounted)
  }
}
