import Foundation
import Torch

/// What a row's draw must be, in plain arithmetic on doubles.
struct DrawReference {
  /// Of every token, after terms, temperature and filters; they add up to 1.
  let probabilities: [Double]
  /// Log of the share that the filters kept.
  let logMass: Double

  /// `filters` apply to temperatures above 0 alone.
  struct Filters {
    var topK = 0
    var topP = 1.0
    var minP = 0.0
  }

  init(_ logits: [Float], _ terms: DrawTerms, temperature: Double, filters: Filters) {
    var values = logits.map(Double.init)
    for adjustment in terms.adjustments {
      let logit = values[Int(adjustment.token)]
      let factor = Double(adjustment.factor)
      values[Int(adjustment.token)] = (logit > 0 ? logit / factor : logit * factor) + Double(adjustment.value)
    }
    let allowed = values.indices.map { token in
      terms.allowed.map { $0[token / 32] >> UInt32(token % 32) & 1 == 1 } ?? true
    }
    let scale = temperature == 0 ? 1 : 1 / temperature
    let top = zip(values, allowed).filter(\.1).map(\.0).max() ?? 0
    let weights = zip(values, allowed).map { $1 ? exp(($0 - top) * scale) : 0 }
    var kept = weights.indices.filter { weights[$0] > 0 }.sorted {
      (weights[$1], $0) < (weights[$0], $1)
    }
    if temperature > 0 {
      if filters.topK > 0 { kept = Array(kept.prefix(filters.topK)) }
      let total = kept.reduce(0) { $0 + weights[$1] }
      var sum = 0.0
      kept = kept.filter { token in
        defer { sum += weights[token] }
        return sum == 0 || sum < filters.topP * total || filters.topP == 1
      }
      kept = kept.filter { weights[$0] >= filters.minP }
    }
    let mass = kept.reduce(0) { $0 + weights[$1] }
    var probabilities = [Double](repeating: 0, count: weights.count)
    for token in kept { probabilities[token] = weights[token] / mass }
    self.probabilities = probabilities
    logMass = log(mass / weights.reduce(0, +))
  }

  /// The most likely tokens, at most `count`; of equal ones the first.
  func likely(_ count: Int) -> [Int] {
    let order = probabilities.indices.filter { probabilities[$0] > 0 }.sorted {
      (probabilities[$1], $0) < (probabilities[$0], $1)
    }
    return Array(order.prefix(count))
  }
}

extension DrawTerms {
  /// A mask of these tokens.
  static func mask(_ tokens: some Sequence<Int>, vocabulary: Int) -> [UInt32] {
    var words = [UInt32](repeating: 0, count: (vocabulary + 31) / 32)
    for token in tokens { words[token / 32] |= 1 << UInt32(token % 32) }
    return words
  }
}
