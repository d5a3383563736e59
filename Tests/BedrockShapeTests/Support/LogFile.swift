import Records

@testable import BedrockShape

/// Logs as they lie in a bucket.
enum LogFile {
  static func records(_ path: String) throws -> [JSONValue] {
    var lines: [[UInt8]] = []
    var budget = 1 << 30
    LogLines.read(path, budget: &budget) { line in
      if let line { lines.append(line) }
      return true
    }
    return try lines.map { try JSONValue(parsing: $0) }
  }
}
