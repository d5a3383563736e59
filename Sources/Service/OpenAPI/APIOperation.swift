internal import Records
internal import Store

/// A route as it is described to clients.
struct APIOperation: Sendable {
  enum Body: Sendable {
    case none
    /// A schema of `APISchemas`, as JSON.
    case json(String)
    /// A schema, as `multipart/form-data`.
    case form(String)
  }

  enum Answer: Sendable {
    case json(String)
    /// A list of a schema, in OpenAI's shape.
    case list(String)
    /// JSON, or server-sent events where the request asks for them.
    case jsonOrEvents(String)
    case eventStream
    case bytes
    case text
    case nothing
  }

  let method: String
  let path: String
  let tag: APITag
  let summary: String
  /// What the key must allow; nil where none is needed.
  let scope: KeyScope?
  let query: [String]
  let body: Body
  let answer: Answer

  init(
    _ method: String, _ path: String, _ tag: APITag, _ scope: KeyScope?, _ summary: String,
    query: [String] = [],
    body: Body = .none, answer: Answer
  ) {
    self.method = method
    self.path = path
    self.tag = tag
    self.scope = scope
    self.summary = summary
    self.query = query
    self.body = body
    self.answer = answer
  }

  private var isAWS: Bool { tag == .bedrock || tag == .bedrockRuntime }

  /// The operation object of OpenAPI 3.1.
  var json: JSONValue {
    var object = JSONObject()
    object["tags"] = .array([.string(tag.rawValue)])
    object["summary"] = .string(summary)
    object["operationId"] = .string(identifier)
    if let scope {
      object["description"] = .string("Needs a key with the scope `\(scope.rawValue)`.")
      object["security"] =
        isAWS ? [["bearer": []], ["apiKey": []], ["signature": []]] : [["bearer": []], ["apiKey": []]]
    } else {
      object["security"] = []
    }
    let parameters = pathParameters + query.map { ["$ref": .string("#/components/parameters/\($0)")] }
    if !parameters.isEmpty { object["parameters"] = .array(parameters) }
    switch body {
    case .none: break
    case .json(let schema):
      object["requestBody"] = [
        "required": true, "content": ["application/json": ["schema": Self.reference(schema)]],
      ]
    case .form(let schema):
      object["requestBody"] = [
        "required": true, "content": ["multipart/form-data": ["schema": Self.reference(schema)]],
      ]
    }
    var responses = JSONObject()
    responses[answer.status] = answer.json
    responses["default"] = ["$ref": .string("#/components/responses/\(isAWS ? "AWSFailure" : "Failure")")]
    object["responses"] = .object(responses)
    return .object(object)
  }

  /// Such as `post_v1_files`.
  private var identifier: String {
    let words = (method.lowercased() + path).map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
    return String(words).split(separator: "_").joined(separator: "_")
  }

  private var pathParameters: [JSONValue] {
    path.split(separator: "/").filter { $0.hasPrefix("{") }.map { part in
      [
        "name": .string(String(part.dropFirst().dropLast())), "in": "path", "required": true,
        "schema": ["type": "string", "minLength": 1],
      ]
    }
  }

  static func reference(_ schema: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(schema)")] }
}

/// The chapters of the description.
enum APITag: String, Sendable, CaseIterable {
  case files = "Files"
  case uploads = "Uploads"
  case fineTuning = "Fine-tuning"
  case graders = "Graders"
  case models = "Models"
  case inference = "Inference"
  case webhooks = "Webhooks"
  case organization = "Organization"
  case bedrock = "Bedrock"
  case bedrockRuntime = "Bedrock runtime"
  case operations = "Operations"
}

extension APIOperation.Answer {
  var status: String { if case .nothing = self { "204" } else { "200" } }

  var json: JSONValue {
    let binary: JSONValue = ["type": "string", "format": "binary"]
    let text: JSONValue = ["type": "string"]
    switch self {
    case .json(let schema): return Self.response([("application/json", APIOperation.reference(schema))])
    case .list(let schema):
      let list: JSONValue = [
        "type": "object", "required": ["object", "data", "has_more"],
        "properties": [
          "object": ["const": "list"], "has_more": ["type": "boolean"],
          "data": ["type": "array", "items": APIOperation.reference(schema)],
          "first_id": ["type": ["string", "null"]], "last_id": ["type": ["string", "null"]],
        ],
      ]
      return Self.response([("application/json", list)])
    case .jsonOrEvents(let schema):
      return Self.response([
        ("application/json", APIOperation.reference(schema)), ("text/event-stream", text),
      ])
    case .eventStream: return Self.response([("application/vnd.amazon.eventstream", binary)])
    case .bytes: return Self.response([("application/octet-stream", binary)])
    case .text: return Self.response([("text/plain", text)])
    case .nothing: return ["description": "Done."]
    }
  }

  /// A response with a schema by type of content.
  private static func response(_ schemas: [(String, JSONValue)]) -> JSONValue {
    var content = JSONObject()
    for (type, schema) in schemas { content[type] = ["schema": schema] }
    return ["description": "What was asked for.", "content": .object(content)]
  }
}
