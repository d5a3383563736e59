/// Measures of a text by itself: what is watched for drift, and what the `repetition` grader pays for.
package enum TextStatistics {
  /// How much of a text says again what it has said, 0 to 1: the share of stretches of four tokens that are not the
  /// first of their kind (Welleck et al. 2019 call it rep-4). Fewer than five tokens repeat nothing.
  package static func repetition(of text: String) -> Double {
    TokenSequence(text).repeatedShare(n: 4)
  }
}
