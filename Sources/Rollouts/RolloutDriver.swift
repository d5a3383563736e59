internal import Foundation
package import Records
package import Tokenization

/// Drives a policy through Examples in groups: renders prompts, samples, and writes down what was sampled.
///
/// Text at the edge, tokens in the middle: an episode holds the ids that were sampled, and text is decoded from
/// them for graders and people.
package struct RolloutDriver: Sendable {
  private let tokenizer: Tokenizer
  private let conversations: ConversationRenderer
  private let plan: SamplingPlan
  private let thinking: ThinkingCounter?
  private let context: Int

  /// `context` is the most tokens a prompt and its answer may have together.
  package init(_ model: ModelTokenizer, plan: SamplingPlan, context: Int) {
    tokenizer = model.tokenizer
    conversations = model.conversations
    self.plan = plan
    thinking = plan.thinking.map { ThinkingCounter(model.tokenizer, $0) }
    self.context = context
  }

  package var options: SamplerOptions {
    SamplerOptions(
      maxTokens: plan.maxTokens, temperature: plan.temperature, topP: plan.topP, topK: plan.topK,
      minP: plan.minP, stopIDs: tokenizer.stopIDs, maxRows: plan.maxRows)
  }

  /// The longest prompt of some Examples in tokens; throws `PromptTooLong` when one leaves no room.
  package func longestPrompt(_ examples: [Example]) throws -> Int {
    var longest = 0
    var tooLong: [PromptTooLong.Prompt] = []
    for example in examples {
      let count = try prompt(of: example).count
      longest = max(longest, count)
      if count + plan.maxTokens > context { tooLong.append(.init(exampleID: example.id, tokens: count)) }
    }
    guard tooLong.isEmpty else {
      throw PromptTooLong(prompts: tooLong, maxTokens: plan.maxTokens, context: context)
    }
    return longest
  }

  /// One group for each Example. `streams` gives an attempt's random stream; `ended` counts finished episodes;
  /// `finished` receives every group, with its Example's place, as soon as its last episode has ended.
  package func run(
    _ examples: [Example], policy: any Policy, attempts: Int,
    streams: (Example, Int) -> RandomStream, ended: @escaping @Sendable (Int) -> Void = { _ in },
    finished: @escaping @Sendable (Int, Group) -> Void = { _, _ in }
  ) async throws -> [Group] {
    let requests = try examples.map { example in
      SampleRequest(prompt: try prompt(of: example), streams: (0..<attempts).map { streams(example, $0) })
    }
    let version = await policy.version
    let gathering = GroupGathering(examples.map(\.id), attempts: attempts)
    var observer = SamplingObserver(ended: { request, attempt, answer in
      let episode = self.episode(
        of: examples[request], index: attempt, prompt: requests[request].prompt, answer: answer,
        version: version)
      let (count, episodes) = gathering.add(episode, to: request)
      ended(count)
      if let episodes { finished(request, Group(example: examples[request], episodes: episodes)) }
    })
    if let watch = StopWatch(tokenizer, stop: plan.stop) {
      observer.token = { watch.see($2, request: $0, attempt: $1) }
    }
    _ = try await policy.sample(requests, options, observer: observer)
    return zip(examples, gathering.groups()).map { Group(example: $0, episodes: $1) }
  }

  private func prompt(of example: Example) throws -> [Int32] {
    try conversations.render(example.messages, tools: example.tools, addGenerationPrompt: true).ids
  }

  private func episode(
    of example: Example, index: Int, prompt: [Int32], answer: SampledAnswer, version: Int
  ) -> Episode {
    let count = prompt.count
    let total = count + answer.tokens.count
    let isTruncatedSupport = options.truncatesSupport
    func aligned<Value>(_ blank: Value, _ values: [Value]) -> [Value] {
      [Value](repeating: blank, count: count) + values
    }
    return Episode(
      exampleID: example.id, index: index,
      turns: [
        Turn(author: .context, start: 0, end: count, text: ""),
        Turn(
          author: .policy, start: count, end: total, text: text(of: answer),
          thinkingTokens: thinking?.count(in: answer.tokens, after: prompt)),
      ],
      tokens: prompt + answer.tokens, lossMask: aligned(false, answer.tokens.map { _ in true }),
      logProbabilities: aligned(0, answer.logProbabilities),
      policyVersions: aligned(-1, answer.tokens.map { _ in Int32(version) }),
      supportLogMasses: isTruncatedSupport ? aligned(0, answer.logMasses) : nil,
      stopReason: answer.stopReason)
  }

  /// The answer as a person reads it: special tokens left out, cut at a stop string.
  private func text(of answer: SampledAnswer) -> String {
    let text = tokenizer.decode(answer.tokens, skippingSpecial: true)
    guard answer.stopReason == .stopString else { return text }
    let cuts = plan.stop.compactMap { text.range(of: $0)?.lowerBound }
    return cuts.min().map { String(text[..<$0]) } ?? text
  }
}
