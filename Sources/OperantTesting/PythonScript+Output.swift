internal import Foundation

extension PythonScript {
  /// Why scripts that import these modules cannot run here, or nil when they can.
  package static func missing(_ modules: String...) -> String? {
    if let missing { return missing }
    let process = Process()
    process.executableURL = root.appending(path: ".venv/bin/python")
    process.arguments = ["-c", "import " + modules.joined(separator: ", ")]
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { return "\(error)" }
    process.waitUntilExit()
    return process.terminationStatus == 0
      ? nil : "no \(modules.joined(separator: ", ")) in .venv: `Scripts/setup.sh venv` brings it"
  }

  /// Runs `Scripts/parity/<script>` to its end beside the test, whose thread does not wait, and gives what it prints.
  package static func output(
    of script: String, _ arguments: [String] = [], environment: [String: String] = [:]
  ) async throws -> String {
    let log = FileManager.default.temporaryDirectory.appending(path: "python-\(UUID().uuidString)").path
    let (out, errors) = (log + ".out", log + ".err")
    for path in [out, errors] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    defer { for path in [out, errors] { try? FileManager.default.removeItem(atPath: path) } }
    let process = Process()
    process.executableURL = root.appending(path: ".venv/bin/python")
    process.arguments = [source(script).path] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: out))
    process.standardError = try FileHandle(forWritingTo: URL(filePath: errors))
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      process.terminationHandler = { _ in done.resume() }
      do { try process.run() } catch {
        process.terminationHandler = nil
        done.resume(throwing: error)
      }
    }
    let text = try String(contentsOfFile: out, encoding: .utf8)
    guard process.terminationStatus == 0 else {
      let tail = try String(contentsOfFile: errors, encoding: .utf8).suffix(4000)
      throw Failure(
        description:
          "\(script) ended with status \(process.terminationStatus):\n\(text.suffix(1000))\n\(tail)")
    }
    return text
  }
}
