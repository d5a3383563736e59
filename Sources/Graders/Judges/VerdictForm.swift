import Records

/// What the `result` of a verdict may be, as a schema and in words.
struct VerdictForm: Sendable {
  let name: String
  private let result: JSONValue
  /// What is expected, as messages name it: "a number from 0 to 1".
  let words: String

  static func score(from low: Double, to high: Double) -> VerdictForm {
    let words = "a number from \(low.brief) to \(high.brief)"
    return VerdictForm(
      name: "score", result: ["type": "number", "description": .string(words)], words: words)
  }

  static func oneOf(_ labels: [String], name: String) -> VerdictForm {
    let words = "one of " + labels.map { JSONValue.string($0).serialised() }.joined(separator: ", ")
    return VerdictForm(
      name: name, result: ["type": "string", "enum": .array(labels.map(JSONValue.string))], words: words)
  }

  /// `response_format` of a chat completion. Strict schemas need every member required and no others allowed.
  var responseFormat: JSONValue {
    let step: JSONValue = [
      "type": "object",
      "properties": ["description": ["type": "string"], "conclusion": ["type": "string"]],
      "required": ["description", "conclusion"], "additionalProperties": false,
    ]
    return [
      "type": "json_schema",
      "json_schema": [
        "name": .string(name), "strict": true,
        "schema": [
          "type": "object",
          "properties": ["steps": ["type": "array", "items": step], "result": result],
          "required": ["steps", "result"], "additionalProperties": false,
        ],
      ],
    ]
  }

  /// The same for a judge that has no schema to go by.
  var instruction: String {
    """
    Answer with one JSON object and nothing else: \
    {"steps": [{"description": "...", "conclusion": "..."}], "result": ...}, \
    in which result is \(words).
    """
  }
}
