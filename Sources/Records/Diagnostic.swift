/// One problem of an input, as a value: all problems of a file are reported at once.
public struct Diagnostic: Sendable, Hashable, Codable, CustomStringConvertible {
  /// How bad it is.
  public enum Severity: String, Sendable, Hashable, Codable {
    case error, warning
  }
  /// Whether the input can be used all the same.
  public var severity: Severity
  /// The file, or empty for text that has none.
  public var file: String
  /// Line from 1; 0 when the problem has no line.
  public var line: Int
  /// Place inside the structure, for example `algorithm.kl.coefficient`.
  public var path: String
  /// What was given, what was expected, what to do.
  public var message: String

  /// A problem; line 0 and an empty path say that it has no place.
  public init(_ severity: Severity, file: String, line: Int = 0, path: String = "", message: String) {
    self.severity = severity
    self.file = file
    self.line = line
    self.path = path
    self.message = message
  }

  /// `file:line: severity: path: message`, a line for each problem.
  public var description: String {
    let place = [file, line > 0 ? String(line) : ""].filter { !$0.isEmpty }.joined(separator: ":")
    return [place, severity.rawValue, path, message].filter { !$0.isEmpty }.joined(separator: ": ")
  }
}

/// An input that has problems: thrown once, with all of them.
public struct InvalidInput: Error, Sendable, Hashable, CustomStringConvertible {
  /// Every problem, errors and warnings, in the order of the input.
  public let diagnostics: [Diagnostic]
  /// An input refused for these problems.
  public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
  /// `file:line: severity: path: message`, a line for each problem.
  public var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}
