internal import Plans
internal import Records
internal import Yams

/// An entry of a map of settings, such as a model: takes values out by name and reports what is left over.
struct MapEntry {
  let path: String
  let line: Int
  let file: String
  private let mapping: Node.Mapping?
  private(set) var diagnostics: [Diagnostic] = []

  init(path: String, line: Int, file: String, _ node: Node) {
    self.path = path
    self.line = line
    self.file = file
    mapping = node.mapping
    // An entry without a value takes all defaults.
    if mapping == nil, node.scalar.map({ JSONValue(yaml: $0) }) != .null {
      report(nil, "\(node.given) was given; expected a text or a section")
    }
  }

  mutating func text(_ name: String) -> String? {
    guard let node = mapping?[name] else { return nil }
    guard let text = node.scalar?.string, !text.isEmpty else {
      report(name, "\(node.given) was given; expected a text")
      return nil
    }
    return text
  }

  mutating func texts(_ name: String) -> [String] {
    guard let node = mapping?[name] else { return [] }
    guard let elements = node.sequence else {
      report(name, "\(node.given) was given; expected a list of texts")
      return []
    }
    return elements.compactMap { element in
      if let text = element.scalar?.string, !text.isEmpty { return text }
      report(name, "\(element.given) stands in the list; expected a text")
      return nil
    }
  }

  mutating func choice<Choice: RawRepresentable & CaseIterable>(_ name: String, _ type: Choice.Type)
    -> Choice?
  where Choice.RawValue == String {
    guard let node = mapping?[name] else { return nil }
    if let word = node.scalar?.string, let choice = Choice(rawValue: word) { return choice }
    report(
      name,
      "\(node.given) was given; expected one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
    return nil
  }

  mutating func finish(expecting names: [String]) {
    for (key, _) in mapping ?? Node.Mapping([]) {
      let name = key.scalar?.string ?? ""
      if names.contains(name) || YAMLDocument.isMarked(name) { continue }
      let near = EditDistance.nearest(to: name, among: names)
      report(
        name,
        "'\(name)' is not a key of '\(path)'; "
          + (near.map { "did you mean '\($0)'?" } ?? "expected one of \(names.joined(separator: ", "))"))
    }
  }

  private mutating func report(_ name: String?, _ message: String) {
    let key = mapping?.first { $0.key.scalar?.string == name }?.key
    diagnostics.append(
      Diagnostic(
        .error, file: file, line: key?.mark?.line ?? line, path: name.map { "\(path).\($0)" } ?? path,
        message: message))
  }
}
