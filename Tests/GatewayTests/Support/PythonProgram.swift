import Foundation
import OperantTesting
import Records

/// A Python program of `Scripts/parity`, run beside the test: no thread of the pool waits for it.
enum PythonProgram {
  struct Failure: Error, CustomStringConvertible { let description: String }

  /// Whether a module can be imported; tells what is missing.
  static func has(_ module: String) -> Bool {
    if let missing = PythonScript.missing {
      print("skipped: \(missing)")
      return false
    }
    let process = Process()
    process.executableURL = PythonScript.root.appending(path: ".venv/bin/python")
    process.arguments = ["-c", "import \(module)"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    if process.terminationStatus != 0 {
      print("skipped: no \(module) in .venv; `Scripts/setup.sh venv` brings it")
    }
    return process.terminationStatus == 0
  }

  /// Runs a script to its end and gives the JSON that it prints.
  static func run(_ script: String, _ arguments: [String]) async throws -> JSONValue {
    let log = FileManager.default.temporaryDirectory.appending(path: "python-\(UUID().uuidString)").path
    for path in [log + ".out", log + ".err"] {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    defer { for path in [log + ".out", log + ".err"] { try? FileManager.default.removeItem(atPath: path) } }
    let process = Process()
    process.executableURL = PythonScript.root.appending(path: ".venv/bin/python")
    process.arguments = [PythonScript.source(script).path] + arguments
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: log + ".out"))
    process.standardError = try FileHandle(forWritingTo: URL(filePath: log + ".err"))
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      process.terminationHandler = { _ in done.resume() }
      do { try process.run() } catch {
        process.terminationHandler = nil
        done.resume(throwing: error)
      }
    }
    guard process.terminationStatus == 0 else {
      let tail = try String(contentsOfFile: log + ".err", encoding: .utf8).suffix(3000)
      throw Failure(description: "\(script) ended with status \(process.terminationStatus):\n\(tail)")
    }
    return try JSONValue(parsing: try String(contentsOfFile: log + ".out", encoding: .utf8))
  }
}
