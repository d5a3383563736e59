import Foundation
import OperantTesting
import Records

/// A Python program of `Scripts/parity/bedrock`, run beside the test: no thread of the pool waits for it.
struct PythonProgram {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Why programs that need these modules cannot run, or nil when they can. Asked once.
  static let missing: String? = {
    if let missing = PythonScript.missing { return missing }
    let process = Process()
    process.executableURL = PythonScript.root.appending(path: ".venv/bin/python")
    process.arguments = ["-c", "import boto3"]
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { return "\(error)" }
    process.waitUntilExit()
    return process.terminationStatus == 0
      ? nil : "no boto3 in .venv: `Scripts/setup.sh venv` brings it"
  }()

  /// Runs a script to its end.
  ///
  /// - Returns: the JSON that it prints.
  static func run(_ script: String, _ arguments: [String] = [], printsNothing: Bool = false)
    async throws -> JSONValue
  {
    let log = FileManager.default.temporaryDirectory.appending(path: "bedrock-\(UUID().uuidString)")
    let (out, errors) = (log.path + ".out", log.path + ".err")
    for path in [out, errors] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    defer { for path in [out, errors] { try? FileManager.default.removeItem(atPath: path) } }
    let process = Process()
    process.executableURL = PythonScript.root.appending(path: ".venv/bin/python")
    process.arguments = [PythonScript.source("bedrock/\(script)").path] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(
      [
        "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "NO_PROXY": "127.0.0.1,localhost",
      ]
    ) { $1 }
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
    return printsNothing ? .null : try JSONValue(parsing: text)
  }
}
