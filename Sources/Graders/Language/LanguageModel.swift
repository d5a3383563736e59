import Foundation

/// Tells the languages of one script apart, word by word.
///
/// A word is scored by a mixture: half the probability is spread over the language's common words, half goes by its
/// letters, each predicted from the two before it. So a function word decides at once where few languages have it, and
/// other words by their endings and special letters.
struct LanguageModel: Sendable {
  let codes: [String]
  /// For each known word, which languages have it.
  private var knownIn: [[UInt32]: UInt32] = [:]
  /// Log probabilities of a letter after two, one and no letters, for each language.
  private var letters: [Context: [Float]] = [:]
  private let wordShare: [Double]

  private struct Context: Hashable {
    /// The letters before, 0 for the start of the word, and the letter itself, in 21 bits each.
    let key: UInt64
    let order: UInt8
  }
  /// No word speaks for one language against another by more than this, in nats: names and loanwords are everywhere.
  private static let mostEvidence = 6.0
  /// What a letter costs that a language does not have.
  private static let unseen = 1e-4

  static let latin = LanguageModel(LanguageProfile.latin)
  static let cyrillic = LanguageModel(LanguageProfile.cyrillic)

  init(_ profiles: [LanguageProfile]) {
    codes = profiles.map(\.code)
    wordShare = profiles.map { 0.5 / Double($0.words.count) }
    var counts = Array(repeating: [[Context: Double]](repeating: [:], count: 3), count: profiles.count)
    var totals = Array(repeating: [[UInt64: Double]](repeating: [:], count: 3), count: profiles.count)
    for (language, profile) in profiles.enumerated() {
      for word in profile.words {
        knownIn[word, default: 0] |= 1 << UInt32(language)
        Self.contexts(word) { contexts in
          for (order, context) in contexts.enumerated() {
            counts[language][order][context, default: 0] += 1
            totals[language][order][context.key >> 21, default: 0] += 1
          }
        }
      }
    }
    let weights = [0.3, 0.4, 0.3]
    for order in 0..<3 {
      for context in Set(counts.flatMap { $0[order].keys }) {
        letters[context] = profiles.indices.map { language in
          let total = totals[language][order][context.key >> 21] ?? 0
          let share = total == 0 ? 0 : (counts[language][order][context] ?? 0) / total
          return Float(weights[order] * share)
        }
      }
    }
  }

  /// Calls back with a letter after none, one and two letters, for each letter of the word and its end.
  private static func contexts(_ word: [UInt32], _ each: ([Context]) -> Void) {
    var (first, second): (UInt64, UInt64) = (0, 0)
    for letter in word.map(UInt64.init) + [0] {
      each([
        Context(key: letter, order: 0), Context(key: second << 21 | letter, order: 1),
        Context(key: first << 42 | second << 21 | letter, order: 2),
      ])
      (first, second) = (second, letter)
    }
  }

  /// Log likelihoods of a word in lower case, one a language, at most `mostEvidence` below the best.
  func evidence(_ word: [UInt32]) -> [Double] {
    var byLetters = [Double](repeating: 0, count: codes.count)
    Self.contexts(word) { contexts in
      let shares = contexts.map { letters[$0] }
      for language in byLetters.indices {
        let share = shares.reduce(Self.unseen) { $0 + Double($1?[language] ?? 0) }
        byLetters[language] += log(share)
      }
    }
    let known = knownIn[word] ?? 0
    // A letter that is no word anywhere is a name in a formula.
    if known == 0, word.count == 1 { return Array(repeating: 0, count: codes.count) }
    var evidence = byLetters.enumerated().map { language, logarithm in
      let share = known >> UInt32(language) & 1 == 1 ? wordShare[language] : 0
      return log(share + 0.5 * exp(logarithm) + 1e-300)
    }
    let best = evidence.max() ?? 0
    for language in evidence.indices {
      evidence[language] = max(evidence[language] - best, -Self.mostEvidence)
    }
    return evidence
  }
}
