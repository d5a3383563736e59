import Foundation
import Records

extension DefinitionReader {
  /// The files that lie beside the code: from a name to its text, or to `{"file": path}`.
  func supportFiles() -> [SandboxFile] {
    guard let value = object["files"] else { return [] }
    guard let files = value.object else {
      error("files", "expected an object from names to texts or {\"file\": path}, found \(value.kind)")
      return []
    }
    let inside = self.inside(files, path: path(of: "files"))
    return files.keys.sorted().compactMap { name in
      if let problem = SandboxFile.problem(name) {
        inside.error(name, problem)
        return nil
      }
      if let text = files[name]?.string { return SandboxFile(name, text: text, in: .box) }
      guard let file = files[name]?["file"]?.string else {
        inside.error(name, "expected a text, or {\"file\": path}")
        return nil
      }
      guard let bytes = FileManager.default.contents(atPath: surroundings.path(file)) else {
        inside.error(name, "'\(surroundings.path(file))' cannot be read")
        return nil
      }
      return SandboxFile(name, Array(bytes), in: .box)
    }
  }

  func codeTools() -> [CodeTool] {
    guard let value = object["tools"] else { return [] }
    guard let elements = value.array else {
      error("tools", "expected a list of tools, found \(value.kind)")
      return []
    }
    var tools: [CodeTool] = []
    for (index, element) in elements.enumerated() {
      let place = "\(path(of: "tools"))[\(index)]"
      guard let tool = element.object else {
        problems.error(place, "expected an object with a 'command', found \(element.kind)")
        continue
      }
      let taken = ["tests", "compiles", "complexity"] + tools.map(\.name)
      if let tool = CodeTool(inside(tool, path: place), others: taken) { tools.append(tool) }
    }
    return tools
  }
}

extension CodeSetting {
  init(_ reader: DefinitionReader, files: [SandboxFile]) {
    let seconds = reader.number("timeout", excludingLowest: true) ?? 5
    let total = reader.number("total_timeout", excludingLowest: true) ?? seconds * 4
    let megabytes = reader.number("memory_mb", excludingLowest: true) ?? 512
    if total > 3600 {
      reader.error("total_timeout", "is \(total); expected at most 3600 seconds for one answer")
    }
    if total < seconds {
      reader.error("total_timeout", "is \(total); expected at least 'timeout', which is \(seconds)")
    }
    if megabytes > 1_048_576 { reader.error("memory_mb", "is \(megabytes); expected at most 1048576") }
    let surroundings = reader.surroundings
    let folders = reader.folders("folders")
    pool = surroundings.sandbox
    python = surroundings.python(reader.string("python"), preload: reader.words("preload") ?? [])
    python.modules = CodeModules.all
    if reader.object["python"] != nil {
      do throws(PythonInterpreter.NotFound) {
        _ = try PythonInterpreter.resolve(python.path)
      } catch {
        reader.error("python", error.reason)
      }
    }
    self.folders = folders.map(surroundings.path)
    self.files = files
    testSeconds = seconds
    totalSeconds = total
    memoryBytes = Int(min(megabytes, 1_048_576) * 1_048_576)
  }
}
