package import Foundation

/// Files that a committed Python script makes for a parity test, kept under .deps/parity until the script or its
/// arguments change.
package struct ParityFixture: Sendable {
  package let folder: URL

  /// The repository's root, from the place of this file.
  package static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Why parity tests cannot run here, or nil when they can.
  package static let missing: String? = {
    let python = root.appending(path: ".venv/bin/python").path
    return FileManager.default.isExecutableFile(atPath: python)
      ? nil : "no .venv: `make test` makes it with Scripts/setup.sh venv"
  }()

  /// The default model's file, or nil where it was not fetched.
  package static let defaultModel: String? = {
    let path = root.appending(path: ".deps/models/smollm2-135m-instruct/model.gguf").path
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }()

  /// A script that did not do its work.
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  /// Runs `Scripts/parity/<script>` with the fixture's folder and `arguments`, unless that was done before.
  package init(_ script: String, arguments: [String] = []) throws {
    let source = Self.root.appending(path: "Scripts/parity/\(script)")
    let text = try String(contentsOf: source, encoding: .utf8)
    let name = script.replacing(".py", with: "")
    folder = Self.root.appending(path: ".deps/parity/\(name)")
    let stamp = folder.appending(path: ".complete")
    let key = text + "\u{0}" + arguments.joined(separator: "\u{0}")
    if (try? String(contentsOf: stamp, encoding: .utf8)) == key { return }
    try? FileManager.default.removeItem(at: folder)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let log = folder.appending(path: "log.txt")
    _ = FileManager.default.createFile(atPath: log.path, contents: nil)
    let process = Process()
    process.executableURL = Self.root.appending(path: ".venv/bin/python")
    // -P: a script beside this one must not be taken for the package of its name.
    process.arguments = ["-P", source.path, folder.path] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(["OMP_NUM_THREADS": "1"]) { $1 }
    let output = try FileHandle(forWritingTo: log)
    process.standardOutput = output
    process.standardError = output
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let tail = (try? String(contentsOf: log, encoding: .utf8)).map { String($0.suffix(2000)) } ?? ""
      throw Failure(description: "\(script) ended with status \(process.terminationStatus):\n\(tail)")
    }
    try key.write(to: stamp, atomically: true, encoding: .utf8)
  }

  /// The bytes of one of the fixture's files.
  package func data(_ name: String) throws -> Data {
    try Data(contentsOf: folder.appending(path: name))
  }
}
