import Records

/// A template that cannot be read: found, expected, what to do.
struct TemplateError: Error, Sendable, Hashable {
  let message: String
  init(_ message: String) { self.message = message }
}

/// Text with variables in double braces, read once when the grader is compiled: `{{ item.a.b }}`,
/// `{{sample.output_json.x[0]}}`. A value that is not text is written as JSON.
struct Template: Sendable, Hashable {
  private enum Part: Sendable, Hashable {
    case literal(String)
    case variable(VariablePath)
  }
  private var parts: [Part]
  /// The template as it was written.
  private(set) var source: String

  /// What a template gives for a sample.
  enum Rendering {
    case text(String)
    /// The answer lacks what the template reads, for the reason given: the answer is wrong, not the grader.
    case answerLacks(String)
  }

  /// Text without variables.
  init(literal text: String) {
    source = text
    parts = [.literal(text)]
  }

  static let outputText = Template(variable: VariablePath(base: .sample(.outputText), steps: []))

  /// A column of the row.
  static func column(_ name: String) -> Template {
    var template = Template(variable: VariablePath(base: .item, steps: [.member(name)]))
    template.source = "{{item.\(name)}}"
    return template
  }

  private init(variable: VariablePath) {
    source = "{{sample.output_text}}"
    parts = [.variable(variable)]
  }

  init(parsing source: String) throws(TemplateError) {
    self.source = source
    parts = []
    var rest = source[...]
    while let open = rest.firstOccurrence(of: "{{") {
      if open > rest.startIndex { parts.append(.literal(String(rest[..<open]))) }
      let inside = rest[rest.utf8.index(open, offsetBy: 2)...]
      guard let close = inside.firstOccurrence(of: "}}") else {
        throw TemplateError("'{{' is not closed by '}}' in '\(source)'")
      }
      parts.append(.variable(try VariablePath(parsing: String(inside[..<close].trimmingBlanks))))
      rest = inside[inside.utf8.index(close, offsetBy: 2)...]
    }
    if !rest.isEmpty || parts.isEmpty { parts.append(.literal(String(rest))) }
  }

  /// The text, when there is no variable in it.
  var literal: String? {
    if parts.count == 1, case .literal(let text) = parts[0] { text } else { nil }
  }

  /// Whether any part of it comes out of the answer.
  var readsAnswer: Bool {
    parts.contains { if case .variable(let path) = $0 { path.base != .item } else { false } }
  }

  /// Whether this is the whole answer and nothing else.
  var isOutputText: Bool { parts == Self.outputText.parts }

  /// - Parameter quote: applied to what comes out of the answer, so that a judge can tell it from the text around it.
  /// - Throws: `invalidVariable` when the row lacks what the template reads.
  func render(_ sample: GradingSample, quotingAnswer quote: ((String) -> String)? = nil) throws(GradeFailure)
    -> Rendering
  {
    if isOutputText { return .text(quote?(sample.outputText) ?? sample.outputText) }
    var text = ""
    for part in parts {
      switch part {
      case .literal(let literal): text += literal
      case .variable(let path):
        switch path.find(in: sample) {
        case .value(let value):
          let piece = value.string ?? value.serialised()
          if let quote, path.base != .item { text += quote(piece) } else { text += piece }
        case .rowLacks(let failure): throw failure
        case .answerLacks(let reason): return .answerLacks(reason)
        }
      }
    }
    return .text(text)
  }
}

extension Substring {
  /// Where a short ASCII text first stands. Compares UTF-8, so that a combining mark cannot hide it.
  fileprivate func firstOccurrence(of text: StaticString) -> Index? {
    let bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    return utf8.indices.first { utf8[$0...].starts(with: bytes) }
  }

  fileprivate var trimmingBlanks: Substring {
    var rest = self
    while let first = rest.first, first.isWhitespace { rest.removeFirst() }
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    return rest
  }
}
