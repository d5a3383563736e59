import Inference
import Records

/// A response as the wire has it.
struct ResponseObject {
  enum Status: String {
    case inProgress = "in_progress"
    case completed, incomplete, failed
  }

  let id: String
  let created: Int
  let request: ResponseRequest

  func json(
    _ status: Status, output: [JSONValue] = [], usage: UsageFigures? = nil, error: String? = nil
  ) -> JSONValue {
    var body = JSONObject([
      ("id", .string(id)), ("object", "response"), ("created_at", .integer(created)),
      ("status", .string(status.rawValue)), ("background", false),
    ])
    body["error"] = error.map { ["code": "server_error", "message": .string($0)] } ?? .null
    body["incomplete_details"] = status == .incomplete ? ["reason": "max_output_tokens"] : .null
    body["model"] = .string(request.model)
    body["output"] = .array(output)
    body["parallel_tool_calls"] = .bool(request.answer.allowsParallelToolCalls)
    let usual: [(String, JSONValue)] = [
      ("instructions", .null), ("max_output_tokens", .null), ("metadata", [:]),
      ("previous_response_id", .null), ("reasoning", ["effort": .null, "summary": .null]),
      ("temperature", 1.0), ("text", ["format": ["type": "text"]]), ("tool_choice", "auto"), ("tools", []),
      ("top_p", 1.0), ("truncation", "disabled"), ("user", .null),
    ]
    for (key, value) in usual { body[key] = request.echo[key].flatMap { $0 == .null ? nil : $0 } ?? value }
    body["store"] = .bool(request.isStored)
    body["usage"] = usage?.responsesJSON ?? .null
    return .object(body)
  }
}
