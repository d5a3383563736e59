/// A logged record of which no row can be made.
struct PassedOver: Error, Sendable, Hashable {
  enum Reason: String, CaseIterable {
    case failed = "the request had failed"
    case noConversation = "the body is no conversation"
    case ownWords = "the conversation ends with the model's own words"
    case unreadable = "the conversation holds what the models here do not read"
    case noAnswer = "the answer has no text"
    case missing = "the body's own object is missing"
    case tooLong = "the record is longer than 32 MB"
  }

  var reason: Reason
  /// What was in the way, where the reason does not say it.
  var detail: String?

  init(_ reason: Reason, _ detail: String? = nil) {
    self.reason = reason
    self.detail = detail
  }
}

/// How many records were passed over, and why.
struct PassedOverCounts: Sendable, Hashable {
  private var counts: [PassedOver.Reason: Int] = [:]
  private var example: String?

  mutating func add(_ one: PassedOver) {
    counts[one.reason, default: 0] += 1
    if one.reason == .unreadable { example = example ?? one.detail }
  }

  mutating func add(_ others: PassedOverCounts) {
    counts.merge(others.counts) { $0 + $1 }
    example = example ?? others.example
  }

  /// nil where there was none.
  var sentence: String? {
    let all = counts.values.reduce(0, +)
    guard all > 0 else { return nil }
    let reasons = PassedOver.Reason.allCases.compactMap { reason in
      counts[reason].map { count in
        let first = reason == .unreadable ? example.map { " (the first: \($0))" } ?? "" : ""
        return "\(count) because \(reason.rawValue)\(first)"
      }
    }
    return "\(all) logged record\(all == 1 ? " was" : "s were") passed over: "
      + reasons.joined(separator: "; ")
  }
}
