import Foundation
import OperantTesting
import Records

/// Runs the scripts under `Scripts/clients`: stock clients against a server of a test. They check what the client sees
/// and write what is left to check to a file.
enum ClientScript {
  /// Why none can run here, or nil.
  static let missing: String? = {
    if let reason = PythonScript.missing { return reason }
    let packages = PythonScript.root.appending(path: ".venv/lib").path
    let found =
      (FileManager.default.enumerator(atPath: packages)?.lazy.compactMap { $0 as? String }
        .first { $0.hasSuffix("site-packages/openai/__init__.py") }) != nil
    return found ? nil : "no openai client in .venv; Scripts/setup.sh venv installs it"
  }()

  /// Runs a script to its end without holding a thread of the pool.
  static func run(_ name: String, _ arguments: [String], folder: String) async throws -> JSONValue {
    let output = folder + "/\(name).json"
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      DispatchQueue.global().async {
        continuation.resume(
          with: Result {
            try PythonScript.run(
              "../clients/\(name)", arguments: arguments + [output],
              log: URL(filePath: folder + "/\(name).log"))
          })
      }
    }
    return try JSONValue(parsing: Array(Data(contentsOf: URL(filePath: output))))
  }
}
