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

/// The shares of a text's letters by language and by script.
struct LanguageShares {
  private(set) var languages: [String: Double] = [:]
  private(set) var scripts: [Script: Double] = [:]
  private(set) var letterCount = 0

  init(_ text: String) {
    var latin: [[UInt32]] = []
    var cyrillic: [[UInt32]] = []
    var counts: [Script: Int] = [:]
    var arabic = ArabicLetters()
    for word in ProseWords(text) {
      counts[word.script, default: 0] += word.letters.count
      switch word.script {
      case .latin: latin.append(word.letters)
      case .cyrillic: cyrillic.append(word.letters)
      case .arabic: arabic.count(word.letters)
      default: break
      }
    }
    letterCount = counts.values.reduce(0, +)
    guard letterCount > 0 else { return }
    for (script, count) in counts { scripts[script] = Double(count) / Double(letterCount) }

    var letters: [String: Int] = [:]
    for (script, count) in counts {
      if let code = script.soleLanguage { letters[code, default: 0] += count }
    }
    letters.merge(Self.letters(of: latin, LanguageModel.latin), uniquingKeysWith: +)
    letters.merge(Self.letters(of: cyrillic, LanguageModel.cyrillic), uniquingKeysWith: +)
    if let count = counts[.arabic] { letters[arabic.language, default: 0] += count }
    if let count = counts[.han] {
      // Japanese never goes far without kana.
      let kana = (counts[.hiragana] ?? 0) + (counts[.katakana] ?? 0)
      letters[10 * kana >= count ? "ja" : "zh", default: 0] += count
    }
    languages = letters.mapValues { Double($0) / Double(letterCount) }
  }

  /// Letters by language along the likeliest path, on which a change of language costs `change` nats. A language whose
  /// words do not speak for it clearly against every other gets none.
  private static func letters(of words: [[UInt32]], _ model: LanguageModel) -> [String: Int] {
    let (change, clear) = (7.0, 2.5)
    guard !words.isEmpty else { return [:] }
    let count = model.codes.count
    let evidence = words.map(model.evidence)
    var scores = evidence[0]
    var origins: [[Int32]] = []
    origins.reserveCapacity(words.count)
    for word in evidence.dropFirst() {
      let best = scores.indices.max { scores[$0] < scores[$1] } ?? 0
      let bar = scores[best] - change
      var origin = [Int32](repeating: 0, count: count)
      var next = word
      for language in 0..<count {
        let stays = scores[language] >= bar
        origin[language] = Int32(stays ? language : best)
        next[language] += stays ? scores[language] : bar
      }
      scores = next
      origins.append(origin)
    }
    var language = scores.indices.max { scores[$0] < scores[$1] } ?? 0
    var path = [language]
    for origin in origins.reversed() {
      language = Int(origin[language])
      path.append(language)
    }
    path.reverse()

    var letters: [String: Int] = [:]
    for language in Set(path) {
      var sums = [Double](repeating: 0, count: count)
      var size = 0
      for (word, place) in path.enumerated() where place == language {
        size += words[word].count
        for other in 0..<count { sums[other] += evidence[word][other] }
      }
      let rival = sums.indices.filter { $0 != language }.map { sums[$0] }.max() ?? -.infinity
      if sums[language] - rival >= clear { letters[model.codes[language]] = size }
    }
    return letters
  }
}

/// Arabic, Persian and Urdu by the letters that the others lack.
private struct ArabicLetters {
  private var arabic = 0
  private var persian = 0
  private var urdu = 0

  mutating func count(_ letters: [UInt32]) {
    for letter in letters {
      switch letter {
      // teh marbuta, yeh and kaf as Arabic writes them, alef maksura, alef with hamza
      case 0x629, 0x64A, 0x643, 0x649, 0x623, 0x625: arabic += 1
      // peh, tcheh, jeh, gaf, and the yeh and keheh that Persian and Urdu share
      case 0x67E, 0x686, 0x698, 0x6AF, 0x6CC, 0x6A9: persian += 1
      // tteh, ddal, rreh, noon ghunna, yeh barree, heh goal, heh doachashmee
      case 0x679, 0x688, 0x691, 0x6BA, 0x6D2, 0x6C1, 0x6BE: urdu += 1
      default: break
      }
    }
  }

  var language: String {
    if urdu * 4 > persian, urdu > arabic / 2 { return "ur" }
    return persian > arabic ? "fa" : "ar"
  }
}
