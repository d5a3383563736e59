import Foundation

/// Measures that count n-grams in common with a reference translation; each 0 to 1, of `13a` tokens.
enum TranslationScores {
  /// sacrebleu's `sentence_bleu` with its defaults, divided by 100: up to 4-grams, an order without a match smoothed by
  /// halving (`exp`), only orders that the input has counted (effective order), case kept, a penalty for brevity.
  static func bleu(_ input: String, _ reference: String) -> Double {
    let (input, reference) = numbers(input, reference)
    let overlaps = NGramOverlap.all(input, reference, upTo: 4)
    guard overlaps.contains(where: { $0.common > 0 }) else { return 0 }
    var smoothing = 1.0
    var logarithms = 0.0
    var order = 0
    for overlap in overlaps {
      if overlap.left == 0 { break }
      order += 1
      if overlap.common == 0 {
        smoothing *= 2
        logarithms += log(1 / (smoothing * Double(overlap.left)))
      } else {
        logarithms += log(Double(overlap.common) / Double(overlap.left))
      }
    }
    let brevity = input.count < reference.count ? exp(1 - Double(reference.count) / Double(input.count)) : 1
    return brevity * exp(logarithms / Double(order))
  }

  /// nltk's `sentence_gleu` of 1- to 4-grams: the smaller of precision and recall (Wu et al. 2016).
  static func gleu(_ input: String, _ reference: String) -> Double {
    let (input, reference) = numbers(input, reference)
    let overlaps = NGramOverlap.all(input, reference, upTo: 4)
    let total = max(overlaps.reduce(0) { $0 + $1.left }, overlaps.reduce(0) { $0 + $1.right })
    return total == 0 ? 0 : Double(overlaps.reduce(0) { $0 + $1.common }) / Double(total)
  }

  private static func numbers(_ input: String, _ reference: String) -> ([UInt32], [UInt32]) {
    var vocabulary = Vocabulary()
    let input = vocabulary.numbers(of: MachineTranslationTokens.words(in: input))
    return (input, vocabulary.numbers(of: MachineTranslationTokens.words(in: reference)))
  }
}
