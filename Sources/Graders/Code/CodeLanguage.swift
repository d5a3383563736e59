import Records

/// How code is made to run.
enum CodeLanguage: Sendable {
  /// In a warm interpreter.
  case python
  case command(CodeCommand)
}

/// A language by its commands, run in the sandbox in the folder with the file.
struct CodeCommand: Sendable {
  /// What the code is written to.
  var file: String
  var compile: [String]?
  var run: [String]
  /// What compiling leaves that running needs.
  var artifacts: [String]
  var compileSeconds: Double

  static let keys = ["file", "compile", "run", "artifacts", "compile_timeout"]

  init?(_ reader: DefinitionReader, language: String) {
    let file = reader.requiredString("file", "the name that the code is saved under, such as main.c")
    if let file, let problem = SandboxFile.problem(file) { reader.error("file", problem) }
    compile = reader.words("compile")
    if reader.object["run"] == nil {
      reader.error(
        "run",
        "missing; expected the command that runs '\(language)', such as [\"./main\"]; only python needs none")
    }
    let run = reader.words("run")
    let named = reader.words("artifacts")
    for (index, path) in (named ?? []).enumerated() {
      if let problem = SandboxFile.problem(path) {
        reader.problems.error("\(reader.path(of: "artifacts"))[\(index)]", problem)
      }
    }
    if named != nil, compile == nil {
      reader.error("artifacts", "has no effect without 'compile'; leave it out")
    }
    compileSeconds = reader.number("compile_timeout", excludingLowest: true) ?? 60
    guard let file, let run else { return nil }
    self.file = file
    self.run = run
    if let named {
      artifacts = named
    } else if compile == nil {
      artifacts = []
    } else if run[0].hasPrefix("./") {
      artifacts = [String(run[0].dropFirst(2))]
    } else {
      reader.error(
        "artifacts", "missing; expected the files that compiling leaves, as 'run' does not begin with ./")
      return nil
    }
  }
}

extension SandboxFile {
  /// Why a path cannot be that of a file in the sandbox; nil when it can.
  static func problem(_ path: String) -> String? {
    let steps = path.split(separator: "/", omittingEmptySubsequences: false)
    guard steps.contains(where: { $0.isEmpty || $0 == ".." || $0 == "." }) || path.utf8.contains(0) else {
      return nil
    }
    return "'\(path)' is no path inside a folder; expected one like 'main.c' or 'tests/cases.json'"
  }
}

extension DefinitionReader {
  /// A list of at least one text; nil when absent or reported.
  func words(_ key: String) -> [String]? {
    guard let value = object[key] else { return nil }
    guard let elements = value.array, !elements.isEmpty else {
      error(key, "expected a list of texts, found \(value.array == nil ? value.kind : "an empty list")")
      return nil
    }
    let words = elements.compactMap(\.string).filter { !$0.isEmpty }
    guard words.count == elements.count else {
      error(key, "expected a list of texts; one of them is no text or empty")
      return nil
    }
    return words
  }
}
