import Yams

extension Node {
  /// The line of every part of a tree, by path: `graders.length.weight`, `rules[2].pattern`.
  ///
  /// Aliases are followed, so a tree of more than `limit` parts is left unfinished.
  func linesOfParts(limit: Int = 10_000) -> [String: Int] {
    var lines: [String: Int] = [:]
    var left = limit
    func visit(_ node: Node, _ path: String) {
      left -= 1
      guard left > 0 else { return }
      if let mapping = node.mapping {
        for (key, value) in mapping {
          guard let name = key.scalar?.string, let line = key.mark?.line else { continue }
          let place = path.isEmpty ? name : "\(path).\(name)"
          lines[place] = line
          visit(value, place)
        }
      } else if let sequence = node.sequence {
        for (index, value) in sequence.enumerated() {
          lines["\(path)[\(index)]"] = value.mark?.line
          visit(value, "\(path)[\(index)]")
        }
      }
    }
    visit(self, "")
    return lines
  }
}
