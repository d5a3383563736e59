package import Foundation

/// Runs the committed Python scripts that parity tests compare with, in the repository's `.venv`.
package enum PythonScript {
  /// A script that did not do its work, with the end of what it printed.
  package struct Failure: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
  }

  /// The repository's root, from the place of this file.
  package static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Why no script can run here, or nil when they can.
  package static let missing: String? = {
    let python = root.appending(path: ".venv/bin/python").path
    return FileManager.default.isExecutableFile(atPath: python)
      ? nil : "no .venv: `make test` makes it with Scripts/setup.sh venv"
  }()

  /// One thread, as the machine runs other tests; and no imports from the scripts' own folder, where a script
  /// may have a package's name.
  private static let environment = ["OMP_NUM_THREADS": "1", "PYTHONSAFEPATH": "1"]

  /// The path of `Scripts/parity/<script>`.
  package static func source(_ script: String) -> URL { root.appending(path: "Scripts/parity/\(script)") }

  /// Runs `Scripts/parity/<script>` to its end on one thread; what it prints goes to the file `log`.
  package static func run(_ script: String, arguments: [String], log: URL) throws {
    _ = FileManager.default.createFile(atPath: log.path, contents: nil)
    let process = Process()
    process.executableURL = root.appending(path: ".venv/bin/python")
    process.arguments = [source(script).path] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let output = try FileHandle(forWritingTo: log)
    process.standardOutput = output
    process.standardError = output
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let tail = (try? String(contentsOf: log, encoding: .utf8)).map { String($0.suffix(2000)) } ?? ""
      throw Failure(description: "\(script) ended with status \(process.terminationStatus):\n\(tail)")
    }
  }
}
