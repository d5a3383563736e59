package import Records
package import Yams

/// A YAML text as a tree with the line of every node, keys that are given twice included.
package struct YAMLDocument {
  /// nil for a text without content.
  package let root: Node?
  /// Syntax errors and repeated keys.
  package let diagnostics: [Diagnostic]

  package init(_ text: String, file: String) {
    var text = text
    var repeats = 0
    while true {
      do {
        root = try compose(yaml: text)
        break
      } catch YamlError.duplicatedKeysInMapping(_, let context) where repeats < 100 {
        // The parser stops at a repeated key. Marking the first of the pair lets it go on, so that one
        // reading finds all mistakes; `repeatedKeys` below tells of the marked ones.
        guard let marked = Self.marking(context.mark, in: text) else {
          (root, diagnostics) = (nil, [Self.diagnostic(context.mark, "a key is given more than once", file)])
          return
        }
        text = marked
        repeats += 1
      } catch {
        (root, diagnostics) = (nil, [Self.diagnostic(error, file)])
        return
      }
    }
    var found: [Diagnostic] = []
    if repeats > 0, let root { Self.repeatedKeys(root, path: "", file: file, into: &found) }
    diagnostics = found
  }

  /// A character of the private use area: no plan's key begins with it.
  private static let mark: Character = "\u{F8FF}"

  /// Whether the key is one of a pair and not the one that counts.
  package static func isMarked(_ key: String) -> Bool { key.first == mark }

  private static func marking(_ place: Mark, in text: String) -> String? {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.indices.contains(place.line - 1) else { return nil }
    var scalars = String.UnicodeScalarView(lines[place.line - 1].unicodeScalars)
    guard
      var index = scalars.index(scalars.startIndex, offsetBy: place.column - 1, limitedBy: scalars.endIndex),
      index < scalars.endIndex
    else { return nil }
    if scalars[index] == "\"" || scalars[index] == "'" { index = scalars.index(after: index) }
    scalars.insert(contentsOf: mark.unicodeScalars, at: index)
    lines[place.line - 1] = String(scalars)
    return lines.joined(separator: "\n")
  }

  private static func repeatedKeys(_ node: Node, path: String, file: String, into found: inout [Diagnostic]) {
    switch node {
    case .mapping(let mapping):
      for (key, value) in mapping {
        let name = key.scalar?.string ?? ""
        let bare = String(name.drop { $0 == mark })
        let place = path.isEmpty ? bare : "\(path).\(bare)"
        if isMarked(name) {
          // Marks are put on in the order of the file, so the next one of the name is the repetition.
          let others = mapping.compactMap { other -> Int? in
            guard let text = other.key.scalar?.string, String(text.drop { $0 == mark }) == bare else {
              return nil
            }
            return other.key.mark?.line
          }
          let first = key.mark?.line ?? 0
          let again = others.filter { $0 > first }.min() ?? first
          found.append(
            Diagnostic(
              .error, file: file, line: again, path: place,
              message: "'\(bare)' is given more than once, first on line \(first); remove one of them"))
        }
        repeatedKeys(value, path: place, file: file, into: &found)
      }
    case .sequence(let sequence):
      for (index, value) in sequence.enumerated() {
        repeatedKeys(value, path: "\(path)[\(index)]", file: file, into: &found)
      }
    case .scalar, .alias: break
    }
  }

  private static func diagnostic(_ mark: Mark, _ message: String, _ file: String) -> Diagnostic {
    Diagnostic(.error, file: file, line: mark.line, message: message)
  }

  private static func diagnostic(_ error: any Error, _ file: String) -> Diagnostic {
    let hint = "; indent sections with spaces and put texts that contain ': ' or '#' in quotes"
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return diagnostic(mark, "this is not YAML: \(problem)\(hint)", file)
    case .reader(let problem, _, _, _):
      return Diagnostic(.error, file: file, message: "this is not YAML: \(problem); expected a UTF-8 text")
    default:
      return Diagnostic(.error, file: file, message: "this is not YAML: \(error)\(hint)")
    }
  }
}
