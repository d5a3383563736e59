import Records

/// `response_format` of a job: nested as OpenAI has it, or flat as a page of Azure's shows it.
enum ResponseFormat {
  /// The nested form; nil for plain text and for what was reported.
  static func nested(_ reader: FieldReader) -> JSONValue? {
    guard let type = reader.requiredString("type", "'json_schema'") else { return nil }
    switch type {
    case "text": return nil
    case "json_object": return ["type": "json_object"]
    case "json_schema": return schema(reader)
    default:
      reader.error("type", "is '\(type.prefix(40))'; expected 'json_schema', 'json_object' or 'text'")
      return nil
    }
  }

  private static func schema(_ reader: FieldReader) -> JSONValue? {
    let inside: FieldReader
    if reader.value("json_schema") != nil {
      reader.rejectKeys(besides: ["type", "json_schema"])
      guard let object = reader.object("json_schema", "an object with a name and a schema") else {
        return nil
      }
      inside = reader.inside("json_schema", object)
      inside.rejectKeys(besides: ["name", "description", "schema", "strict"])
    } else {
      inside = reader
      inside.rejectKeys(besides: ["type", "name", "description", "schema", "strict"])
    }
    let name = inside.string("name", longest: 64) ?? "answer"
    guard let schema = inside.object("schema", "a JSON Schema") else {
      if inside.value("schema") == nil { inside.error("schema", "is missing; expected a JSON Schema") }
      return nil
    }
    var fields = JSONObject([("name", .string(name)), ("schema", .object(schema))])
    if let strict = inside.value("strict") {
      if strict.bool == nil { inside.error("strict", "expected true or false, got \(strict.kind)") }
      fields["strict"] = strict
    }
    return ["type": "json_schema", "json_schema": .object(fields)]
  }
}
