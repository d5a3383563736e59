import Foundation
import Records
import Testing

/// Reference results that Python packages made, kept in `.deps/parity` until the script that makes them changes.
struct Parity {
  let folder: URL

  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let python = root.appending(path: ".venv/bin/python")
  static let model = root.appending(path: ".deps/models/smollm2-135m-instruct/model.gguf")

  static var hasPython: Bool {
    let found = FileManager.default.isExecutableFile(atPath: python.path)
    if !found { print("skipped: no .venv/bin/python; Scripts/setup.sh makes it") }
    return found
  }
  static var hasModel: Bool {
    let found = FileManager.default.fileExists(atPath: model.path)
    if !found { print("skipped: no \(model.path); Scripts/setup.sh fetches it") }
    return found
  }

  /// Runs `Scripts/parity/NAME.py` unless what it made last time is still there.
  init(script name: String) throws {
    let script = Self.root.appending(path: "Scripts/parity/\(name).py")
    folder = Self.root.appending(path: ".deps/parity/\(name)")
    let arguments = [folder.path] + (Self.hasModel ? [Self.model.path] : [])
    let inputs = ["Scripts/parity/\(name)", ".deps/\(name)"].flatMap { Self.texts(below: $0) }
    let stamp = try ([String(contentsOf: script, encoding: .utf8)] + arguments + inputs).joined(
      separator: "\n")
    let stampFile = folder.appending(path: "stamp")
    if let made = try? String(contentsOf: stampFile, encoding: .utf8), made == stamp { return }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let process = Process()
    process.executableURL = Self.python
    process.arguments = [script.path] + arguments
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(script.lastPathComponent) failed")
    try stamp.write(to: stampFile, atomically: true, encoding: .utf8)
  }

  /// Name and text of every file below a folder of the repository.
  private static func texts(below folder: String) -> [String] {
    let folder = root.appending(path: folder)
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().flatMap { name in
      [name, (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""]
    }
  }

  /// A file's lines, without the empty one after the last line break.
  func lines(_ file: String) throws -> [Substring] {
    let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    lines.removeLast()
    return lines
  }

  /// A file of one JSON document a line.
  func documents(_ file: String) throws -> [JSONValue] {
    try lines(file).map { try JSONValue(parsing: String($0)) }
  }

  /// A file of ids with spaces between, a list a line.
  func ids(_ file: String) throws -> [[Int32]] {
    try lines(file).map { line in
      try line.split(separator: " ").map { try #require(Int32($0)) }
    }
  }
}
