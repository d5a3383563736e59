import BedrockShape
import Foundation
import OperantTesting
import Records

/// moto's S3, which checks signatures, while a test runs.
final class MotoServer: Sendable {
  static let missing = PythonScript.missing("boto3", "flask", "moto.server")

  private let path: String
  let endpoint: S3Endpoint

  init() async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "moto-\(UUID().uuidString)").path
    let server = Task { try await BotoScript.text("s3_server.py", [path]) }
    var settings: JSONValue?
    for _ in 0..<6000 where settings == nil {
      try await Task.sleep(for: .milliseconds(100))
      settings = FileManager.default.contents(atPath: path).flatMap { try? JSONValue(parsing: Array($0)) }
    }
    guard let settings, let port = settings["port"]?.integer, let key = settings["key"]?.string,
      let secret = settings["secret"]?.string
    else {
      server.cancel()
      throw PythonScript.Failure(description: "moto's server did not start within ten minutes")
    }
    self.path = path
    endpoint = S3Endpoint(url: "http://127.0.0.1:\(port)", accessKeyID: key, secretAccessKey: secret)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
