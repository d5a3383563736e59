import Records

/// Collects the problems of one definition while it is compiled. Lives for one compilation on one thread.
final class DefinitionProblems {
  let file: String
  private(set) var diagnostics: [Diagnostic] = []

  init(file: String) { self.file = file }

  func error(_ path: String, _ message: String) {
    diagnostics.append(Diagnostic(.error, file: file, path: path, message: message))
  }

  func warning(_ path: String, _ message: String) {
    diagnostics.append(Diagnostic(.warning, file: file, path: path, message: message))
  }

  /// A problem in another file than the definition's.
  func add(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
  var errorCount: Int { diagnostics.count { $0.severity == .error } }
}
