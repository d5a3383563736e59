/// The measures of OpenAI's `text_similarity` that need no model. Each gives 0 to 1.
enum SimilarityMetric: String, Sendable, CaseIterable {
  case fuzzyMatch = "fuzzy_match"
  case bleu, gleu, meteor
  case rouge1 = "rouge_1"
  case rouge2 = "rouge_2"
  case rouge3 = "rouge_3"
  case rouge4 = "rouge_4"
  case rouge5 = "rouge_5"
  case rougeL = "rouge_l"

  /// Which of rapidfuzz's functions `fuzzy_match` is, by their names there.
  ///
  /// OpenAI says only "using rapidfuzz". The one grader in its guides that calls the package and shows a result calls
  /// `WRatio` with `default_process`, so that is what we take it to mean.
  enum FuzzyScorer: String, Sendable, CaseIterable {
    case weighted = "WRatio"
    case ratio
  }

  func score(
    _ input: String, _ reference: String, fuzzyScorer: FuzzyScorer = .weighted, wordNet: WordNet? = nil
  ) -> Double {
    switch self {
    case .fuzzyMatch:
      switch fuzzyScorer {
      case .weighted: FuzzyRatio.weighted(input, reference) / 100
      case .ratio: FuzzyRatio.plain(input, reference) / 100
      }
    case .bleu: TranslationScores.bleu(input, reference)
    case .gleu: TranslationScores.gleu(input, reference)
    case .meteor: MeteorScore.score(input, reference, wordNet: wordNet)
    case .rouge1: RougeScores.ngrams(input, reference, n: 1)
    case .rouge2: RougeScores.ngrams(input, reference, n: 2)
    case .rouge3: RougeScores.ngrams(input, reference, n: 3)
    case .rouge4: RougeScores.ngrams(input, reference, n: 4)
    case .rouge5: RougeScores.ngrams(input, reference, n: 5)
    case .rougeL: RougeScores.longestSubsequence(input, reference)
    }
  }
}
