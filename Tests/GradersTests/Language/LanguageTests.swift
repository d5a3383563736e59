import Records
import Testing

@testable import Graders

@Suite struct LanguageTests {
  /// How many sentences are given their language, and which are given another one or none.
  private func measure(_ samples: [(code: String, sentences: [String])], _ name: String) -> (
    right: Int, wrong: [String], none: [String], total: Int
  ) {
    var right = 0
    var wrong: [String] = []
    var none: [String] = []
    for (code, sentences) in samples {
      for sentence in sentences {
        let guess = TextLanguage.guess(sentence)?.code
        if guess == code { right += 1 }
        if guess == nil { none.append(sentence) }
        if let guess, guess != code { wrong.append("\(sentence) (\(guess))") }
      }
    }
    let total = samples.reduce(0) { $0 + $1.sentences.count }
    print(
      "language, \(name): \(right) of \(total) sentences right, \(wrong.count) wrong, \(none.count) undetermined"
    )
    return (right, wrong, none, total)
  }

  @Test func `single sentences are told apart`() {
    let known = measure(languageSamples, "sentences the lists were completed by")
    #expect(known.right * 100 >= known.total * 97, "\(known.wrong) \(known.none)")
    let heldOut = measure(heldOutLanguageSamples, "held-out sentences")
    #expect(heldOut.right * 100 >= heldOut.total * 90, "\(heldOut.wrong) \(heldOut.none)")
    #expect(heldOut.wrong.count * 100 <= heldOut.total * 3, "\(heldOut.wrong)")
  }

  @Test func `texts of a few sentences are always told apart`() {
    for (code, sentences) in languageSamples + heldOutLanguageSamples {
      let guess = TextLanguage.guess(sentences.joined(separator: " "))
      #expect(guess?.code == code)
      #expect((guess?.share ?? 0) > 0.85, "\(code): \(guess?.share ?? 0)")
    }
  }

  @Test func `what cannot be told is not guessed`() {
    for text in ["", "42", "x = 3.5 + 2", "!?", "OK", "Berlin", "\\frac{3}{4}", "`the cat and the dog`"] {
      #expect(TextLanguage.guess(text) == nil, "\(text)")
    }
  }

  @Test func `a mixed text is shared out`() {
    let english = languageSamples[0].sentences.joined(separator: " ")
    let german = languageSamples[1].sentences.joined(separator: " ")
    let shares = LanguageShares(english + "\n" + german).languages
    #expect(abs((shares["en"] ?? 0) - 0.46) < 0.06)
    #expect(abs((shares["de"] ?? 0) - 0.54) < 0.06)
    let chinese = LanguageShares("The answer is 12 because 因为三乘四等于十二").languages
    #expect(Set(chinese.keys) == ["en", "zh"])
  }

  @Test func `code, addresses and formulas are no language`() {
    let text = """
      Die Funktion ist einfach und sollte schnell sein:
      ```python
      def the_answer(of, the, question): return what if that is this else the_other
      ```
      Siehe https://example.org/this/is/the/page und `for the win`, dann \\frac{\\text{a}}{b}.
      """
    #expect(TextLanguage.guess(text) == .init(code: "de", share: TextLanguage.guess(text)?.share ?? 0))
    #expect((TextLanguage.guess(text)?.share ?? 0) > 0.9)
  }

  @Test func `a name or a loanword changes nothing`() {
    let text = "We met Jürgen Müller-Lüdenscheidt in Saint-Germain-des-Prés and had a smörgåsbord with him."
    #expect(TextLanguage.guess(text)?.code == "en")
  }

  @Test func `every language has a word list of its own and every letter of it a script`() {
    for (profiles, script) in [(LanguageProfile.latin, Script.latin), (LanguageProfile.cyrillic, .cyrillic)] {
      #expect(Set(profiles.map(\.code)).count == profiles.count)
      for profile in profiles {
        #expect(profile.words.count > 120, "\(profile.code)")
        for word in profile.words {
          for letter in word where letter != 0x27 && letter != 0x2D {
            #expect(Unicode.Scalar(letter).flatMap(Script.init) == script, "\(profile.code)")
          }
        }
      }
    }
  }
}

@Suite struct LanguageGraderTests {
  @Test func `the reward is the share, or whether it reaches the one asked for`() async throws {
    let mixed = "The train leaves at seven in the morning. Она продала велосипед, потому что шины износились."
    let share = try await compiled(#"{"type": "language", "expected": "en"}"#).grade(mixed)
    #expect(abs((share.reward ?? 0) - 0.42) < 0.05)
    #expect(share.metrics["language_share"] == share.reward)
    let bar = try compiled(#"{"type": "language", "expected": "en", "min_share": 0.8}"#)
    #expect(try await bar.reward(mixed) == 0)
    #expect(try await bar.reward("The train leaves at seven in the morning.") == 1)
    let both = try compiled(#"{"type": "language", "expected": ["en", "ru"], "min_share": 0.99}"#)
    #expect(try await both.reward(mixed) == 1)
    let script = try compiled(#"{"type": "language", "expected": "Cyrl"}"#)
    #expect(try await script.reward("Москва") == 1)
    #expect(try await script.reward("Moscow") == 0)
  }

  @Test func `what cannot be told gets what the definition says`() async throws {
    let strict = try compiled(#"{"type": "language", "expected": "en"}"#)
    for text in ["", "42", "OK"] {
      let grade = try await strict.grade(text)
      #expect(grade.reward == 0 && grade.metrics == ["language_undetermined": 1])
    }
    let lenient = try compiled(#"{"type": "language", "expected": "en", "undetermined": 1}"#)
    #expect(try await lenient.reward("42") == 1)
    #expect(try await lenient.reward("Der Zug fährt um sieben, also sollten wir gehen.") == 0)
  }

  @Test func `the row can name the language`() async throws {
    let grader = try compiled(#"{"type": "language", "expected": "{{item.language}}"}"#)
    #expect(try await grader.reward("Le train part à sept heures.", item: #"{"language": "fr-CA"}"#) == 1)
    #expect(
      try await grader.reward(
        "Hva heter byen du kommer fra, og hvor lenge har du bodd her?", item: #"{"language": "nb"}"#) == 1)
    let failure = try await grader.grade("Le train", item: #"{"language": "Klingon"}"#).failure
    #expect(failure?.kind == .invalidVariable)
    #expect(failure?.message.contains("'Klingon'") == true)
  }

  @Test func `fields are checked`() throws {
    let found = try problems(
      #"{"type": "language", "expected": ["en", "english"], "min_share": 2, "languages": "en"}"#)
    #expect(found.count == 3)
    #expect(found[0].contains("no key 'languages'"))
    #expect(found[1].contains("'english' is not known"))
    #expect(found[2].contains("at most 1"))
    #expect(try problems(#"{"type": "language"}"#).count == 1)
  }
}
