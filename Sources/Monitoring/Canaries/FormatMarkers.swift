import Records

/// The marks of a form that a grader or a prompt speaks of: tags, labels before a colon, the keys of an object. Put
/// together with nothing between them they are the form without content.
struct FormatMarkers {
  /// Tags such as `<answer>`, in the order of first mention, without their brackets.
  private(set) var tags: [String] = []
  /// Labels such as `Answer:` or `####`, in the order of first mention.
  private(set) var labels: [String] = []
  /// Names of the fields of an object, when the form is one.
  private(set) var keys: [String] = []

  init(prompt: String, definition: JSONValue) {
    for text in [prompt] + definition.texts {
      read(text)
    }
    keys = definition.schemaKeys
  }

  /// The form with nothing inside; nil when there is no form.
  var text: String? {
    if !keys.isEmpty {
      return JSONValue.object(JSONObject(keys.map { ($0, .string("")) })).serialised()
    }
    var lines = tags.map { "<\($0)></\($0)>" }
    lines += labels
    return lines.isEmpty ? nil : lines.joined(separator: "\n")
  }

  private mutating func read(_ text: String) {
    for line in text.split(separator: "\n") {
      var rest = line[...]
      while let open = rest.firstIndex(of: "<") {
        let inside = rest[rest.index(after: open)...]
        let name = inside.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
        rest = inside[name.endIndex...]
        guard !name.isEmpty, rest.first == ">", !tags.contains(String(name)) else { continue }
        tags.append(String(name))
      }
      if line.contains("####"), !labels.contains("####") { labels.append("####") }
      if let label = Self.label(line), !labels.contains(label) { labels.append(label) }
    }
  }

  /// One word or two, capital first, and a colon: what a form asks an answer to be led in with.
  private static func label(_ line: Substring) -> String? {
    guard let colon = line.firstIndex(of: ":") else { return nil }
    let words = line[..<colon].split(separator: " ").suffix(2).filter { $0.first?.isUppercase == true }
    guard let last = words.last, last.allSatisfy(\.isLetter), last.count < 20 else { return nil }
    return "\(last):"
  }
}

extension JSONValue {
  /// Every text of a definition but its field names, type and name: what it looks for.
  var texts: [String] {
    switch self {
    case .string(let text): [text]
    case .array(let list): list.flatMap(\.texts)
    case .object(let object):
      object.members.flatMap {
        ["type", "name", "source", "file", "url"].contains($0.key) ? [] : $0.value.texts
      }
    case .null, .bool, .integer, .number: []
    }
  }

  /// The property names of the first JSON schema inside a definition.
  fileprivate var schemaKeys: [String] {
    switch self {
    case .object(let object):
      if let properties = object["properties"]?.object { return properties.keys.map { $0 } }
      return object.members.lazy.map(\.value.schemaKeys).first { !$0.isEmpty } ?? []
    case .array(let list): return list.lazy.map(\.schemaKeys).first { !$0.isEmpty } ?? []
    case .null, .bool, .integer, .number, .string: return []
    }
  }
}
