/// What a definition may refer to beside itself, and what its graders are allowed to do.
public struct GraderSurroundings: Sendable {
  /// Where code that nobody vouches for runs: answers, and graders in Python.
  public enum Isolation: Sendable, Hashable {
    /// In a sandbox, or not at all.
    case sandboxed
    /// As a plain process of this user: `--unsafe-no-sandbox`.
    case unsafe
  }

  /// The folder that relative paths in the definition start from; empty for the current one.
  public var folder: String
  /// Where code that nobody vouches for runs.
  public var isolation: Isolation
  /// Where the names of keys and addresses are looked up, such as `OPENAI_API_KEY`.
  public var environment: [String: String]

  /// Surroundings; nothing is looked up or started before a grader is asked for a grade.
  public init(folder: String = "", isolation: Isolation = .sandboxed, environment: [String: String] = [:]) {
    self.folder = folder
    self.isolation = isolation
    self.environment = environment
  }

  /// The path of a file that a definition names.
  package func path(_ file: String) -> String {
    file.hasPrefix("/") || folder.isEmpty ? file : "\(folder)/\(file)"
  }
}
