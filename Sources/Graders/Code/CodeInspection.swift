import Records

/// What is asked of Python code beside passing, and can be told without running it.
struct CodeInspection: Sendable {
  /// Modules, as dotted names; what is inside of one is forbidden with it.
  var imports: [String]
  /// Functions, as dotted names.
  var calls: [String]
  /// The most that a function's cyclomatic complexity may be; nil for any.
  var complexity: Int?

  static let keys = ["forbid", "complexity"]

  /// What was found.
  struct Finding: Sendable {
    var forbidden: [String]
    var complexity: Int
  }

  /// Nil when nothing is asked.
  init?(_ reader: DefinitionReader, isPython: Bool) {
    guard Self.keys.contains(where: { reader.object[$0] != nil }) else { return nil }
    if !isPython {
      for key in Self.keys where reader.object[key] != nil {
        reader.error(key, "is for python alone; name a tool of the language in 'tools'")
      }
      return nil
    }
    imports = []
    calls = []
    if let value = reader.object["forbid"] {
      if let object = value.object {
        let inside = reader.inside(object, path: reader.path(of: "forbid"))
        inside.rejectKeys(besides: ["imports", "calls"], of: "the list of what is forbidden")
        imports = inside.words("imports") ?? []
        calls = inside.words("calls") ?? []
      } else {
        reader.error("forbid", "expected an object with 'imports' and 'calls', found \(value.kind)")
      }
    }
    complexity = reader.count("complexity")
    if complexity == 0 { reader.error("complexity", "is 0; the simplest function has 1") }
  }

  /// Reads the code in a sandbox, as parsing is no harmless thing either. Nil when it cannot be parsed.
  func finding(in code: String, _ setting: CodeSetting) async throws(GradeFailure) -> Finding? {
    let call = CodeModules.call(
      "inspect_code", of: CodeModules.inspection,
      [.string(code), .array(imports.map(JSONValue.string)), .array(calls.map(JSONValue.string))])
    let limits = SandboxLimits(wallSeconds: 10)
    let result = await setting.pool.run(SandboxJob(call, limits: limits, python: setting.python))
    if try CodeMistake(of: result.ending) != nil { return nil }
    guard case .returned(let value) = result.ending else { return nil }
    return Finding(
      forbidden: (value["forbidden"]?.array ?? []).compactMap(\.string),
      complexity: value["complexity"]?.integer ?? 0)
  }
}
