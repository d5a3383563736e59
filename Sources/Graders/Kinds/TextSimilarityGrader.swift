import Records

/// OpenAI's `text_similarity`: how close an answer's wording is to a reference, 0 to 1.
///
/// `pass_threshold` says what counts as passed in reports (the metric `passed`); the reward stays the similarity, as
/// in OpenAI's reinforcement jobs. `fuzzy_scorer` and `wordnet` are ours.
struct TextSimilarityGrader: SampleGrader {
  let identity: GraderIdentity
  private let input: Template
  private let reference: Template
  private let metric: SimilarityMetric
  private let passThreshold: Double?
  private let fuzzyScorer: SimilarityMetric.FuzzyScorer
  private let wordNet: WordNet?

  init?(_ reader: DefinitionReader, _ identity: GraderIdentity) {
    reader.rejectKeys(
      besides: GraderCompiler.commonKeys + [
        "input", "reference", "evaluation_metric", "pass_threshold", "fuzzy_scorer", "wordnet",
      ], of: "a text_similarity grader")
    let input = reader.requiredTemplate("input", "a template such as {{sample.output_text}}")
    let reference = reader.requiredTemplate("reference", "a template such as {{item.answer}}")
    let metric = reader.similarityMetric("evaluation_metric")
    passThreshold = reader.number("pass_threshold")
    let fuzzyScorer: SimilarityMetric.FuzzyScorer? = reader.choice("fuzzy_scorer", default: .weighted)
    wordNet = reader.wordNet("wordnet")
    for (key, only) in [("fuzzy_scorer", SimilarityMetric.fuzzyMatch), ("wordnet", .meteor)] {
      if reader.object[key] != nil, let metric, metric != only {
        reader.error(
          key, "has no effect with '\(metric.rawValue)'; use it with '\(only.rawValue)' or leave it out")
      }
    }
    guard let input, let reference, let metric, let fuzzyScorer else { return nil }
    (self.identity, self.input, self.reference) = (identity, input, reference)
    (self.metric, self.fuzzyScorer) = (metric, fuzzyScorer)
  }

  func grade(_ sample: GradingSample) async throws(GradeFailure) -> Grade {
    let input: String
    let reference: String
    switch (try self.input.render(sample), try self.reference.render(sample)) {
    case (.text(let left), .text(let right)): (input, reference) = (left, right)
    case (.answerLacks(let reason), _), (_, .answerLacks(let reason)): return .unreadable(reason)
    }
    let score = metric.score(input, reference, fuzzyScorer: fuzzyScorer, wordNet: wordNet)
    guard let passThreshold else { return Grade(.reward(score)) }
    return Grade(.reward(score), metrics: ["passed": score >= passThreshold ? 1 : 0])
  }
}

extension DefinitionReader {
  fileprivate func similarityMetric(_ key: String) -> SimilarityMetric? {
    guard object[key]?.string != "cosine" else {
      error(
        key,
        "'cosine' compares embeddings; it is for evals and not offered for reinforcement. Use fuzzy_match or "
          + "rouge_l for closeness in wording, a score_model grader for closeness in meaning")
      return nil
    }
    return choice(key, default: nil)
  }

  fileprivate func wordNet(_ key: String) -> WordNet? {
    guard let folder = string(key) else { return nil }
    do throws(WordNet.Unreadable) {
      return try WordNet(folder: surroundings.path(folder))
    } catch {
      self.error(key, error.message)
      return nil
    }
  }
}
