/// What is known of a language: common words, and how likely its letters follow each other, counted in those words.
struct LanguageProfile: Sendable {
  let code: String
  let words: [[UInt32]]

  init(_ code: String, _ words: String) {
    self.code = code
    self.words = Set(words.split(whereSeparator: \.isWhitespace).map { PythonText.scalars(String($0)) })
      .sorted { $0.lexicographicallyPrecedes($1) }
  }
}
