/// One problem of an input, as a value: all problems of a file are reported at once.
public struct Diagnostic: Sendable, Hashable, Codable, CustomStringConvertible {
  /// How bad it is.
  public enum Severity: String, Sendable, Hashable, Codable {
    case error, warning
  }
  public var severity: Severity
  /// The file, or empty for text that has none.
  public var file: String
  /// Line from 1; 0 when the problem has no line.
  public var line: Int
  /// Place inside the structure, for example `algorithm.kl.coefficient`.
  public var path: String
  /// What was given, what was expected, what to do.
  public var message: String

  public init(_ severity: Severity, file: String, line: Int = 0, path: String = "", message: String) {
    self.severity = severity
    self.file = file
    self.line = line
    self.path = path
    self.message = message
  }

  public var description: String {
    let place = [file, line > 0 ? String(line) : ""].filter { !$0.isEmpty }.joined(separator: ":")
    return [place, severity.rawValue, path, message].filter { !$0.isEmpty }.joined(separator: ": ")
  }
}

/// An input that has problems: thrown once, with all of them.
public struct InvalidInput: Error, Sendable, Hashable, CustomStringConvertible {
  public let diagnostics: [Diagnostic]
  public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
  public var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}
