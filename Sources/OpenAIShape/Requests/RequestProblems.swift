import Gateway

/// What is wrong with a request: collected while it is read, told all at once.
final class RequestProblems {
  private struct Problem {
    var param: String
    var message: String
    var code: String?
  }
  private var found: [Problem] = []

  var isEmpty: Bool { found.isEmpty }

  /// - Parameter message: a sentence that names what was given and what was expected.
  func add(_ param: String, _ message: String, code: String? = nil) {
    found.append(Problem(param: param, message: message, code: code))
  }

  /// Throws all of it as one failure; `param` and `code` are those of the first problem.
  func check() throws(APIFailure) {
    guard let first = found.first else { return }
    let lines = found.map { "\($0.param): \($0.message)" }
    let message =
      lines.count == 1
      ? lines[0] : "\(lines.count) things are wrong with this request:\n- " + lines.joined(separator: "\n- ")
    throw APIFailure(.invalid, message, param: first.param, code: first.code)
  }
}
