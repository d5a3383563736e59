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
