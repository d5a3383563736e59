/// What the length of an answer is counted in.
enum TextUnit: String, Sendable, CaseIterable {
  /// What a reader sees as one character.
  case characters
  /// Stretches between white space that hold a letter or a digit.
  case words
  /// Ends of sentences: `.`, `!`, `?` or `…`, before white space or the end of the text, after a word.
  /// Text after the last one counts as a sentence. Abbreviations are not known: "Dr. Ng" is two.
  case sentences
  /// Tokens the policy sampled, its end-of-turn token included.
  case tokens

  /// The length of a text; `tokens` cannot be told from text and is not asked for here.
  func count(in text: String) -> Int {
    switch self {
    case .characters: text.count
    case .words: Self.words(in: text)
    case .sentences: Self.sentences(in: text)
    case .tokens: preconditionFailure("tokens are counted by the sampler, not from text")
    }
  }

  private static func isWordPart(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII
      ? (0x30...0x39).contains(scalar.value) || (0x41...0x5A).contains(scalar.value & ~0x20)
      : scalar.properties.isAlphabetic || scalar.properties.numericType != nil
  }

  private static func words(in text: String) -> Int {
    var count = 0
    var isInsideWord = false
    for scalar in text.unicodeScalars {
      if scalar.properties.isWhitespace {
        isInsideWord = false
      } else if !isInsideWord, isWordPart(scalar) {
        isInsideWord = true
        count += 1
      }
    }
    return count
  }

  private static func sentences(in text: String) -> Int {
    var count = 0
    var hasWord = false
    var isEnding = false
    for scalar in text.unicodeScalars {
      switch scalar {
      case ".", "!", "?", "\u{2026}": isEnding = hasWord
      // Quotes and brackets may close after the mark.
      case "\"", "'", ")", "]", "*", "\u{2019}", "\u{201D}": break
      default:
        if isEnding, scalar.properties.isWhitespace {
          count += 1
          hasWord = false
        }
        isEnding = false
        if isWordPart(scalar) { hasWord = true }
      }
    }
    return count + (hasWord ? 1 : 0)
  }
}
