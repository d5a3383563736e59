import Records
import Yams

/// One `--set path=value`.
struct PlanOverride {
  let option: String
  let path: String
  let text: String

  init(_ option: String) throws(InvalidInput) {
    let label = "--set \(option)"
    guard let equals = option.firstIndex(of: "="), equals > option.startIndex else {
      throw InvalidInput([
        Diagnostic(
          .error, file: label, message: "expected path=value, for example --set training.steps=100")
      ])
    }
    self.option = label
    path = String(option[..<equals])
    text = String(option[option.index(after: equals)...])
  }

  /// Fields of which only one may stand: setting one on the command line takes the other out of the file.
  private static let alternatives = [
    ["data.train", "data.generate"], ["data.held_out", "data.held_out_share"],
  ]

  /// Replaces what the file gives for the path, and whatever cannot stand beside it.
  func apply(to entries: inout [PlanEntry], origins: inout [String: PlanOrigin]) -> [Diagnostic] {
    var added = PlanEntries(file: option, isOverride: true)
    if !text.isEmpty, text != "null" {
      let node: Node
      do throws(InvalidInput) { node = try parse() } catch { return error.diagnostics }
      added.add(node, at: path, line: 0)
    } else if PlanTable.byPath[path] == nil, !PlanTable.sectionPaths.contains(path) {
      added.add(Node(""), at: path, line: 0)
    }
    var replaced = Set(added.entries.map(\.field.path)).union([path])
    for entry in added.entries {
      for pair in Self.alternatives {
        guard let index = pair.firstIndex(where: { Self.covers($0, entry.field.path) }) else { continue }
        replaced.insert(pair[1 - index])
      }
      // A field of a section that was off turns it on.
      entries.removeAll {
        if case .off = $0.field.kind { entry.field.path.hasPrefix($0.field.path + ".") } else { false }
      }
    }
    entries.removeAll { entry in replaced.contains { Self.covers($0, entry.field.path) } }
    for key in origins.keys where replaced.contains(where: { Self.covers($0, key) }) { origins[key] = nil }
    entries += added.entries
    origins.merge(added.origins) { $1 }
    return added.diagnostics
  }

  private static func covers(_ path: String, _ other: String) -> Bool {
    other == path || other.hasPrefix(path + ".")
  }

  private func parse() throws(InvalidInput) -> Node {
    // Free text is taken as it stands: `--set data.system=Answer: yes or no` needs no second quoting.
    switch PlanTable.byPath[path]?.kind {
    case .text, .file, .model:
      if let first = text.first, first != "\"", first != "'" { return Node(text) }
    default: break
    }
    let document = YAMLDocument(text, file: option)
    if !document.diagnostics.isEmpty {
      throw InvalidInput(
        document.diagnostics.map {
          Diagnostic(.error, file: option, path: path, message: $0.message)
        })
    }
    return document.root ?? Node("")
  }

  /// Sets a member of a grader's definition: `grader.graders.length.weight=0.2`.
  func apply(toGrader grader: inout JSONValue) -> [Diagnostic] {
    let keys = path.split(separator: ".").dropFirst().map(String.init)
    let value: JSONValue
    do throws(InvalidInput) {
      let node = try parse()
      do throws(ShapeError) { value = try JSONValue(yaml: node) } catch {
        throw InvalidInput([Diagnostic(.error, file: option, path: path, message: "\(error)")])
      }
    } catch { return error.diagnostics }
    guard Self.put(value, at: keys[...], in: &grader) else {
      return [
        Diagnostic(
          .error, file: option, path: path,
          message: "the grader has no object there to set '\(keys.last ?? "")' in; check the path")
      ]
    }
    return []
  }

  private static func put(_ value: JSONValue, at keys: ArraySlice<String>, in place: inout JSONValue) -> Bool
  {
    guard let key = keys.first else {
      place = value
      return true
    }
    guard var object = place.object else { return false }
    if keys.count == 1 {
      object[key] = value == .null ? nil : value
    } else {
      guard var member = object[key], put(value, at: keys.dropFirst(), in: &member) else { return false }
      object[key] = member
    }
    place = .object(object)
    return true
  }
}
