import BedrockShape
import Foundation
import OperantTesting
import Records

/// moto's S3, which checks signatures, while a test runs.
final class MotoServer: Sendable {
  static let missing: String? = {
    if let missing = PythonProgram.missing { return missing }
    let process = Process()
    process.executableURL = PythonScript.root.appending(path: ".venv/bin/python")
    process.arguments = ["-c", "import flask, moto.server"]
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { return "\(error)" }
    process.waitUntilExit()
    return process.terminationStatus == 0 ? nil : "no moto in .venv: `Scripts/setup.sh venv` brings it"
  }()

  private let path: String
  let endpoint: S3Endpoint

  init() async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "moto-\(UUID().uuidString)").path
    let server = Task { try await PythonProgram.run("s3_server.py", [path], printsNothing: true) }
    var settings: JSONValue?
    for _ in 0..<600 where settings == nil {
      try await Task.sleep(for: .milliseconds(100))
      settings = FileManager.default.contents(atPath: path).flatMap { try? JSONValue(parsing: Array($0)) }
    }
    guard let settings, let port = settings["port"]?.integer, let key = settings["key"]?.string,
      let secret = settings["secret"]?.string
    else {
      server.cancel()
      throw PythonProgram.Failure(description: "moto's server did not start within a minute")
    }
    self.path = path
    endpoint = S3Endpoint(url: "http://127.0.0.1:\(port)", accessKeyID: key, secretAccessKey: secret)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
