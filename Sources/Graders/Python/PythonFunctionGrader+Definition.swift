import Foundation
import Records

extension PythonFunctionGrader {
  /// Reads `"type": "python_function"`.
  init?(function reader: DefinitionReader, _ identity: GraderIdentity) {
    reader.rejectKeys(
      besides: GraderCompiler.commonKeys + [
        "file", "module", "function", "convention", "weights", "form", "reference_form", "kwargs",
      ] + Self.processKeys, of: "a python_function grader")
    var definition = JSONObject([("name", .string(identity.name))])
    let convention = Self.convention(reader)
    let source = Self.source(reader, into: &definition)
    let functions = Self.functions(reader, into: &definition)
    if let convention { definition["convention"] = .string(convention.rawValue) }
    Self.weights(reader, count: functions, into: &definition)
    Self.word("form", of: ["messages", "text"], for: .trl, convention, reader, into: &definition)
    Self.word(
      "reference_form", of: ["plain", "text_object"], for: .lambda, convention, reader, into: &definition)
    self.init(
      reader, source.map(identity.covering) ?? identity, definition: definition, source: source,
      packages: [reader.string("module")].compactMap(\.self))
  }

  /// Reads `"type": "reasoning_gym"`.
  init?(reasoningGym reader: DefinitionReader, _ identity: GraderIdentity) {
    reader.rejectKeys(
      besides: GraderCompiler.commonKeys + ["dataset", "answer_tag", "kwargs"] + Self.processKeys,
      of: "a reasoning_gym grader")
    var definition = JSONObject([("name", .string(identity.name)), ("convention", "reasoning_gym")])
    if let dataset = reader.string("dataset") { definition["dataset"] = .string(dataset) }
    if let tag = reader.string("answer_tag") {
      if !tag.unicodeScalars.allSatisfy({ $0 == "_" || $0 == "-" || $0.properties.isAlphabetic }) {
        reader.error(
          "answer_tag", "is '\(tag)'; expected a tag's name such as answer, or \"\" for the whole text")
      }
      definition["answer_tag"] = .string(tag)
    }
    self.init(
      reader, identity, definition: definition, source: nil,
      packages: ReasoningGymRows.packages)
  }

  /// The fields of how the process is started and limited.
  private static let processKeys = ["python", "folders", "timeout", "memory_mb"]

  private init?(
    _ reader: DefinitionReader, _ identity: GraderIdentity, definition: JSONObject, source: String?,
    packages: [String]
  ) {
    var definition = definition
    if let kwargs = reader.object["kwargs"] {
      if kwargs.object == nil { reader.error("kwargs", "expected an object, found \(kwargs.kind)") }
      definition["kwargs"] = kwargs
    }
    let timeout = reader.number("timeout", excludingLowest: true) ?? 30
    let memory = reader.number("memory_mb", from: 64) ?? 2048
    if timeout > 3600 { reader.error("timeout", "is \(timeout); expected at most 3600 seconds for one call") }
    if memory > 1_048_576 { reader.error("memory_mb", "is \(memory); expected at most 1048576") }
    definition["timeout"] = .number(timeout)
    definition["memory_mb"] = .integer(Int(min(memory, 1_048_576)))
    var python = reader.surroundings.python(reader.string("python"))
    python.folders = reader.folders("folders").map { absolute(reader.surroundings.path($0)) }
    let home = definition["file"]?.string.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
    let imported = source.map { Self.packages(of: $0, beside: home, python, reader) } ?? packages
    python.preload = imported + Self.companions(of: imported)
    guard !reader.problems.hasErrors else { return nil }
    self.init(
      identity, definition: definition, python: python, folders: [home].compactMap(\.self), timeout: timeout,
      memoryBytes: Int(memory * 1_048_576), surroundings: reader.surroundings)
  }

  /// The packages that a file imports: what a warm interpreter has loaded before the file is. Mistakes that can be told
  /// without running it are reported.
  private static func packages(
    of source: String, beside folder: String?, _ python: SandboxPython, _ reader: DefinitionReader
  ) -> [String] {
    do {
      let checked = try PythonSource(
        checking: source, function: "", arguments: 0, folders: python.folders + [folder].compactMap(\.self),
        interpreter: try PythonInterpreter.resolve(python.path))
      for mistake in checked.mistakes where mistake.line > 0 {
        reader.error("file", "line \(mistake.line): \(mistake.message)")
      }
      return checked.packages
    } catch let error as PythonInterpreter.NotFound where reader.object["python"] != nil {
      reader.error("python", error.reason)
    } catch {
      // The machine that grades may be another than the one that reads the definition.
      reader.problems.warning(reader.path(of: "file"), "is not checked: \(error)")
    }
    return []
  }

  /// What a package loads only when it is used.
  private static func companions(of packages: [String]) -> [String] {
    guard packages.contains(where: { $0 == "verifiers" || $0.hasPrefix("verifiers.") }) else { return [] }
    return ["verifiers.types", "verifiers.clients", "verifiers.envs.singleturn_env", "datasets"]
  }

  /// The user's file, read; nil when there is none or it was reported.
  private static func source(_ reader: DefinitionReader, into definition: inout JSONObject) -> String? {
    switch (reader.object["file"], reader.object["module"]) {
    case (nil, nil):
      reader.error("file", "missing; expected a Python file, or 'module' for an installed one")
    case (.some, .some):
      reader.error("module", "given beside 'file'; keep one of them")
    case (nil, .some):
      if let module = reader.string("module") { definition["module"] = .string(module) }
    case (.some, nil):
      guard let name = reader.string("file") else { return nil }
      let path = absolute(reader.surroundings.path(name))
      definition["file"] = .string(path)
      guard path.hasSuffix(".py") else {
        reader.error("file", "'\(name)' is no Python file; expected a name that ends in .py")
        return nil
      }
      do {
        let source = try String(contentsOfFile: path, encoding: .utf8)
        definition["source"] = .string(source)
        return source
      } catch {
        reader.error(
          "file", "'\(path)' cannot be read; expected a Python file (paths start from the plan's folder)")
      }
    }
    return nil
  }

  private static func convention(_ reader: DefinitionReader) -> PythonConvention? {
    reader.object["convention"] == nil ? nil : reader.choice("convention", default: nil)
  }

  /// The number of functions named; 1 when none is.
  private static func functions(_ reader: DefinitionReader, into definition: inout JSONObject) -> Int {
    switch reader.object["function"] {
    case nil: return 1
    case .string(let name) where !name.isEmpty:
      definition["function"] = .string(name)
      return 1
    case .array(let names) where !names.isEmpty && names.allSatisfy({ $0.string?.isEmpty == false }):
      definition["function"] = .array(names)
      return names.count
    case let other?:
      reader.error("function", "expected a function's name or a list of names, found \(other.kind)")
      return 1
    }
  }

  private static func weights(
    _ reader: DefinitionReader, count: Int, into definition: inout JSONObject
  ) {
    guard let value = reader.object["weights"] else { return }
    guard let weights = value.array, weights.allSatisfy({ $0.double?.isFinite == true }) else {
      return reader.error("weights", "expected a list of numbers, one a function; found \(value.kind)")
    }
    guard weights.count == count, reader.object["function"]?.array != nil else {
      return reader.error(
        "weights", "\(weights.count) weights for \(count) functions; expected one for each name in 'function'"
      )
    }
    definition["weights"] = value
  }

  /// One of a few words that one convention alone reads.
  private static func word(
    _ key: String, of words: [String], for owner: PythonConvention, _ convention: PythonConvention?,
    _ reader: DefinitionReader, into definition: inout JSONObject
  ) {
    guard let word = reader.string(key) else { return }
    if !words.contains(word) {
      reader.error(key, "'\(word)' is not one of \(words.joined(separator: ", "))")
    }
    if let convention, convention != owner {
      reader.error(key, "has no effect with 'convention: \(convention.rawValue)'; leave it out")
    }
    definition[key] = .string(word)
  }
}

private func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
