import Gateway
import Hummingbird
import Inference
import Records
import Store

extension OpenAIInference {
  /// `POST /inference/v1/generate`: ids in, ids out, for those who train on what they sample.
  func generate(_ request: Request, _ context: APIContext) async throws -> Response {
    let caller = try await caller(context)
    let generation = try GenerateRequest(try await request.jsonObject())
    let policy = try await policy(named: generation.model, caller)
    try await expectRoom(for: generation.answer, [generation.answer.prompt], policy)
    let meter = AnswerMeter(store, projectID: caller.project.id)
    let run = try await begin(generation.answer, policy, meter, prompt: "token_ids")
    var choices = Array(repeating: ChatChoice(), count: generation.answer.choices)
    try await meter.read(run.events) { event in
      if let index = event.choice, choices.indices.contains(index) { choices[index].take(event) }
    }
    return .json([
      "request_id": .string(generation.requestID ?? Identifier.new("gen-")),
      "choices": .array(choices.enumerated().map { generation.json($1, $0) }),
      "prompt_token_ids": .array(run.prompt.tokens.map { .integer(Int($0)) }),
      "usage": meter.figures.completionsJSON,
    ])
  }
}

/// A request that speaks of tokens alone.
struct GenerateRequest: Sendable, Hashable {
  var model: String
  var requestID: String?
  var answer: AnswerRequest
  private var options: WireOptions

  init(_ object: JSONObject) throws {
    let problems = RequestProblems()
    let reader = FieldReader(object, problems: problems)
    model = reader.requiredString("model", "the name of a model") ?? ""
    requestID = reader.string("request_id")
    if reader.value("token_ids") == nil {
      reader.error("token_ids", "is missing; expected a list of token ids")
    }
    answer = AnswerRequest(prompt: .tokens(reader.tokenIDs("token_ids") ?? []))
    options = WireOptions(reader)
    if options.isStreamed { reader.error("stream", "this route answers in one piece; leave it out") }
    // Texts of tokens say less than their ids to those who ask here.
    options.tokensAsIDs = true
    let sampling = reader.object("sampling_params", "an object") ?? JSONObject()
    let inner = reader.inside("sampling_params", sampling)
    SamplingFields.read(inner, into: &answer)
    answer.choices = inner.integer("n", in: 1...SamplingFields.mostChoices) ?? 1
    answer.maxTokens = inner.integer("max_tokens", in: 1 ... .max) ?? 16
    if let count = inner.integer("logprobs", in: 0...20) {
      answer.logProbabilities = count
      options.logProbabilities = true
    }
    try problems.check()
  }

  func json(_ choice: ChatChoice, _ index: Int) -> JSONValue {
    [
      "index": .integer(index), "token_ids": .array(choice.tokens.map { .integer(Int($0.id)) }),
      "logprobs": options.logProbabilities ? LogProbabilityWire.chat(choice.tokens, options) : .null,
      "finish_reason": .string(choice.finish?.wire ?? "stop"),
    ]
  }
}
