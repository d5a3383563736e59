import CTorch

/// What becomes of a token's logit before it is drawn: a positive one is divided by `factor`, another multiplied by it
/// (repetition penalty, Keskar et al. 2019); then `value` is added (bias, presence and frequency penalties).
package struct LogitAdjustment: Sendable {
  fileprivate let record: ct_adjustment

  package var token: Int32 { record.token }
  package var factor: Float { record.factor }
  package var value: Float { record.value }

  package init(token: Int32, factor: Float = 1, value: Float = 0) {
    record = ct_adjustment(token: token, factor: factor, value: value)
  }
}

/// A token that was likely, with its log-probability under the distribution that was drawn from.
package struct LikelyToken: Sendable, Hashable {
  package let token: Int32
  package let logProbability: Float

  package init(token: Int32, logProbability: Float) {
    self.token = token
    self.logProbability = logProbability
  }
}

/// What changes the distribution that a row's token is drawn from, and what is reported of it.
package struct DrawTerms: Sendable {
  /// The most that `likelyCount` may be.
  package static let mostLikely = 64

  /// By token, each once.
  package var adjustments: [LogitAdjustment] = []
  /// A bit for each token, the lowest first, `(vocabulary + 31) / 32` words: a token without one cannot be drawn and has
  /// no share in any sum. Nil allows all.
  package var allowed: [UInt32]?
  /// How many of the most likely tokens are wanted. Fewer come when fewer have any probability.
  package var likelyCount = 0

  package init(adjustments: [LogitAdjustment] = [], allowed: [UInt32]? = nil, likelyCount: Int = 0) {
    self.adjustments = adjustments
    self.allowed = allowed
    self.likelyCount = likelyCount
  }

  /// Whether they change nothing and want nothing.
  package var isPlain: Bool { adjustments.isEmpty && allowed == nil && likelyCount == 0 }
}

/// Terms laid out as the shim reads them, and room for what it reports.
struct TermRecords {
  private let counts: [Int]
  private let adjustments: [ct_adjustment]
  private let words: [UInt32]
  private var likely: [ct_likely]
  private let terms: [DrawTerms]

  init(_ terms: [DrawTerms], vocabulary: Int) {
    self.terms = terms
    let width = (vocabulary + 31) / 32
    counts = terms.map(\.likelyCount)
    adjustments = terms.flatMap { $0.adjustments.lazy.map(\.record) }
    var words: [UInt32] = []
    for case let allowed? in terms.lazy.map(\.allowed) {
      precondition(
        allowed.count == width, "a mask of \(allowed.count) words does not fit \(vocabulary) tokens")
      words += allowed
    }
    self.words = words
    likely = Array(
      repeating: ct_likely(token: -1, log_probability: 0), count: counts.reduce(0) { $0 + max(0, $1) })
  }

  mutating func with(_ body: (UnsafePointer<ct_draw_terms>) -> Bool) -> Bool {
    let (terms, adjustments, words) = (terms, adjustments, words)
    return adjustments.withUnsafeBufferPointer { adjustments in
      words.withUnsafeBufferPointer { words in
        self.likely.withUnsafeMutableBufferPointer { likely in
          var (adjustment, word, room) = (0, 0, 0)
          let records = terms.map { one in
            let record = ct_draw_terms(
              adjustments: adjustments.baseAddress.map { $0 + adjustment },
              adjustment_count: Int64(one.adjustments.count),
              allowed: one.allowed == nil ? nil : words.baseAddress.map { $0 + word },
              likely: likely.baseAddress.map { $0 + room }, likely_count: Int32(clamping: one.likelyCount))
            adjustment += one.adjustments.count
            word += one.allowed?.count ?? 0
            room += max(0, one.likelyCount)
            return record
          }
          return records.withUnsafeBufferPointer { records in
            guard let base = records.baseAddress else { return true }
            return body(base)
          }
        }
      }
    }
  }

  /// What was reported, for each row.
  var reported: [[LikelyToken]] { LikelyToken.rows(likely, counts) }
}

extension LikelyToken {
  /// Parts what the shim has reported into rows; places without a token are left out.
  static func rows(_ likely: [ct_likely], _ counts: some Sequence<Int>) -> [[LikelyToken]] {
    var start = 0
    return counts.map { count in
      defer { start += count }
      return likely[start..<start + count].lazy.filter { $0.token >= 0 }
        .map { LikelyToken(token: $0.token, logProbability: $0.log_probability) }
    }
  }
}
