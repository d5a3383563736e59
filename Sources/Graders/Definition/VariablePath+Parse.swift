import Records

extension VariablePath {
  /// Reads what stands between the braces of a template, blanks around it taken off.
  init(parsing source: String) throws(TemplateError) {
    var scanner = PathScanner(source)
    let name = scanner.name()
    guard let root = Root(rawValue: name) else {
      let hint = EditDistance.nearest(to: name, among: Root.allCases.map(\.rawValue)).map {
        "; did you mean '\($0)'?"
      }
      throw TemplateError(
        "'{{\(source)}}' starts with '\(name)'; a variable starts with item or sample\(hint ?? "")")
    }
    var steps = try scanner.steps()
    switch root {
    case .item:
      guard case .member = steps.first else {
        throw TemplateError("'{{\(source)}}' names no column; write {{item.<column>}}")
      }
      self.init(base: .item, steps: steps)
    case .sample:
      let members = SampleMember.allCases.map(\.rawValue)
      guard case .member(let word) = steps.first else {
        throw TemplateError(
          "'{{\(source)}}' names no part of the sample; it has \(members.joined(separator: ", "))")
      }
      guard let member = SampleMember(rawValue: word) else {
        let hint = EditDistance.nearest(to: word, among: members).map { "; did you mean '\($0)'?" } ?? ""
        throw TemplateError("sample has no '\(word)'; it has \(members.joined(separator: ", "))\(hint)")
      }
      steps.removeFirst()
      if member == .outputText, !steps.isEmpty {
        throw TemplateError(
          "'{{\(source)}}' looks inside sample.output_text, which is text; use sample.output_json")
      }
      self.init(base: .sample(member), steps: steps)
    }
  }
}

/// Takes `name`, `.name` and `[n]` off the front of a path.
private struct PathScanner {
  let source: String
  var rest: Substring

  init(_ source: String) {
    self.source = source
    rest = source[...]
  }

  mutating func name() -> String {
    let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
    rest = rest[name.endIndex...]
    return String(name)
  }

  mutating func steps() throws(TemplateError) -> [VariablePath.Step] {
    var steps: [VariablePath.Step] = []
    while let mark = rest.popFirst() {
      switch mark {
      case ".":
        let name = self.name()
        guard !name.isEmpty else { throw unexpected("a name after '.'") }
        steps.append(.member(name))
      case "[":
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest[digits.endIndex...]
        guard let index = Int(digits), rest.popFirst() == "]" else {
          throw TemplateError("'{{\(source)}}': expected a number and ']' after '['")
        }
        steps.append(.element(index))
      default:
        throw TemplateError(
          "'{{\(source)}}': unexpected '\(mark)'; a variable is names joined by '.', and '[n]' for list elements"
        )
      }
    }
    return steps
  }

  private func unexpected(_ expected: String) -> TemplateError {
    let found = rest.first.map { "'\($0)'" } ?? "the end"
    return TemplateError("'{{\(source)}}': expected \(expected), found \(found)")
  }
}
