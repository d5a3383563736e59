import Jobs
import Records

/// The extension channel: `"operant": {"training": {"lora": {"rank": 8}}}` beside OpenAI's fields (`extra_body` of the
/// client) sets fields of the run's plan that the API has no word for.
extension JobRequest {
  static let extensionKey = "operant"

  /// Sections that belong to the client. The others say where files lie, what runs without a sandbox and the like, and
  /// belong to whoever runs the service.
  private static let sections = [
    "algorithm", "checkpoints", "defence", "evaluation", "limits", "sampling", "training",
  ]

  mutating func readOverrides(_ reader: FieldReader) {
    guard let object = reader.object(Self.extensionKey, "an object of plan sections") else { return }
    let inside = reader.inside(Self.extensionKey, object)
    inside.rejectKeys(besides: Self.sections)
    for section in Self.sections {
      guard let value = inside.value(section) else { continue }
      read(value, path: section, inside)
    }
  }

  private mutating func read(_ value: JSONValue, path: String, _ reader: FieldReader) {
    switch value {
    case .object(let object):
      for (key, inner) in object.members { read(inner, path: "\(path).\(key)", reader) }
    case .string(let text): choices.overrides[path] = text
    case .bool, .integer, .number: choices.overrides[path] = value.serialised()
    case .array(let elements) where elements.allSatisfy({ $0.object == nil && $0.array == nil }):
      choices.overrides[path] = value.serialised()
    case .null, .array:
      reader.error(path, "expected a text, a number, true or false, or a list of them; got \(value.kind)")
    }
  }
}
