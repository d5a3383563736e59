import Inference
import Records
import Synchronization

/// Models that answer by what they are asked, a character a token, and remember the requests.
final class ScriptedModels: Answering {
  private let state = Mutex<(requests: [AnswerRequest], policies: [PolicyReference], abandoned: Int)>(
    ([], [], 0))

  var requests: [AnswerRequest] { state.withLock { $0.requests } }
  var policies: [PolicyReference] { state.withLock { $0.policies } }
  /// Answers without end, or without a beginning, whose readers went away.
  var abandoned: Int { state.withLock { $0.abandoned } }

  func contextLength(of base: String) async throws(InferenceError) -> Int { 2048 }

  func answer(_ request: AnswerRequest, _ policy: PolicyReference) async throws(InferenceError)
    -> AsyncThrowingStream<AnswerEvent, any Error>
  {
    state.withLock { state in
      state.requests.append(request)
      state.policies.append(policy)
    }
    let question = Self.question(request)
    switch question {
    case "busy": throw InferenceError(.overloaded(retryAfter: 7), "too many wait")
    case "long":
      throw InferenceError(.contextLength, "this model's context is 2048 tokens, and you sent more")
    case "unheld": throw InferenceError(.invalid(param: "constraint"), "no answer can be held to it")
    case "dead": throw InferenceError(.failed, "the worker died", retryAfter: 3)
    default: break
    }
    let (stream, output) = AsyncThrowingStream<AnswerEvent, any Error>.makeStream()
    if question == "unread" {
      // As one that waits for its turn.
      output.onTermination = { [weak self] _ in self?.state.withLock { $0.abandoned += 1 } }
      return stream
    }
    let prompt = Self.ids(request)
    let echoed = prompt.enumerated().map { place, id in
      Self.token(id, request, logProbability: place == 0 ? nil : -0.25)
    }
    output.yield(
      .prompt(PromptReport(tokens: prompt, cached: 1, echoed: request.echoesPrompt ? echoed : [])))
    if question == "endless" {
      output.onTermination = { [weak self] _ in self?.state.withLock { $0.abandoned += 1 } }
      Task {
        var round = 0
        while case .enqueued = output.yield(Self.text(0, "word \(round) ", request)) {
          round += 1
          try? await Task.sleep(for: .milliseconds(1))
        }
      }
      return stream
    }
    for choice in 0..<request.choices { Self.answer(question, choice, request, output) }
    if question == "break" {
      output.finish(throwing: InferenceError(.failed, "the worker died in the middle"))
    } else {
      output.finish()
    }
    return stream
  }

  private static func answer(
    _ question: String, _ choice: Int, _ request: AnswerRequest,
    _ output: AsyncThrowingStream<AnswerEvent, any Error>.Continuation
  ) {
    var finish = FinishReason.stop
    var drawn: [Int32] = []
    func say(_ text: String) {
      for character in text {
        let event = Self.text(choice, String(character), request)
        if case .text(_, _, let tokens) = event { drawn += tokens.map(\.id) }
        output.yield(event)
      }
    }
    switch question {
    case "think":
      output.yield(.reasoning(choice: choice, "Well"))
      output.yield(.reasoning(choice: choice, "..."))
      say("Yes.")
    case "json": say(#"{"name": "Ada", "age": 36}"#)
    case "call":
      output.yield(.toolCallBegan(choice: choice, index: 0, id: "call_1", name: "weather"))
      for piece in [#"{"city": "#, #""Oslo"}"#] {
        output.yield(.toolCallArguments(choice: choice, index: 0, piece))
      }
      output.yield(.toolCallBegan(choice: choice, index: 1, id: "call_2", name: "time"))
      output.yield(.toolCallArguments(choice: choice, index: 1, "{}"))
      finish = .toolCalls
    case "length":
      say("cut")
      finish = .length
    default: if request.maxTokens != 0 { say(choice == 0 ? "Hello 👋" : "Hello \(choice)") }
    }
    output.yield(
      .ended(
        choice: choice, finish,
        ChoiceReport(
          completionTokens: drawn.count, reasoningTokens: question == "think" ? 3 : 0, tokens: drawn)))
  }

  private static func question(_ request: AnswerRequest) -> String {
    switch request.prompt {
    case .conversation(let messages, _, _): messages.last?.text ?? ""
    case .text(let text): text
    case .tokens: "tokens"
    }
  }

  private static func ids(_ request: AnswerRequest) -> [Int32] {
    switch request.prompt {
    case .conversation(let messages, _, _):
      messages.flatMap { $0.text.unicodeScalars.map { Int32($0.value) } }
    case .text(let text): text.unicodeScalars.map { Int32($0.value) }
    case .tokens(let ids): ids
    }
  }

  private static func text(_ choice: Int, _ text: String, _ request: AnswerRequest) -> AnswerEvent {
    .text(
      choice: choice, text,
      tokens: text.unicodeScalars.map { token(Int32($0.value), request, logProbability: -0.5) })
  }

  private static func token(_ id: Int32, _ request: AnswerRequest, logProbability: Float?) -> AnswerToken {
    let bytes = Unicode.Scalar(UInt32(id)).map { Array(String(Character($0)).utf8) } ?? []
    var top: [AnswerToken.Alternative] = []
    for place in 0..<(request.logProbabilities ?? 0) {
      let other: [UInt8] = place == 0 ? bytes : [UInt8(96 + place)]
      let likelihood = (logProbability ?? 0) - Float(place)
      top.append(.init(id: id + Int32(place), bytes: other, logProbability: likelihood))
    }
    return AnswerToken(
      id: id, bytes: bytes, logProbability: request.logProbabilities == nil ? nil : logProbability,
      top: logProbability == nil ? [] : top)
  }
}
