import Records
package import Yams

/// One value that was given for one field, before it is known to be of the right kind.
struct PlanEntry {
  let field: PlanField
  let node: Node
  let origin: PlanOrigin
  /// Whether it came by `--set`: its paths are then the caller's, not the plan's.
  let isOverride: Bool
}

/// Turns a YAML tree into entries and reports what is no field of a plan.
struct PlanEntries {
  private(set) var entries: [PlanEntry] = []
  private(set) var diagnostics: [Diagnostic] = []
  /// Lines of sections.
  private(set) var origins: [String: PlanOrigin] = [:]
  let file: String
  let isOverride: Bool

  init(file: String, isOverride: Bool = false) {
    self.file = file
    self.isOverride = isOverride
  }

  /// Takes in what stands at `path`: "" for the whole plan.
  mutating func add(_ node: Node, at path: String, line: Int) {
    let origin = PlanOrigin(file: file, line: line)
    let field = PlanTable.byPath[path]
    let isSection = path.isEmpty || PlanTable.sectionPaths.contains(path)
    if isSection, let mapping = node.mapping {
      origins[path] = origin
      for (key, value) in mapping { add(key: key, value: value, in: path) }
    } else if let field {
      entries.append(PlanEntry(field: field, node: node, origin: origin, isOverride: isOverride))
      origins[path] = origin
    } else if isSection {
      origins[path] = origin
      // A section's key with nothing after it is an empty section.
      if let scalar = node.scalar, JSONValue(yaml: scalar) == .null { return }
      let keys = PlanTable.keys(in: path).joined(separator: ", ")
      let name = path.isEmpty ? "a plan" : "a section"
      report(line, path, "\(node.given) was given; expected \(name) with the keys \(keys)")
    } else {
      reportUnknown(path, line: line)
    }
  }

  private mutating func add(key: Node, value: Node, in section: String) {
    let line = key.mark?.line ?? 0
    guard let name = key.scalar?.string else {
      report(line, section, "a list or a section stands as a key; expected a name")
      return
    }
    if YAMLDocument.isMarked(name) { return }
    add(value, at: section.isEmpty ? name : "\(section).\(name)", line: isOverride ? 0 : line)
  }

  private mutating func reportUnknown(_ path: String, line: Int) {
    let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let section = parts.dropLast().joined(separator: ".")
    let key = parts.last ?? path
    let place = section.isEmpty ? "a plan" : "'\(section)'"
    let siblings = PlanTable.keys(in: section)
    let advice: String
    if let near = EditDistance.nearest(to: key, among: siblings) {
      advice = "did you mean '\(near)'?"
    } else if let elsewhere = Self.address(of: key) {
      advice = "did you mean '\(elsewhere)'?"
    } else if siblings.isEmpty {
      advice = "'\(section)' takes no keys"
    } else {
      advice = "expected one of " + siblings.joined(separator: ", ")
    }
    report(line, path, "'\(key)' is not a key of \(place); \(advice)")
  }

  /// The address of a field or section that has this name, or nearly, in another section.
  private static func address(of key: String) -> String? {
    let paths = PlanTable.fields.map(\.path) + PlanTable.sections.map(\.path)
    let last = { (path: String) in path.split(separator: ".").last.map(String.init) ?? path }
    if let exact = paths.first(where: { last($0) == key }) { return exact }
    guard let near = EditDistance.nearest(to: key, among: paths.map(last)) else { return nil }
    return paths.first { last($0) == near }
  }

  mutating func report(_ line: Int, _ path: String, _ message: String) {
    diagnostics.append(
      Diagnostic(.error, file: file, line: isOverride ? 0 : line, path: path, message: message))
  }
}

extension Node {
  /// What was given, in the words of an error message.
  package var given: String {
    switch self {
    case .scalar(let scalar):
      let isQuoted = scalar.style != .plain && scalar.style != .any
      if !isQuoted, JSONValue(yaml: scalar) == .null { return "nothing" }
      let text = scalar.string.count > 60 ? scalar.string.prefix(57) + "..." : scalar.string
      return isQuoted ? "the text '\(text)'" : "'\(text)'"
    case .mapping: return "a section"
    case .sequence: return "a list"
    case .alias: return "an alias"
    }
  }
}
