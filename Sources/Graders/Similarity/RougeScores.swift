/// ROUGE as the package rouge-score 0.1.2 counts it, without its stemmer: the F-measure, 0 to 1.
///
/// Its tokens are runs of a-z and 0-9 of the lower-cased text. Every other letter parts words, so text that is not
/// written in plain Latin letters has few tokens or none, and scores 0.
enum RougeScores {
  /// Of n-grams.
  static func ngrams(_ input: String, _ reference: String, n: Int) -> Double {
    let (input, reference) = numbers(input, reference)
    let overlap = NGramOverlap.all(input, reference, upTo: n)[n - 1]
    return fMeasure(common: overlap.common, input: overlap.left, reference: overlap.right)
  }

  /// Of the longest common subsequence of tokens (`rougeL`, the whole text at once).
  static func longestSubsequence(_ input: String, _ reference: String) -> Double {
    let (input, reference) = numbers(input, reference)
    return fMeasure(
      common: LongestSubsequence.length(input, reference), input: input.count, reference: reference.count)
  }

  private static func fMeasure(common: Int, input: Int, reference: Int) -> Double {
    if common == 0 { return 0 }
    let precision = Double(common) / Double(input)
    let recall = Double(common) / Double(reference)
    return 2 * precision * recall / (precision + recall)
  }

  private static func numbers(_ input: String, _ reference: String) -> ([UInt32], [UInt32]) {
    var vocabulary = Vocabulary()
    let input = vocabulary.numbers(of: words(in: input))
    return (input, vocabulary.numbers(of: words(in: reference)))
  }

  private static func words(in text: String) -> [Word] {
    PythonText.lowercased(PythonText.scalars(text))
      .split { !(0x61...0x7A).contains($0) && !(0x30...0x39).contains($0) }
      .map(Word.init)
  }
}
