/// METEOR as nltk's `meteor_score` computes it (Lavie and Agarwal 2007, with alpha 0.9, beta 3, gamma 0.5), of the
/// lower-cased `13a` tokens, 0 to 1.
///
/// Words are paired when they are equal, then when their Porter stems are, then when WordNet has them as synonyms; the
/// last stage only with a `WordNet`. Even an exact copy is charged for being one chunk: n equal words score
/// 1 - 0.5 / n³, so one word scores 0.5.
enum MeteorScore {
  static func score(_ input: String, _ reference: String, wordNet: WordNet? = nil) -> Double {
    var alignment = Alignment(
      input: MachineTranslationTokens.words(in: input).map(lowercased),
      reference: MachineTranslationTokens.words(in: reference).map(lowercased))
    alignment.pairEqual()
    alignment.stem()
    alignment.pairEqual()
    // nltk looks synonyms up by stem too: "happi" has none.
    if let wordNet { alignment.pairSynonyms(wordNet) }

    let matched = alignment.partners.count { $0 != nil }
    if matched == 0 { return 0 }
    let precision = Double(matched) / Double(alignment.input.count)
    let recall = Double(matched) / Double(alignment.reference.count)
    let mean = precision * recall / (0.9 * precision + 0.1 * recall)
    let fragmentation = Double(alignment.chunks) / Double(matched)
    return (1 - 0.5 * fragmentation * fragmentation * fragmentation) * mean
  }

  private static func lowercased(_ word: Word) -> Word { Word(PythonText.lowercased(word.scalars)[...]) }

  private struct Alignment {
    private(set) var input: [Word]
    private(set) var reference: [Word]
    /// For each word of the input the place of its partner in the reference.
    private(set) var partners: [Int?]
    private var isTaken: [Bool]

    init(input: [Word], reference: [Word]) {
      (self.input, self.reference) = (input, reference)
      partners = Array(repeating: nil, count: input.count)
      isTaken = Array(repeating: false, count: reference.count)
    }

    /// Runs of pairs that stand next to each other in both texts.
    var chunks: Int {
      var chunks = 0
      var previous: (Int, Int)?
      for (place, partner) in partners.enumerated() {
        guard let partner else { continue }
        if previous.map({ $0.0 + 1 == place && $0.1 + 1 == partner }) != true { chunks += 1 }
        previous = (place, partner)
      }
      return chunks
    }

    /// Puts the stems of words that have no partner in their place.
    mutating func stem() {
      for place in input.indices where partners[place] == nil { input[place] = stem(of: input[place]) }
      for place in reference.indices where !isTaken[place] { reference[place] = stem(of: reference[place]) }
    }

    private func stem(of word: Word) -> Word { Word(PorterStemmer.stem(word.scalars)[...]) }

    /// Pairs equal words, from the end, each with the last partner that is left.
    mutating func pairEqual() {
      var places = freePlaces()
      for place in input.indices.reversed() where partners[place] == nil {
        if let partner = places[input[place]]?.popLast() { join(place, partner) }
      }
    }

    /// The same, where any synonym of the input's word will do.
    mutating func pairSynonyms(_ wordNet: WordNet) {
      var places = freePlaces()
      for place in input.indices.reversed() where partners[place] == nil {
        let candidates = wordNet.synonyms(of: input[place]).union([input[place]])
        let best = candidates.compactMap { word in places[word]?.last.map { ($0, word) } }.max { $0.0 < $1.0 }
        guard let (partner, word) = best else { continue }
        places[word]?.removeLast()
        join(place, partner)
      }
    }

    private func freePlaces() -> [Word: [Int]] {
      var places: [Word: [Int]] = [:]
      for place in reference.indices where !isTaken[place] {
        places[reference[place], default: []].append(place)
      }
      return places
    }

    private mutating func join(_ place: Int, _ partner: Int) {
      partners[place] = partner
      isTaken[partner] = true
    }
  }
}
