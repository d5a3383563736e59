/// How hard a text is to read, by the two formulas of Flesch for English.
///
/// Reading ease (Flesch 1948): 206.835 - 1.015 words per sentence - 84.6 syllables per word; 90 is very easy, 30 is
/// hard, and short texts can leave 0 to 100. Grade (Kincaid 1975): 0.39 words per sentence + 11.8 syllables per word
/// - 15.59, in years of US schooling.
///
/// Words and sentences are counted as ``TextUnit`` counts them. Syllables are counted by rule, so that the same text
/// has the same level everywhere: each run of vowels (a e i o u y) is one; a silent `e` or `es` at the end is none, but
/// `le` after a consonant, `ted`, `ded` and `es` after a hissing sound are; at least one a word. A word without
/// letters, such as a number, has one. Words that are not said as they are written ("business", "idea") come out wrong.
struct ReadingLevel: Sendable, Hashable {
  let ease: Double
  let grade: Double

  /// nil for a text without words.
  init?(_ text: String) {
    var words = 0
    var syllables = 0
    for part in text.unicodeScalars.split(whereSeparator: \.properties.isWhitespace) {
      guard TextUnit.words.count(in: String(part)) > 0 else { continue }
      words += 1
      // "well-known" is one word of two parts, each with a vowel of its own.
      let parts = part.split { $0 == "-" || $0 == "/" || ("\u{2010}"..."\u{2015}").contains($0) }
      syllables += max(1, parts.reduce(0) { $0 + Self.syllables(in: $1) })
    }
    guard words > 0 else { return nil }
    let perSentence = Double(words) / Double(max(1, TextUnit.sentences.count(in: text)))
    let perWord = Double(syllables) / Double(words)
    ease = 206.835 - 1.015 * perSentence - 84.6 * perWord
    grade = 0.39 * perSentence + 11.8 * perWord - 15.59
  }

  /// The syllables of one word; 0 when it has no letters of the basic alphabet.
  static func syllables(in word: Substring.UnicodeScalarView) -> Int {
    // "don't" is said as "dont". An accented vowel is never silent, and letters of other alphabets are no vowels.
    let letters = word.compactMap { scalar -> UInt8? in
      let lower = scalar.value | 0x20
      if scalar.isASCII { return lower &- 0x61 < 26 ? UInt8(lower) : nil }
      return isAccentedVowel(scalar)
        ? UInt8(ascii: "a") : scalar.properties.isAlphabetic ? UInt8(ascii: "t") : nil
    }
    guard !letters.isEmpty else { return 0 }
    var count = 0
    var isInVowels = false
    for letter in letters {
      let isVowel = isVowel(letter)
      if isVowel, !isInVowels { count += 1 }
      isInVowels = isVowel
    }
    if hasSilentEnd(letters) { count -= 1 }
    return max(1, count)
  }

  private static func isVowel(_ letter: UInt8) -> Bool { "aeiouy".utf8.contains(letter) }

  private static func isAccentedVowel(_ scalar: Unicode.Scalar) -> Bool {
    "\u{E0}\u{E1}\u{E2}\u{E3}\u{E4}\u{E5}\u{E8}\u{E9}\u{EA}\u{EB}\u{EC}\u{ED}\u{EE}\u{EF}\u{F2}\u{F3}\u{F4}\u{F6}\u{F9}\u{FA}\u{FB}\u{FC}"
      .unicodeScalars.contains(scalar)
  }

  /// Whether the word ends in an `e`, `es` or `ed` that is not said.
  private static func hasSilentEnd(_ letters: [UInt8]) -> Bool {
    func letter(_ fromEnd: Int) -> UInt8 { letters.count >= fromEnd ? letters[letters.count - fromEnd] : 0 }
    let last = letter(1)
    let offset: Int
    switch last {
    case UInt8(ascii: "e"): offset = 1
    case UInt8(ascii: "s") where letter(2) == UInt8(ascii: "e"):
      // "boxes", "wishes", "changes", "faces"
      if "sxzcgh".utf8.contains(letter(3)) { return false }
      offset = 2
    case UInt8(ascii: "d") where letter(2) == UInt8(ascii: "e"):
      if letter(3) == UInt8(ascii: "t") || letter(3) == UInt8(ascii: "d") { return false }
      offset = 2
    default: return false
    }
    let before = letter(offset + 1)
    // In "agree" and "die" the e belongs to the vowels before it.
    if before == 0 || isVowel(before) { return false }
    // "table", "tables"; but "whole", where a vowel stands before the l.
    return !(before == UInt8(ascii: "l") && letter(offset + 2) != 0 && !isVowel(letter(offset + 2)))
  }
}
