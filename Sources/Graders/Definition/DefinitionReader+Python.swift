import Foundation
import Records

/// Python source of a definition, given in place or as a file.
struct PythonScript {
  var source: String
  /// The file's path when it is one.
  var file: String?

  /// What tracebacks call it.
  var name: String { file.map { URL(fileURLWithPath: $0).lastPathComponent } ?? "grader.py" }

  /// OpenAI's limit for a source.
  static let mostBytes = 256 << 10
}

extension DefinitionReader {
  /// A list of folders; empty when absent, and without those that were reported.
  func folders(_ key: String) -> [String] {
    guard let value = object[key] else { return [] }
    guard let elements = value.array else {
      error(key, "expected a list of folders, found \(value.kind)")
      return []
    }
    return elements.enumerated().compactMap { index, element in
      let place = "\(path(of: key))[\(index)]"
      guard let folder = element.string else {
        problems.error(place, "expected a folder, found \(element.kind)")
        return nil
      }
      var isFolder: ObjCBool = false
      let full = surroundings.path(folder)
      guard FileManager.default.fileExists(atPath: full, isDirectory: &isFolder), isFolder.boolValue else {
        problems.error(place, "there is no folder '\(full)'")
        return nil
      }
      return folder
    }
  }

  /// The source in `source` or in the file that `file` names; nil when it was reported.
  func pythonScript() -> PythonScript? {
    let script: PythonScript
    switch (string("source"), string("file")) {
    case (nil, nil):
      if object["source"] == nil, object["file"] == nil {
        error("source", "missing; expected Python that defines grade(sample, item), or 'file' with its path")
      }
      return nil
    case (.some, .some):
      error("file", "given beside 'source'; keep one of them")
      return nil
    case (.some(let source), nil): script = PythonScript(source: source, file: nil)
    case (nil, .some(let file)):
      let full = surroundings.path(file)
      guard let bytes = FileManager.default.contents(atPath: full) else {
        error("file", "'\(full)' cannot be read")
        return nil
      }
      guard let source = String(bytes: bytes, encoding: .utf8) else {
        error("file", "'\(full)' is not UTF-8")
        return nil
      }
      script = PythonScript(source: source, file: full)
    }
    guard script.source.utf8.count < PythonScript.mostBytes else {
      error(
        script.file == nil ? "source" : "file",
        "has \(script.source.utf8.count) bytes; expected fewer than \(PythonScript.mostBytes)")
      return nil
    }
    return script
  }

  /// Checks a script with the interpreter that is to run it, without running it; the packages that it imports, or nil
  /// when a mistake was reported.
  func check(_ script: PythonScript, python: SandboxPython, function: String, arguments: Int) -> [String]? {
    let key = script.file == nil ? "source" : "file"
    do {
      let interpreter = try PythonInterpreter.resolve(python.path)
      let checked = try PythonSource(
        checking: script.source, function: function, arguments: arguments, folders: python.folders,
        interpreter: interpreter)
      for mistake in checked.mistakes {
        if let file = script.file {
          problems.add(
            Diagnostic(
              .error, file: file, line: mistake.line, path: path(of: key), message: mistake.message))
        } else {
          error(key, mistake.line > 0 ? "line \(mistake.line): \(mistake.message)" : mistake.message)
        }
      }
      guard checked.mistakes.isEmpty else { return nil }
      return interpreter.hasPackages ? checked.packages : []
    } catch let error as PythonInterpreter.NotFound {
      // Where the definition itself names the interpreter it is wrong; elsewhere the machine lacks it, and the
      // definition may be meant for another.
      if object["python"] != nil {
        self.error("python", error.reason)
        return nil
      }
      problems.warning(path(of: key), "is not checked: \(error.reason)")
      return []
    } catch {
      problems.warning(path(of: key), "is not checked: \(error)")
      return []
    }
  }
}
