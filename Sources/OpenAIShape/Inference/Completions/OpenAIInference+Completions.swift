import Gateway
import Hummingbird
import Inference
import Records
import Store

extension OpenAIInference {
  /// Prompts of one request that are asked at once: no more than a model has rows for, as it would turn the others away.
  private func promptsAtOnce(_ choices: Int) -> Int { max(1, min(32, rows / choices)) }

  /// `POST /completions`
  func completions(_ request: Request, _ context: APIContext, model: String?) async throws -> Response {
    let caller = try await caller(context)
    let completion = try CompletionRequest(try await request.jsonObject(), model: model)
    let policy = try await policy(named: completion.model, caller)
    let meter = AnswerMeter(store, projectID: caller.project.id)
    let id = Identifier.new("cmpl-")
    if completion.options.isStreamed { return try await stream(completion, policy, meter, id: id) }
    try await expectRoom(for: completion.answer, completion.prompts, policy)
    return try await whole(completion, policy, meter, id: id)
  }

  private func whole(
    _ completion: CompletionRequest, _ policy: PolicyReference, _ meter: AnswerMeter, id: String
  ) async throws -> Response {
    let turns = PromptTurns()
    let atOnce = promptsAtOnce(completion.answer.choices)
    let answers = try await withThrowingTaskGroup(of: (Int, JSONValue, [JSONValue]).self) { group in
      var answers: [(ids: JSONValue, choices: [JSONValue])?] = Array(
        repeating: nil, count: completion.prompts.count)
      for place in completion.prompts.indices {
        if place >= atOnce, let (done, ids, choices) = try await group.next() {
          answers[done] = (ids, choices)
        }
        group.addTask {
          let (ids, choices) = try await self.answer(completion, place, policy, meter, turns)
          return (place, ids, choices)
        }
      }
      for try await (done, ids, choices) in group { answers[done] = (ids, choices) }
      return answers.compactMap(\.self)
    }
    var body = JSONObject([
      ("id", .string(id)), ("object", "text_completion"), ("created", .integer(UnixTime.now)),
      ("model", .string(completion.model)),
    ])
    body["choices"] = .array(answers.flatMap(\.choices))
    body["usage"] = meter.figures.completionsJSON
    if completion.options.tokenIDs, let first = answers.first { body["prompt_token_ids"] = first.ids }
    await meter.settle()
    return .json(.object(body))
  }

  /// The choices of one prompt, and the prompt's ids.
  private func answer(
    _ completion: CompletionRequest, _ place: Int, _ policy: PolicyReference, _ meter: AnswerMeter,
    _ turns: PromptTurns
  ) async throws -> (JSONValue, [JSONValue]) {
    let run = try await begin(completion, place, policy, meter, turns)
    let echo = completion.echoes ? run.prompt : nil
    let start = CompletionChoice(echoing: echo, text: completion.text(of: place))
    var choices = Array(repeating: start, count: completion.answer.choices)
    do {
      for try await event in run.events {
        meter.see(event)
        if let index = event.choice, choices.indices.contains(index) { choices[index].take(event) }
      }
    } catch let error as InferenceError { throw error.failure(prompt: "prompt") }
    return (
      .array(run.prompt.tokens.map { .integer(Int($0)) }),
      choices.enumerated().map {
        $1.json(place * choices.count + $0, completion.options, prompt: run.prompt)
      }
    )
  }

  /// Begins to answer a prompt. Where the model is too busy for all of them the request is turned away; once it has taken
  /// up one, the others wait until there is room, however long that takes: their client can go away.
  private func begin(
    _ completion: CompletionRequest, _ place: Int, _ policy: PolicyReference, _ meter: AnswerMeter,
    _ turns: PromptTurns
  ) async throws -> AnswerRun {
    while true {
      turns.ask()
      do {
        let run = try await begin(completion.answer(of: place), policy, meter, prompt: "prompt")
        turns.begin()
        return run
      } catch let failure as APIFailure where failure.kind == .throttled {
        guard turns.isTurnedAway() else { throw failure }
        try await Task.sleep(for: .seconds(min(2, failure.retryAfter ?? 1)))
      }
    }
  }

  /// Several prompts are streamed one after the other.
  private func stream(
    _ completion: CompletionRequest, _ policy: PolicyReference, _ meter: AnswerMeter, id: String
  ) async throws -> Response {
    let turns = PromptTurns()
    let firstRun = try await begin(completion, 0, policy, meter, turns)
    return ServerSentEvents.response { writer in
      let head = CompletionStream.head(id: id, created: UnixTime.now, model: completion.model)
      for place in completion.prompts.indices {
        let run: AnswerRun
        do {
          run = place == 0 ? firstRun : try await begin(completion, place, policy, meter, turns)
        } catch let failure as APIFailure {
          await meter.settle()
          return try await writer.write(failure.openAIError.serialised())
        }
        let count = completion.answer.choices
        var chunks = CompletionStream(
          head: head, completion.options, prompt: run.prompt, first: place * count, choices: count)
        if completion.echoes {
          for chunk in chunks.opening(echoing: completion.text(of: place)) { try await writer.write(chunk) }
        }
        let isWhole = try await meter.write(
          run.events, &writer, settles: place == completion.prompts.count - 1
        ) { event in
          chunks.chunk(event).map { [$0] } ?? []
        }
        guard isWhole else { return }
      }
      if completion.options.includesUsage {
        try await writer.write(
          head + ",\"choices\":[],\"usage\":\(meter.figures.completionsJSON.serialised())}")
      }
      try await writer.write("[DONE]")
    }
  }
}

extension CompletionRequest {
  /// A prompt's text, where it was given as text.
  func text(of prompt: Int) -> String? {
    if case .text(let text) = prompts[prompt] { text } else { nil }
  }
}
