import Foundation
import Records
import Testing

/// What the jsonschema package says of generated schemas and values: `Scripts/parity/json_schema.py` writes it once,
/// into `.deps/parity`.
struct SchemaReference {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let folder = root.appending(path: ".deps/parity/json_schema")
  private static let python = root.appending(path: ".venv/bin/python")

  static var isInstalled: Bool {
    let found = FileManager.default.isExecutableFile(atPath: python.path)
    if !found { print("skipped: no .venv/bin/python; Scripts/setup.sh venv makes it") }
    return found
  }

  /// The files are made while no other test looks at them.
  private static let made = Result { try make() }

  private static func make() throws {
    let script = root.appending(path: "Scripts/parity/json_schema.py")
    let stampFile = folder.appending(path: "stamp")
    let stamp = try Data(contentsOf: script)
    if let last = try? Data(contentsOf: stampFile), last == stamp { return }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let process = Process()
    process.executableURL = python
    process.arguments = [script.path, folder.path]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(script.lastPathComponent) failed")
    try stamp.write(to: stampFile)
  }

  /// A file of one JSON document a line.
  static func documents(_ file: String) throws -> [JSONValue] {
    try made.get()
    return try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      .split(separator: "\n").map { try JSONValue(parsing: String($0)) }
  }
}
