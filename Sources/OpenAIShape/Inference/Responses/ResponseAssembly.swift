import Inference
import Records
import Store

/// Makes a response's items out of an answer's events, and the events of a stream on the way.
struct ResponseAssembly {
  /// An event of the stream, but for its type's repetition and its number.
  struct Event: Sendable, Hashable {
    var type: String
    var members: JSONObject
  }

  /// The item that is being written.
  private enum Open: Hashable { case reasoning, message, call }

  private(set) var output: [JSONValue] = []
  private(set) var message = Message(role: .assistant, content: [])
  private(set) var finish: FinishReason?
  private var open: Open?
  private var id = ""
  private var text = ""
  private var call = ToolCall(id: "", name: "", arguments: "")
  private var tokens: [AnswerToken] = []
  private let options: WireOptions

  init(_ options: WireOptions) { self.options = options }

  mutating func take(_ event: AnswerEvent) -> [Event] {
    var events: [Event] = []
    switch event {
    case .prompt: break
    case .reasoning(_, let more):
      begin(.reasoning, &events)
      text += more
      events.append(delta("response.reasoning_text.delta", more))
    case .text(_, let more, let tokens):
      if more.isEmpty, open != .message { break }
      begin(.message, &events)
      text += more
      self.tokens += tokens
      var event = delta("response.output_text.delta", more)
      event.members["logprobs"] = .array(
        options.logProbabilities ? tokens.map { LogProbabilityWire.entry($0, options) } : [])
      if !more.isEmpty { events.append(event) }
    case .toolCallBegan(_, _, let callID, let name):
      close(&events)
      call = ToolCall(id: callID, name: name, arguments: "")
      begin(.call, &events)
    case .toolCallArguments(_, _, let more):
      call.arguments += more
      var event = delta("response.function_call_arguments.delta", more)
      event.members["content_index"] = nil
      events.append(event)
    case .ended(_, let reason, _):
      // An answer of nothing is an empty message all the same.
      if output.isEmpty, open == nil { begin(.message, &events) }
      close(&events, reason == .length ? .incomplete : .completed)
      finish = reason
    }
    return events
  }

  private mutating func begin(_ kind: Open, _ events: inout [Event]) {
    guard open != kind || kind == .call else { return }
    close(&events)
    open = kind
    text = ""
    tokens = []
    id = Identifier.new(["reasoning": "rs_", "message": "msg_"]["\(kind)"] ?? "fc_")
    events.append(
      Event(
        type: "response.output_item.added",
        members: JSONObject([("output_index", .integer(output.count)), ("item", item(.inProgress))])))
    switch kind {
    case .reasoning, .message: events.append(part("response.content_part.added"))
    case .call: break
    }
  }

  private mutating func close(_ events: inout [Event], _ status: ResponseObject.Status = .completed) {
    switch open {
    case nil: return
    case .reasoning:
      events.append(done("response.reasoning_text.done", "text", text))
      events.append(part("response.content_part.done"))
      message.reasoning = (message.reasoning ?? "") + text
    case .message:
      var event = done("response.output_text.done", "text", text)
      event.members["logprobs"] = .array(logProbabilities)
      events.append(event)
      events.append(part("response.content_part.done"))
      if !text.isEmpty { message.content.append(.text(text)) }
    case .call:
      var event = done("response.function_call_arguments.done", "arguments", call.arguments)
      event.members["content_index"] = nil
      event.members["name"] = .string(call.name)
      events.append(event)
      message.toolCalls.append(call)
    }
    let item = item(status)
    events.append(
      Event(
        type: "response.output_item.done",
        members: JSONObject([("output_index", .integer(output.count)), ("item", item)])))
    output.append(item)
    open = nil
  }

  private var logProbabilities: [JSONValue] {
    options.logProbabilities ? tokens.map { LogProbabilityWire.entry($0, options) } : []
  }

  private func item(_ status: ResponseObject.Status) -> JSONValue {
    let isDone = status != .inProgress
    var item = JSONObject([("id", .string(id))])
    switch open {
    case .reasoning, nil:
      item["type"] = "reasoning"
      item["summary"] = []
      item["content"] = isDone ? [content] : []
    case .message:
      item["type"] = "message"
      item["role"] = "assistant"
      item["content"] = isDone ? [content] : []
    case .call:
      item["type"] = "function_call"
      item["call_id"] = .string(call.id)
      item["name"] = .string(call.name)
      item["arguments"] = .string(call.arguments)
    }
    item["status"] = .string(status.rawValue)
    return .object(item)
  }

  /// The part of an item that holds its text.
  private var content: JSONValue {
    if open == .reasoning { return ["type": "reasoning_text", "text": .string(text)] }
    var part = JSONObject([("type", "output_text"), ("text", .string(text)), ("annotations", .array([]))])
    part["logprobs"] = .array(logProbabilities)
    return .object(part)
  }

  private func place(_ members: [(String, JSONValue)]) -> JSONObject {
    JSONObject(
      [("item_id", .string(id)), ("output_index", .integer(output.count)), ("content_index", 0)] + members)
  }

  private func delta(_ type: String, _ text: String) -> Event {
    Event(type: type, members: place([("delta", .string(text))]))
  }

  private func done(_ type: String, _ key: String, _ text: String) -> Event {
    Event(type: type, members: place([(key, .string(text))]))
  }

  private func part(_ type: String) -> Event { Event(type: type, members: place([("part", content)])) }
}
