internal import Gateway

/// What is wrong with a request: collected, so that its sender hears of all of it at once.
final class WireProblems {
  private(set) var sentences: [String] = []

  /// - Parameter path: as the sender spells it, such as `jobTags[0].key`.
  func add(_ value: String?, at path: String, _ constraint: String) {
    let shown = value.map { "Value '\($0.count > 120 ? "\($0.prefix(120))..." : $0)'" } ?? "Value"
    sentences.append("\(shown) at '\(path)' failed to satisfy constraint: \(constraint)")
  }

  func add(_ sentence: String) { sentences.append(sentence) }

  /// Throws what was collected, in the form that AWS gives it.
  func check() throws {
    guard !sentences.isEmpty else { return }
    let count = "\(sentences.count) validation error\(sentences.count == 1 ? "" : "s") detected"
    throw APIFailure(.invalid, "\(count): \(sentences.joined(separator: "; "))")
  }
}
