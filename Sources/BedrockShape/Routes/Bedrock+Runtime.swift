internal import Foundation
internal import Gateway
internal import HTTPTypes
internal import Hummingbird
internal import Inference
internal import Records
internal import Store

extension Bedrock {
  static let bodyLimit = 25_000_000

  func addRuntimeRoutes(to router: Router<APIContext>) {
    on(router, .post, "/model", name: "modelId", segments: 1...3, end: "/converse", .inference, converse)
    on(
      router, .post, "/model", name: "modelId", segments: 1...3, end: "/converse-stream", .inference,
      converseStream)
    on(router, .post, "/model", name: "modelId", segments: 1...3, end: "/invoke", .inference, invoke)
    on(
      router, .post, "/model", name: "modelId", segments: 1...3, end: "/invoke-with-response-stream",
      .inference, invokeStream)
    on(
      router, .post, "/model", name: "modelId", segments: 1...3, end: "/count-tokens", .inference, countTokens
    )
  }

  /// Begins to answer.
  private func answer(_ request: AnswerRequest, _ call: Call) async throws
    -> AsyncThrowingStream<AnswerEvent, any Error>
  {
    try await checkQuota(call)
    return try await answering.answer(request, try await policy(call.identifier, call))
  }

  /// A whole answer, counted and logged, with what is sent of it; one that breaks off is counted and logged, too.
  private func whole(
    _ exchange: ModelExchange, _ events: AsyncThrowingStream<AnswerEvent, any Error>,
    _ output: (AnswerAssembly) -> JSONValue
  ) async throws -> (AnswerAssembly, JSONValue) {
    var assembly = AnswerAssembly()
    do {
      for try await event in events { _ = assembly.take(event) }
      try assembly.checkEnd()
    } catch {
      let failure: InvocationRecord.Failure = error is InferenceError ? .whole : .abandoned
      await finish(exchange, assembly, output: output(assembly), failure)
      throw error
    }
    let json = output(assembly)
    await finish(exchange, assembly, output: json)
    return (assembly, json)
  }

  // MARK: Converse

  private func conversation(_ call: Call, _ operation: InvocationRecord.Operation) async throws
    -> (ConverseBody, ModelExchange)
  {
    let reader = WireReader(try await call.request.jsonObject(limit: Self.bodyLimit))
    let body = ConverseBody(reader)
    try reader.problems.check()
    return (
      body,
      ModelExchange(
        call: call, operation: operation, input: .object(reader.object), metadata: body.metadata)
    )
  }

  @Sendable private func converse(_ call: Call) async throws -> Response {
    let (body, exchange) = try await conversation(call, .converse)
    let (_, json) = try await whole(exchange, try await answer(body.request, call)) {
      ConverseAnswer(assembly: $0, body: body, milliseconds: exchange.milliseconds).json
    }
    return .json(json)
  }

  @Sendable private func converseStream(_ call: Call) async throws -> Response {
    let (body, exchange) = try await conversation(call, .converseStream)
    let events = try await answer(body.request, call)
    @Sendable func message(_ event: ConverseEvents.Event) -> EventStreamMessage {
      .event(event.type, event.value.serialised())
    }
    return EventStreamBody.response(
      events, headers: [:],
      .init(
        begin: { [message(ConverseEvents.start)] },
        change: { ConverseEvents.events($0, in: $1).map(message) },
        end: { assembly in
          ConverseEvents.end(
            ConverseAnswer(assembly: assembly, body: body, milliseconds: exchange.milliseconds)
          ).map(message)
        },
        finish: { assembly, failure in
          let answer = ConverseAnswer(assembly: assembly, body: body, milliseconds: exchange.milliseconds)
          await finish(exchange, assembly, output: answer.json, failure)
        }))
  }

  // MARK: InvokeModel

  private static let guardrail = HTTPField.Name("X-Amzn-Bedrock-GuardrailIdentifier")!
  private static let metadata = HTTPField.Name("X-Amzn-Bedrock-Request-Metadata")!

  private func invocation(_ call: Call, _ operation: InvocationRecord.Operation) async throws
    -> (InvokeBody, ModelExchange)
  {
    let reader = WireReader(try await call.request.jsonObject(limit: Self.bodyLimit))
    let body = InvokeBody(reader)
    if let guardrail = call.request.headers[Self.guardrail], !guardrail.isEmpty {
      reader.problems.add(
        guardrail, at: "guardrailIdentifier", "this service has no guardrails; leave it out")
    }
    try reader.problems.check()
    var metadata: [String: String] = [:]
    if let text = call.request.headers[Self.metadata], let object = try? JSONValue(parsing: text).object {
      for (key, value) in object.members { metadata[key] = value.string }
    }
    return (
      body,
      ModelExchange(call: call, operation: operation, input: .object(reader.object), metadata: metadata)
    )
  }

  @Sendable private func invoke(_ call: Call) async throws -> Response {
    let (body, exchange) = try await invocation(call, .invokeModel)
    let (assembly, json) = try await whole(exchange, try await answer(body.request, call)) {
      output(of: $0, body, exchange)
    }
    var response = Response.json(json)
    for (name, value) in [
      ("X-Amzn-Bedrock-Input-Token-Count", assembly.prompt.tokens.count),
      ("X-Amzn-Bedrock-Output-Token-Count", assembly.report.completionTokens),
      ("X-Amzn-Bedrock-Invocation-Latency", exchange.milliseconds),
    ] {
      if let name = HTTPField.Name(name) { response.headers[name] = String(value) }
    }
    for (name, value) in Self.repeated(call) { response.headers[name] = value }
    return response
  }

  /// Headers that change nothing here, and are repeated as the members of Converse are.
  private static func repeated(_ call: Call) -> [(HTTPField.Name, String)] {
    ["X-Amzn-Bedrock-PerformanceConfig-Latency", "X-Amzn-Bedrock-Service-Tier"].compactMap { text in
      guard let name = HTTPField.Name(text), let value = call.request.headers[name] else { return nil }
      return (name, value)
    }
  }

  /// An answer in the form of its request.
  private func output(of assembly: AnswerAssembly, _ body: InvokeBody, _ exchange: ModelExchange) -> JSONValue
  {
    switch body {
    case .nova(let body):
      ConverseAnswer(assembly: assembly, body: body, milliseconds: exchange.milliseconds).nova
    case .chat: chat(exchange, assembly).json
    }
  }

  private func chat(_ exchange: ModelExchange, _ assembly: AnswerAssembly) -> ChatAnswer {
    ChatAnswer(
      id: "chatcmpl-\(exchange.call.requestID)", model: exchange.call.identifier, created: .now,
      assembly: assembly)
  }

  @Sendable private func invokeStream(_ call: Call) async throws -> Response {
    let (body, exchange) = try await invocation(call, .invokeModelStream)
    let events = try await answer(body.request, call)
    let chunks = InvokeChunks(
      body: body, exchange: exchange, chat: { chat(exchange, $0) })
    var headers: HTTPFields = [:]
    if let name = HTTPField.Name("X-Amzn-Bedrock-Content-Type") { headers[name] = "application/json" }
    for (name, value) in Self.repeated(call) { headers[name] = value }
    return EventStreamBody.response(
      events, headers: headers,
      .init(
        begin: { chunks.begin().map(InvokeChunks.message) },
        change: { chunks.change($0, $1).map(InvokeChunks.message) },
        end: { chunks.end($0).map(InvokeChunks.message) },
        // The log has what a whole answer would have said.
        finish: { assembly, failure in
          await finish(exchange, assembly, output: output(of: assembly, body, exchange), failure)
        }))
  }

  // MARK: CountTokens

  @Sendable private func countTokens(_ call: Call) async throws -> Response {
    let reader = WireReader(try await call.request.jsonObject(limit: Self.bodyLimit * 4 / 3))
    reader.rejectOthers(than: ["input"])
    var request: AnswerRequest?
    if let input = reader.inside("input", required: true) {
      switch input.one(of: ["invokeModel", "converse"]) {
      case "converse": request = input.inside("converse").map { ConverseBody($0).request }
      case "invokeModel":
        let text = input.inside("invokeModel")?.value("body", required: true)?.string ?? ""
        if let bytes = Data(base64Encoded: text), let object = try? JSONValue(parsing: Array(bytes)).object {
          request =
            InvokeBody(WireReader(object, path: "input.invokeModel.body", problems: reader.problems)).request
        } else {
          reader.problems.add(nil, at: "input.invokeModel.body", "Member must be a JSON object in base64")
        }
      default: break
      }
    }
    try reader.problems.check()
    guard var request else { throw APIFailure(.unexpected, "the request was not read whole") }
    // The report of the prompt comes first; dropping the stream then ends the work.
    request.maxTokens = 1
    request.stop = []
    for try await event in try await answering.answer(request, try await policy(call.identifier, call)) {
      if case .prompt(let report) = event { return .json(["inputTokens": .integer(report.tokens.count)]) }
    }
    throw APIFailure(.unavailable, "the model did not read the prompt; try again", retryAfter: 5)
  }
}
