internal import Foundation
internal import Records
internal import Rollouts
internal import Tokenization

extension WorkerRequest {
  /// Answers conversations and continues raw texts, all as one batch.
  func generate(_ request: GenerationRequest, _ sink: any EventSink) async throws {
    let answers = try Answers(request, sink)
    var prompts = try request.conversations.map { try answers.prompt(of: $0) }
    prompts += request.rawPrompts.map { answers.opened.text.tokenizer.encode($0, specialTokens: .parse) }
    try await answers.answer(prompts)
  }

  /// Answers one conversation after another, each a line of the input.
  func chat(_ request: GenerationRequest, _ sink: any EventSink, _ input: InputLines) async throws {
    let answers = try Answers(request, sink)
    while let line = input.next() {
      let list = try JSONValue(parsing: line)
      guard let items = list.array else {
        throw WorkerFailure(.usage, "expected a JSON list of messages on the input, found \(list.kind)")
      }
      let messages = try items.enumerated().map { try Message(json: $1, path: "messages[\($0)]") }
      try await answers.answer([try answers.prompt(of: messages)])
    }
  }
}

/// A model that answers a person, with the request's sampling options.
private struct Answers {
  let request: GenerationRequest
  let sink: any EventSink
  let opened: OpenedModel
  let model: ServedModel
  private let conversations: ConversationRenderer

  /// A person may go on for long; more than this costs memory for angles that are rarely used.
  private static let mostPositions = 8192

  init(_ request: GenerationRequest, _ sink: any EventSink) throws {
    self.request = request
    self.sink = sink
    sink.report(.phase(.loading, detail: "model \(request.policy.modelPath)"))
    opened = try OpenedModel(source: request.policy.modelPath)
    conversations = opened.text.conversations
    model = try ServedModel(request.policy, opened: opened, positions: Self.mostPositions)
    sink.report(.modelLoaded(model.summary))
  }

  func prompt(of messages: [Message]) throws -> [Int32] {
    try conversations.render(messages, addGenerationPrompt: true).ids
  }

  func answer(_ prompts: [[Int32]]) async throws {
    for (index, prompt) in prompts.enumerated() {
      guard !prompt.isEmpty else {
        throw WorkerFailure(.usage, "prompt \(index + 1) is empty; give some text")
      }
      guard prompt.count < model.positions else {
        throw WorkerFailure(
          .usage,
          "prompt \(index + 1) has \(prompt.count) tokens; the model takes at most \(model.positions - 1)")
      }
    }
    let longest = prompts.map(\.count).max() ?? 0
    let options = SamplerOptions(
      maxTokens: min(request.maxTokens, model.positions - longest), temperature: request.temperature,
      topP: request.topP, topK: request.topK, minP: request.minP, stopIDs: opened.text.tokenizer.stopIDs)
    let requests = prompts.enumerated().map { number, prompt in
      SampleRequest(
        prompt: prompt,
        streams: (0..<request.samples).map {
          RandomStream(run: request.seed, step: number, exampleID: "", index: $0)
        })
    }
    sink.report(.phase(.sampling, detail: "\(prompts.count * request.samples) answers"))
    let live = LiveText(opened.text.tokenizer, samples: request.samples, sink: sink)
    let watch = StopWatch(opened.text.tokenizer, stop: request.stop)
    let observer = SamplingObserver(token: { number, attempt, token in
      let verdict = watch?.see(token, request: number, attempt: attempt) ?? .goOn
      if verdict == .goOn, !options.stopIDs.contains(token) { live.add(token, number, attempt) }
      return verdict
    })
    let sampled = try await model.sample(requests, options, observer: observer)
    for (number, answers) in sampled.enumerated() {
      for (attempt, answer) in answers.enumerated() {
        let index = number * request.samples + attempt
        live.finish(number, attempt)
        sink.report(
          .generated(
            GeneratedText(
              index: index, prompt: number, text: text(of: answer), tokens: answer.tokens,
              logProbabilities: answer.logProbabilities, stopReason: answer.stopReason)))
      }
    }
  }

  private func text(of answer: SampledAnswer) -> String {
    let text = opened.text.tokenizer.decode(answer.tokens, skippingSpecial: true)
    guard answer.stopReason == .stopString else { return text }
    return request.stop.compactMap { text.range(of: $0)?.lowerBound }.min().map { String(text[..<$0]) }
      ?? text
  }
}

/// Reports text as it is sampled, whole characters only.
private final class LiveText: Sendable {
  private let tokenizer: Tokenizer
  private let samples: Int
  private let sink: any EventSink
  private let lock = NSLock()
  private nonisolated(unsafe) var decoders: [Int: StreamingDecoder] = [:]

  init(_ tokenizer: Tokenizer, samples: Int, sink: any EventSink) {
    self.tokenizer = tokenizer
    self.samples = samples
    self.sink = sink
  }

  func add(_ token: Int32, _ number: Int, _ attempt: Int) {
    report(number, attempt) { $0.push(token) }
  }

  /// Reports what a cut-off answer still holds back.
  func finish(_ number: Int, _ attempt: Int) {
    report(number, attempt) { $0.finish() }
  }

  private func report(_ number: Int, _ attempt: Int, _ step: (inout StreamingDecoder) -> String) {
    let index = number * samples + attempt
    let text = lock.withLock {
      var decoder = decoders[index] ?? StreamingDecoder(tokenizer, skippingSpecial: true)
      let text = step(&decoder)
      decoders[index] = decoder
      return text
    }
    if !text.isEmpty { sink.report(.text(index: index, text)) }
  }
}
