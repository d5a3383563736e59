/// Which language a text is in, by scripts, letters and common words; no data but the word lists here.
///
/// Twenty languages in Latin and Cyrillic letters are told apart word by word; Arabic, Persian and Urdu, Chinese and
/// Japanese by their letters; other scripts stand for the one language that is mostly written in them. Code, addresses
/// and formulas are passed over.
package enum TextLanguage {
  /// The language that most of a text is in.
  package struct Guess: Sendable, Hashable {
    /// ISO 639-1, such as `en`.
    package var code: String
    /// Share of the text's letters that are in this language, 0 to 1.
    package var share: Double
  }

  /// The language of most letters; nil when there are no letters, or too few to tell languages apart ("OK", "Berlin").
  package static func guess(_ text: String) -> Guess? {
    LanguageShares(text).languages.max { ($0.value, $1.key) < ($1.value, $0.key) }
      .map { Guess(code: $0.key, share: $0.value) }
  }

  /// The languages that ``guess(_:)`` can name.
  package static let codes: [String] =
    (LanguageModel.latin.codes + LanguageModel.cyrillic.codes + ["ar", "fa", "ur", "zh", "ja"]
    + Script.allCases.compactMap(\.soleLanguage)).reduce(into: []) { codes, code in
      if !codes.contains(code) { codes.append(code) }
    }
}
