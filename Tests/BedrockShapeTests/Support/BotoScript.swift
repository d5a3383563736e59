import OperantTesting
import Records

/// Programs of `Scripts/parity/bedrock`, which see nothing of the machine's own AWS settings.
enum BotoScript {
  /// Why none can run here, or nil. Asked once.
  static let missing = PythonScript.missing("boto3")

  /// The JSON that a script prints.
  static func run(_ script: String, _ arguments: [String] = []) async throws -> JSONValue {
    try JSONValue(parsing: try await text(script, arguments))
  }

  static func text(_ script: String, _ arguments: [String]) async throws -> String {
    try await PythonScript.output(
      of: "bedrock/\(script)", arguments,
      environment: [
        "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "NO_PROXY": "127.0.0.1,localhost",
      ])
  }
}
