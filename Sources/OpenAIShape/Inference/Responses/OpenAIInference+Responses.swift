import Gateway
import Hummingbird
import Inference
import Records
import Store

extension OpenAIInference {
  /// `POST /responses`
  func responses(_ request: Request, _ context: APIContext) async throws -> Response {
    let caller = try await caller(context)
    let wanted = try ResponseRequest(try await request.jsonObject())
    let policy = try await policy(named: wanted.model, caller)
    let earlier =
      try wanted.previous.map { try kept($0, caller, param: "previous_response_id").messages } ?? []
    let meter = AnswerMeter(store, projectID: caller.project.id)
    let answer = wanted.answer(after: earlier)
    let run = try await begin(answer, policy, meter, prompt: "input")
    let object = ResponseObject(id: Identifier.new("resp_"), created: UnixTime.now, request: wanted)
    let keep: @Sendable (JSONValue, Message) -> Void = { body, message in
      guard wanted.isStored else { return }
      memory.keep(
        object.id,
        .init(
          projectID: caller.project.id, body: body, messages: earlier + wanted.messages + [message],
          input: wanted.input))
    }
    if wanted.options.isStreamed { return stream(object, run, meter, keep) }

    var assembly = ResponseAssembly(wanted.options)
    try await meter.read(run.events) { _ = assembly.take($0) }
    let body = object.json(assembly.status, output: assembly.output, usage: meter.figures)
    keep(body, assembly.message)
    return .json(body)
  }

  private func stream(
    _ object: ResponseObject, _ run: AnswerRun, _ meter: AnswerMeter,
    _ keep: @Sendable @escaping (JSONValue, Message) -> Void
  ) -> Response {
    ServerSentEvents.response { writer in
      var number = 0
      func write(_ event: ResponseAssembly.Event, _ writer: inout EventWriter) async throws {
        var members = JSONObject([
          ("type", .string(event.type)), ("sequence_number", .integer(number)),
        ])
        for (key, value) in event.members.members { members[key] = value }
        number += 1
        try await writer.write(JSONValue.object(members).serialised(), event: event.type)
      }
      func tell(_ type: String, _ body: JSONValue, _ writer: inout EventWriter) async throws {
        try await write(.init(type: type, members: JSONObject([("response", body)])), &writer)
      }
      try await tell("response.created", object.json(.inProgress), &writer)
      try await tell("response.in_progress", object.json(.inProgress), &writer)
      var assembly = ResponseAssembly(object.request.options)
      do {
        for try await event in run.events {
          meter.see(event)
          for event in assembly.take(event) { try await write(event, &writer) }
        }
      } catch {
        await meter.settle()
        guard let error = error as? InferenceError else { throw error }
        let body = object.json(
          .failed, output: assembly.output, usage: meter.figures, error: error.message)
        return try await tell("response.failed", body, &writer)
      }
      await meter.settle()
      let body = object.json(assembly.status, output: assembly.output, usage: meter.figures)
      keep(body, assembly.message)
      try await tell("response.\(assembly.status.rawValue)", body, &writer)
    }
  }

  /// `GET /responses/{id}`
  func storedResponse(_ context: APIContext) throws -> Response {
    let caller = try context.caller(for: .read)
    return .json(try kept(try context.name("id"), caller, param: nil).body)
  }

  /// `GET /responses/{id}/input_items`: newest first unless `order` says otherwise.
  func inputItems(_ request: Request, _ context: APIContext) throws -> Response {
    let caller = try context.caller(for: .read)
    let input = try kept(try context.name("id"), caller, param: nil).input
    let page = try RequestQuery(request).page(limit: 20, highest: 100)
    var items = page.ascending ? input : input.reversed()
    if let after = page.after {
      guard let place = items.firstIndex(where: { $0["id"]?.string == after }) else {
        throw APIFailure(.invalid, "after names no item of this response", param: "after")
      }
      items.removeFirst(place + 1)
    }
    return .json(WireList.json(Array(items.prefix(page.limit)), hasMore: items.count > page.limit))
  }

  /// `DELETE /responses/{id}`
  func deleteResponse(_ context: APIContext) throws -> Response {
    let caller = try context.caller(for: .inference)
    let id = try context.name("id")
    guard memory.delete(id, projectID: caller.project.id) else { throw Self.unknown(id, param: nil) }
    return .json(WireValue.deleted(id, object: "response"))
  }

  private func kept(_ id: String, _ caller: Caller, param: String?) throws -> ResponseMemory.Kept {
    guard let kept = memory.find(id, projectID: caller.project.id) else {
      throw Self.unknown(id, param: param)
    }
    return kept
  }

  private static func unknown(_ id: String, param: String?) -> APIFailure {
    APIFailure(
      param == nil ? .missing : .invalid,
      "the response '\(id.prefix(80))' is not known here; responses are kept in memory, the newest ones only, until "
        + "the service ends; send the conversation as input instead", param: param,
      code: param == nil ? nil : "previous_response_not_found")
  }
}

extension ResponseAssembly {
  var status: ResponseObject.Status { finish == .length ? .incomplete : .completed }
}
