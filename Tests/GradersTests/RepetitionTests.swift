import Records
import Testing

@testable import Graders

@Suite struct RepetitionTests {
  @Test(
    arguments: [
      ("", 1, 0, 0), ("?!", 1, 0, 0), ("one two three", 1, 0, 1), ("One two. ONE two", 1, 0.4, 1),
      // a b c d, then b c d a and so on: five 4-grams, one of them twice.
      ("a b c d a b c d", 4, 0.2, 2), ("a b c d e a b c d e", 4, 2.0 / 7, 2),
      ("no no no", 1, 2.0 / 3, 3), ("no no no no no", 4, 0.5, 5), ("a b c", 4, 0, 1),
      // Five tokens a round, the point among them: 15 tokens, 12 4-grams, of which 5 are new.
      ("I see it now. I see it now. I see it now.", 4, 7.0 / 12, 3),
      ("!!!!!", 4, 0.5, 0), ("東京東京東京", 2, 0.6, 3),
      // No word is 50 letters long: each is taken alone.
      ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 4, 46.0 / 47, 50),
    ] as [(String, Int, Double, Int)])
  func `shares and loops are as counted by hand`(text: String, n: Int, share: Double, loop: Int) {
    let sequence = TokenSequence(text)
    #expect(abs(sequence.repeatedShare(n: n) - share) < 1e-12)
    #expect(sequence.longestLoop == loop)
  }

  @Test func `a text written once repeats little and one written ten times repeats most of itself`() {
    let paragraph = """
      The river had risen in the night, and by morning the lower fields were under water. Nobody in the village could \
      remember a spring like it. They moved the cattle to the hill, carried what they could up to the church, and waited \
      there for the rain to stop, which it did on the third day.
      """
    #expect(TextStatistics.repetition(of: paragraph) == 0)
    let ten = Array(repeating: paragraph, count: 10).joined(separator: " ")
    #expect(abs(TextStatistics.repetition(of: ten) - 0.9) < 0.01)
    #expect(TokenSequence(ten).longestLoop == 10)
    #expect(TextStatistics.repetition(of: "") == 0)
  }

  @Test func `the reward falls from the limit and a loop takes it all`() async throws {
    let grader = try compiled(
      #"{"type": "repetition", "n": 1, "max_share": 0.25, "falloff": 0.5, "max_repeats": 3}"#)
    #expect(try await grader.reward("a b c d") == 1)
    #expect(try await grader.reward("a b c a") == 1)
    #expect(try await grader.reward("a b b a") == 0.5)
    let loop = try await grader.grade("a b c d e f g h i a a a a")
    #expect(loop.reward == 0)
    #expect(loop.metrics == ["repeated_share": 4.0 / 13, "repeats_in_a_row": 4])
    #expect(try await grader.reward("") == 0)
    #expect(try await grader.reward("?") == 0)
    let strict = try compiled(#"{"type": "repetition", "n": 1, "max_share": 0.25}"#)
    #expect(try await strict.reward("a b b a") == 0)
  }

  @Test func `fields are checked`() throws {
    #expect(
      try problems(#"{"type": "repetition", "n": 0, "max_share": 1, "max_repeats": 0, "max_run": 3}"#) == [
        "grader.max_run: a repetition grader has no key 'max_run'; its keys are type, name, held_out, input, n, max_share, falloff, max_repeats",
        "grader.n: is 0; expected 1 to 32 words",
        "grader.max_share: is 1.0; expected a share below 1, which no text can exceed",
        "grader.max_repeats: is 0; expected at least 1, which is saying a thing once",
      ])
  }
}

/// What stutters has no words that could repeat.
struct StutterTests {
  static let stutters: [(String, Double)] = [
    ("hahahahaha", 1), ("aaaa", 1), ("aaa", 0), ("ha ha ha ha", 0), ("ha ha ha ha ", 1), ("Mississippi", 0),
    ("10000", 0),
    ("12121212", 1),
    ("- - - - - -", 0), ("no no no", 0), ("abcabcabcabc", 1), ("so xyxyxyxy it is", 8.0 / 14),
    ("", 0),
  ]

  @Test(arguments: stutters) func `letters that stutter are counted, four times being the least`(
    text: String, share: Double
  ) {
    #expect(abs(TextStatistics.stutter(in: text) - share) < 1e-12, "\(TextStatistics.stutter(in: text))")
  }
}
