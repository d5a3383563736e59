import Foundation
import Graders
import Records

/// Pools that the suites share, as each keeps warm processes.
enum TestPools {
  static let sandboxed = SandboxPool(.sandboxed, workers: 2)
  /// Bubblewrap started by another user than root, as it is where people run Operant as themselves.
  static let plainUser = SandboxPool(.sandboxed, workers: 2, descents: [geteuid() == 0 ? .before : .none])
  static let unsafe = SandboxPool(.unsafe, workers: 2)

  /// Whether sandboxes can be tested here; a reason is printed where they cannot (bubblewrap is missing, or user
  /// namespaces are closed).
  static let isSandboxPossible: Bool = {
    let answer = Answer()
    let done = DispatchSemaphore(value: 0)
    Task.detached {
      answer.reason = await sandboxed.unavailability()
      done.signal()
    }
    done.wait()
    if let reason = answer.reason { print("tests of the sandbox are left out: \(reason)") }
    return answer.reason == nil
  }()

  private final class Answer: @unchecked Sendable {
    var reason: String?
  }
}

extension SandboxJob {
  /// A job of Python source that defines `f()`.
  static func python(
    _ source: String, arguments: [JSONValue] = [], files: [SandboxFile] = [],
    limits: SandboxLimits = SandboxLimits(), python: SandboxPython = SandboxPython(), collect: [String] = []
  ) -> SandboxJob {
    SandboxJob(
      .python(PythonCall(source: source, function: "f", arguments: arguments)), files: files,
      collect: collect, limits: limits, python: python)
  }
}

extension SandboxResult {
  var output: String { String(decoding: standardOutput, as: UTF8.self) }
  var value: JSONValue? { if case .returned(let value) = ending { value } else { nil } }
}

/// A folder that is deleted at the end of its scope.
final class TestFolder {
  let path: String
  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("sandbox-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  func write(_ name: String, _ text: String) throws {
    let file = URL(fileURLWithPath: path).appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }
}
