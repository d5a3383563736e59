package import Foundation

/// Files that a committed Python script makes for a parity test, kept under .deps/parity until the script or its
/// arguments change.
package struct ParityFixture: Sendable {
  package let folder: URL

  /// Why parity tests cannot run here, or nil when they can.
  package static let missing = PythonScript.missing

  /// The default model's file, or nil where it was not fetched.
  package static let defaultModel: String? = {
    let path = PythonScript.root.appending(path: ".deps/models/smollm2-135m-instruct/model.gguf").path
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }()

  /// Tests of several targets run side by side and may want one fixture.
  private static let making = NSLock()

  /// Runs `Scripts/parity/<script>` with the fixture's folder and `arguments`, unless that was done before.
  package init(_ script: String, arguments: [String] = []) throws {
    let text = try String(contentsOf: PythonScript.source(script), encoding: .utf8)
    let name = script.replacing(".py", with: "")
    let folder = PythonScript.root.appending(path: ".deps/parity/\(name)")
    self.folder = folder
    let stamp = folder.appending(path: ".complete")
    let key = text + "\u{0}" + arguments.joined(separator: "\u{0}")
    try Self.making.withLock {
      if (try? String(contentsOf: stamp, encoding: .utf8)) == key { return }
      try? FileManager.default.removeItem(at: folder)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try PythonScript.run(
        script, arguments: [folder.path] + arguments, log: folder.appending(path: "log.txt"))
      try key.write(to: stamp, atomically: true, encoding: .utf8)
    }
  }

  /// The bytes of one of the fixture's files.
  package func data(_ name: String) throws -> Data {
    try Data(contentsOf: folder.appending(path: name))
  }
}
