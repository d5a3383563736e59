internal import Gateway

/// What is wrong with a request: collected, so that its sender hears of all of it at once. A request may have more
/// problems than bytes that are worth an answer: beyond `most` they are only counted.
final class WireProblems {
  static let most = 50

  private(set) var sentences: [String] = []
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  /// - Parameters:
  ///   - value: as it was sent; made, as `constraint` is, only where it is told.
  ///   - path: as the sender spells it, such as `jobTags[0].key`.
  func add(
    _ value: @autoclosure () -> String?, at path: @autoclosure () -> String,
    _ constraint: @autoclosure () -> String
  ) {
    func sentence() -> String {
      let shown = value().map { "Value '\(Self.start(of: $0))'" } ?? "Value"
      return "\(shown) at '\(Self.start(of: path(), 400))' failed to satisfy constraint: \(constraint())"
    }
    add(sentence())
  }

  func add(_ sentence: @autoclosure () -> String) {
    count += 1
    if sentences.count < Self.most { sentences.append(Self.start(of: sentence(), 4000)) }
  }

  static func start(of text: String, _ length: Int = 120) -> String {
    // Counting is as long as the text.
    let start = text.prefix(length)
    return start.endIndex == text.endIndex ? text : start + "..."
  }

  /// Throws what was collected, in the form that AWS gives it.
  func check() throws {
    guard !isEmpty else { return }
    let head = "\(count) validation error\(count == 1 ? "" : "s") detected"
    let rest = count > sentences.count ? ["and \(count - sentences.count) more"] : []
    throw APIFailure(.invalid, "\(head): \((sentences + rest).joined(separator: "; "))")
  }
}
