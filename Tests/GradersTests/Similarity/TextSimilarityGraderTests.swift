import Records
import Testing

@testable import Graders

@Suite struct TextSimilarityGraderTests {
  private func grader(_ metric: String, _ more: String = "") throws -> any Grader {
    try compiled(
      """
      {"type": "text_similarity", "input": "{{sample.output_text}}", "reference": "{{item.r}}",
       "evaluation_metric": "\(metric)"\(more)}
      """)
  }

  @Test(
    arguments: [
      // Insertions and deletions only: "bear" to "beat" takes two, of eight letters.
      ("fuzzy_match", "bear", "beat", 0.75),
      ("fuzzy_match", "Bear!", "bear", 1), ("fuzzy_match", "the bear", "bear the", 0.95),
      // All of the reference's words in a text over 1.5 and up to 8 times as long: 0.95 x 0.9.
      ("fuzzy_match", "it is a bear I think", "a bear", 0.9),
      ("fuzzy_match", "a very big brown bear", "a bear", 0.855),
      ("fuzzy_match", "", "bear", 0), ("fuzzy_match", "", "", 0),
      // 5/6 of the words, 3/5, 1/4 and 0/3 of the longer n-grams, the last halved: (5/6 x 3/5 x 1/4 x 1/6)^(1/4).
      ("bleu", "the cat sat on the mat", "the cat is on the mat", 0.379_917_842_8),
      ("bleu", "the cat sat on the mat", "the cat sat on the mat", 1), ("bleu", "dog", "cat", 0),
      // 18 n-grams, of which 5 + 3 + 1 + 0.
      ("gleu", "the cat sat on the mat", "the cat is on the mat", 0.5), ("gleu", "", "", 0),
      // Five of six words in two chunks: 5/6 x (1 - 0.5 x (2/5)^3).
      ("meteor", "the cat sat on the mat", "the cat is on the mat", 0.806_666_666_7),
      // A copy of one word is one chunk of one: 1 - 0.5.
      ("meteor", "Cats", "cat", 0.5), ("meteor", "dog", "cat", 0),
      ("rouge_1", "the cat sat on the mat", "the cat is on the mat", 5.0 / 6),
      ("rouge_2", "the cat sat on the mat", "the cat is on the mat", 0.6),
      ("rouge_3", "the cat sat on the mat", "the cat is on the mat", 0.25),
      ("rouge_4", "a b c d e", "a b c d", 2.0 / 3), ("rouge_5", "a b c d e f", "a b c d e", 2.0 / 3),
      ("rouge_l", "the cat sat", "sat the cat quietly", 4.0 / 7), ("rouge_l", "東京", "東京", 0),
    ] as [(String, String, String, Double)])
  func `metrics of short texts are as worked out by hand`(
    metric: String, answer: String, reference: String, expected: Double
  ) async throws {
    let reward = try await grader(metric).reward(answer, item: "{\"r\": \"\(reference)\"}")
    #expect(abs(try #require(reward) - expected) < 1e-9)
  }

  @Test func `the threshold is reported and does not change the reward`() async throws {
    let grader = try grader("rouge_1", #", "pass_threshold": 0.8"#)
    let near = try await grader.grade("the cat sat on the mat", item: #"{"r": "the cat is on the mat"}"#)
    #expect(near.metrics == ["passed": 1])
    let far = try await grader.grade("the cat sat", item: #"{"r": "the dog sat"}"#)
    #expect(abs((far.reward ?? 0) - 2.0 / 3) < 1e-9)
    #expect(far.metrics == ["passed": 0])
  }

  @Test func `the plain ratio gives nothing for a reference inside a long answer`() async throws {
    let long = "perhaps it is a bear or maybe a wolf"
    let weighted = try await grader("fuzzy_match").reward(long, item: #"{"r": "a bear"}"#)
    let plain = try await grader("fuzzy_match", #", "fuzzy_scorer": "ratio""#).reward(
      long, item: #"{"r": "a bear"}"#)
    #expect(try #require(weighted) > 0.85)
    #expect(try #require(plain) < 0.3)
  }

  @Test func `an answer without the field is wrong, a row without it fails`() async throws {
    let grader = try compiled(
      """
      {"type": "text_similarity", "input": "{{sample.output_json.text}}", "reference": "{{item.r}}",
       "evaluation_metric": "bleu"}
      """)
    let unreadable = try await grader.grade("plain", item: #"{"r": "x"}"#)
    #expect(unreadable.reward == 0 && unreadable.metrics == ["sample_parse_error": 1])
    #expect(try await grader.grade(#"{"text": "x"}"#).failure?.kind == .invalidVariable)
  }

  @Test func `cosine says what to use instead`() throws {
    let found = try problems(
      #"{"type": "text_similarity", "input": "a", "reference": "b", "evaluation_metric": "cosine"}"#)
    #expect(found.count == 1)
    #expect(found[0].contains("not offered for reinforcement"))
    #expect(found[0].contains("score_model"))
  }

  @Test func `all problems are reported at once`() throws {
    let found = try problems(
      """
      {"type": "text_similarity", "input": 3, "evaluation_metric": "rouge_6", "pass_treshold": 1,
       "fuzzy_scorer": "WRatio", "wordnet": "/nowhere"}
      """)
    #expect(
      found.map { String($0.prefix { $0 != ":" }) }
        == ["grader.pass_treshold", "grader.reference", "grader.evaluation_metric", "grader.wordnet"])
    #expect(found[0].contains("did you mean 'pass_threshold'?"))
    #expect(found[3].contains("wordnet-base"))
    let idle = try problems(
      #"{"type": "text_similarity", "input": "a", "reference": "b", "evaluation_metric": "bleu", "fuzzy_scorer": "ratio"}"#
    )
    #expect(
      idle == ["grader.fuzzy_scorer: has no effect with 'bleu'; use it with 'fuzzy_match' or leave it out"])
  }

  /// A debug build; a release build is ten to thirty times as fast.
  @Test(arguments: [("w", "w"), ("w", "v")])
  func `ten thousand words are compared in moderate time, with and without a common word`(
    left: String, right: String
  ) {
    var random = SplitMix64(seed: 7)
    func text(_ count: Int, _ letter: String) -> String {
      (0..<count).map { _ in letter + String(random.next() % 3_000) }.joined(separator: " ")
    }
    let (left, right) = (text(10_000, left), text(4_000, right))
    for metric in SimilarityMetric.allCases {
      let score = metric.score(left, right)
      #expect((0...1).contains(score))
    }
  }
}

@Suite struct LongestSubsequenceTests {
  /// The textbook's table.
  private func byTable(_ a: [UInt32], _ b: [UInt32]) -> Int {
    var row = [Int](repeating: 0, count: b.count + 1)
    for x in a {
      var diagonal = 0
      for (j, y) in b.enumerated() {
        let above = row[j + 1]
        row[j + 1] = x == y ? diagonal + 1 : max(above, row[j])
        diagonal = above
      }
    }
    return row[b.count]
  }

  @Test func `lengths equal the textbook's, across word boundaries and alphabets`() {
    var random = SplitMix64(seed: 3)
    for round in 0..<300 {
      let alphabet = [2, 4, 26, 300][round % 4]
      func text() -> [UInt32] {
        (0..<Int(random.next() % 200)).map { _ in UInt32(random.next() % UInt64(alphabet)) }
      }
      let (a, b) = (text(), text())
      #expect(LongestSubsequence.length(a, b) == byTable(a, b))
      let prefixes = LongestSubsequence(a).prefixLengths(with: b)
      #expect(prefixes.count == b.count)
      for end in stride(from: 1, through: b.count, by: 37) {
        #expect(prefixes[end - 1] == byTable(a, Array(b[..<end])))
      }
    }
  }

  @Test func `the best stretch is the best of all stretches`() {
    var random = SplitMix64(seed: 4)
    for _ in 0..<150 {
      let short = (0..<Int(1 + random.next() % 70)).map { _ in UInt32(random.next() % 3) }
      let long = (0..<Int(UInt64(short.count) + random.next() % 90)).map { _ in UInt32(random.next() % 3) }
      var best = 0.0
      for start in -(short.count - 1)..<long.count {
        let stretch = Array(long[max(0, start)..<min(long.count, start + short.count)])
        best = max(best, FuzzyRatio.percent(common: byTable(short, stretch), of: short.count + stretch.count))
      }
      if short.count == long.count { continue }
      #expect(abs(PartialRatio.best(short, long, above: 0) - best) < 1e-9)
      #expect(abs(PartialRatio.best(short, long, above: best - 1) - best) < 1e-9)
      #expect(PartialRatio.best(short, long, above: best) == 0)
    }
  }
}
