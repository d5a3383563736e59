import Gateway
import Hummingbird
import Inference
import Records
import Store

extension OpenAIInference {
  /// `POST /chat/completions`
  func chat(_ request: Request, _ context: APIContext, model: String?) async throws -> Response {
    let caller = try await caller(context)
    let chat = try ChatRequest(try await request.jsonObject(), model: model)
    let policy = try await policy(named: chat.model, caller)
    if !chat.options.isStreamed { try await expectRoom(for: chat.answer, [chat.answer.prompt], policy) }
    let meter = AnswerMeter(store, projectID: caller.project.id)
    let run = try await begin(chat.answer, policy, meter, prompt: "messages")
    let id = Identifier.new("chatcmpl-")
    return chat.options.isStreamed
      ? stream(chat, run, meter, id: id) : try await whole(chat, run, meter, id: id)
  }

  private func whole(_ chat: ChatRequest, _ run: AnswerRun, _ meter: AnswerMeter, id: String) async throws
    -> Response
  {
    var choices = Array(repeating: ChatChoice(), count: chat.answer.choices)
    try await meter.read(run.events) { event in
      if let index = event.choice, choices.indices.contains(index) { choices[index].take(event) }
    }
    var body = JSONObject([
      ("id", .string(id)), ("object", "chat.completion"), ("created", .integer(UnixTime.now)),
      ("model", .string(chat.model)),
    ])
    body["choices"] = .array(choices.enumerated().map { $1.json($0, chat.options) })
    body["usage"] = meter.figures.completionsJSON
    if chat.options.tokenIDs {
      body["prompt_token_ids"] = .array(run.prompt.tokens.map { .integer(Int($0)) })
    }
    return .json(.object(body))
  }

  private func stream(_ chat: ChatRequest, _ run: AnswerRun, _ meter: AnswerMeter, id: String) -> Response {
    ServerSentEvents.response { writer in
      var chunks = ChatStream(
        id: id, created: UnixTime.now, model: chat.model, chat.options, prompt: run.prompt)
      for chunk in chunks.opening(choices: chat.answer.choices) { try await writer.write(chunk) }
      let isWhole = try await meter.write(run.events, &writer) { event in
        chunks.chunk(event).map { [$0] } ?? []
      }
      guard isWhole else { return }
      if chat.options.includesUsage { try await writer.write(chunks.usage(meter.figures)) }
      try await writer.write("[DONE]")
    }
  }
}
