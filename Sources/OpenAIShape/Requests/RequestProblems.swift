import Gateway

/// What is wrong with a request: collected while it is read, told all at once. Beyond `most` problems are only counted:
/// a request may have more of them than an answer should have lines.
final class RequestProblems {
  static let most = 50

  private struct Problem {
    var param: String
    var message: String
    var code: String?
  }
  private var found: [Problem] = []
  private var count = 0

  var isEmpty: Bool { count == 0 }

  /// - Parameter message: a sentence that names what was given and what was expected; made only where it is told.
  func add(
    _ param: @autoclosure () -> String, _ message: @autoclosure () -> String, code: String? = nil
  ) {
    count += 1
    if found.count < Self.most { found.append(Problem(param: param(), message: message(), code: code)) }
  }

  /// Throws all of it as one failure; `param` and `code` are those of the first problem.
  func check() throws(APIFailure) {
    guard let first = found.first else { return }
    var lines = found.map { "\($0.param): \($0.message)" }
    if count > lines.count { lines.append("and \(count - lines.count) more") }
    let message =
      count == 1
      ? lines[0] : "\(count) things are wrong with this request:\n- " + lines.joined(separator: "\n- ")
    throw APIFailure(.invalid, message, param: first.param, code: first.code)
  }
}
