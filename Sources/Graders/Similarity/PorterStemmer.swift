/// M. F. Porter, "An algorithm for suffix stripping" (1980), with the departures of nltk's default mode, which are
/// named where they are made. Words are lower case; every scalar other than a, e, i, o, u and y is a consonant.
struct PorterStemmer {
  private var word: [UInt32]

  static func stem(_ word: some Collection<UInt32>) -> [UInt32] {
    var stemmer = PorterStemmer(word: Array(word))
    // nltk: words of two letters, and those of a list, are left to themselves.
    if let stem = irregular[stemmer.word] { return stem }
    if stemmer.word.count <= 2 { return stemmer.word }
    stemmer.plural()
    stemmer.pastAndParticiple()
    stemmer.finalY()
    stemmer.doubleSuffixes()
    stemmer.apply(shortSuffixes) { Self.measure($0) > 0 }
    stemmer.lastSuffixes()
    stemmer.tidy()
    return stemmer.word
  }

  private static let irregular: [[UInt32]: [UInt32]] = Dictionary(
    uniqueKeysWithValues: [
      "sky": "sky", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "news": "news",
      "innings": "inning", "inning": "inning", "outings": "outing", "outing": "outing",
      "cannings": "canning", "canning": "canning", "howe": "howe", "proceed": "proceed",
      "exceed": "exceed", "succeed": "succeed",
    ].map { (PythonText.scalars($0), PythonText.scalars($1)) })

  // MARK: - The form of a word

  private static func isVowelLetter(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x61, 0x65, 0x69, 0x6F, 0x75: true
    default: false
    }
  }

  /// For each letter whether it is a consonant; a y is one unless it follows one.
  private static func consonants(_ stem: ArraySlice<UInt32>) -> [Bool] {
    var flags: [Bool] = []
    flags.reserveCapacity(stem.count)
    for scalar in stem {
      flags.append(scalar == 0x79 ? !(flags.last ?? false) : !isVowelLetter(scalar))
    }
    return flags
  }

  /// Porter's m: how often a consonant follows a vowel.
  private static func measure(_ stem: ArraySlice<UInt32>) -> Int {
    let flags = consonants(stem)
    return zip(flags, flags.dropFirst()).count { !$0 && $1 }
  }

  /// Porter's *o: consonant, vowel, consonant other than w, x, y. nltk: or no more than a vowel and a consonant.
  private static func endsShort(_ stem: ArraySlice<UInt32>) -> Bool {
    let flags = consonants(stem)
    guard let last = stem.last, flags.count >= 2, flags[flags.count - 1], !flags[flags.count - 2] else {
      return false
    }
    if flags.count == 2 { return true }
    return flags[flags.count - 3] && ![0x77, 0x78, 0x79].contains(last)
  }

  // MARK: - Rules

  private struct Rule {
    let suffix: [UInt32]
    let replacement: [UInt32]

    init(_ suffix: String, _ replacement: String) {
      (self.suffix, self.replacement) = (PythonText.scalars(suffix), PythonText.scalars(replacement))
    }
  }

  private static func rules(_ pairs: KeyValuePairs<String, String>) -> [Rule] { pairs.map(Rule.init) }

  private func ends(with suffix: [UInt32]) -> Bool {
    word.count >= suffix.count && word[(word.count - suffix.count)...].elementsEqual(suffix)
  }

  private func stem(without suffix: [UInt32]) -> ArraySlice<UInt32> { word[..<(word.count - suffix.count)] }

  /// The first rule whose suffix the word has decides, whether its condition holds or not.
  private mutating func apply(_ rules: [Rule], where condition: (ArraySlice<UInt32>) -> Bool) {
    guard let rule = rules.first(where: { ends(with: $0.suffix) }) else { return }
    let stem = stem(without: rule.suffix)
    if condition(stem) { word = stem + rule.replacement }
  }

  // MARK: - Steps

  private static let plurals = rules(["sses": "ss", "ies": "i", "ss": "ss", "s": ""])
  private static let shortPlural = rules(["ies": "ie"])

  /// Step 1a. nltk: "dies" keeps its e.
  private mutating func plural() {
    apply(word.count == 4 && ends(with: Self.shortPlural[0].suffix) ? Self.shortPlural : Self.plurals) { _ in
      true
    }
  }

  private static let pastOfY = (short: rules(["ied": "ie"]), long: rules(["ied": "i"]))
  private static let doubleE = rules(["eed": "ee"])
  private static let participles = [Array("ed".utf8), Array("ing".utf8)].map { $0.map(UInt32.init) }
  private static let restored = rules(["at": "ate", "bl": "ble", "iz": "ize"])

  /// Step 1b. nltk: "spied" becomes "spi" and "died" "die".
  private mutating func pastAndParticiple() {
    if ends(with: Self.pastOfY.long[0].suffix) {
      apply(word.count == 4 ? Self.pastOfY.short : Self.pastOfY.long) { _ in true }
      return
    }
    if ends(with: Self.doubleE[0].suffix) {
      apply(Self.doubleE) { Self.measure($0) > 0 }
      return
    }
    guard
      let suffix = Self.participles.first(where: { suffix in
        ends(with: suffix) && Self.consonants(stem(without: suffix)).contains(false)
      })
    else { return }
    word = Array(stem(without: suffix))
    if Self.restored.contains(where: { ends(with: $0.suffix) }) {
      apply(Self.restored) { _ in true }
    } else if let last = word.last, word.count >= 2, word[word.count - 2] == last,
      Self.consonants(word[...]).last == true
    {
      if ![0x6C, 0x73, 0x7A].contains(last) { word.removeLast() }
    } else if Self.measure(word[...]) == 1, Self.endsShort(word[...]) {
      word.append(0x65)
    }
  }

  /// Step 1c. nltk: only after a consonant that does not begin the word ("enjoy" stays, "spy" becomes "spi").
  private mutating func finalY() {
    if word.last == 0x79, word.count > 2, Self.consonants(word[...])[word.count - 2] {
      word[word.count - 1] = 0x69
    }
  }

  // nltk: "bli" for "abli", and the last two.
  private static let longSuffixes = rules([
    "ational": "ate", "tional": "tion", "enci": "ence", "anci": "ance", "izer": "ize", "bli": "ble",
    "alli": "al", "entli": "ent", "eli": "e", "ousli": "ous", "ization": "ize", "ation": "ate",
    "ator": "ate", "alism": "al", "iveness": "ive", "fulness": "ful", "ousness": "ous", "aliti": "al",
    "iviti": "ive", "biliti": "ble", "fulli": "ful",
  ])
  private static let adverb = rules(["alli": "al"])
  private static let science = rules(["logi": "log"])

  /// Step 2. nltk: what "alli" leaves goes through the step again, and the l of "logi" counts to the stem.
  private mutating func doubleSuffixes() {
    while ends(with: Self.adverb[0].suffix), Self.measure(stem(without: Self.adverb[0].suffix)) > 0 {
      apply(Self.adverb) { _ in true }
    }
    if ends(with: Self.science[0].suffix) {
      let root = word[..<(word.count - 3)]
      apply(Self.science) { _ in Self.measure(root) > 0 }
    } else {
      apply(Self.longSuffixes) { Self.measure($0) > 0 }
    }
  }

  /// Step 3.
  private static let shortSuffixes = rules([
    "icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": "",
  ])

  private static let removed = rules([
    "al": "", "ance": "", "ence": "", "er": "", "ic": "", "able": "", "ible": "", "ant": "", "ement": "",
    "ment": "", "ent": "", "ion": "", "ou": "", "ism": "", "ate": "", "iti": "", "ous": "", "ive": "",
    "ize": "",
  ])
  private static let noun = PythonText.scalars("ion")

  /// Step 4.
  private mutating func lastSuffixes() {
    let isNoun = ends(with: Self.noun)
    apply(Self.removed) { stem in
      Self.measure(stem) > 1 && (!isNoun || stem.last == 0x73 || stem.last == 0x74)
    }
  }

  /// Steps 5a and 5b: a final e, and the second of two l.
  private mutating func tidy() {
    if word.last == 0x65 {
      let stem = word.dropLast()
      let measure = Self.measure(stem)
      if measure > 1 || (measure == 1 && !Self.endsShort(stem)) { word.removeLast() }
    }
    if word.count >= 2, word.last == 0x6C, word[word.count - 2] == 0x6C, Self.measure(word.dropLast()) > 1 {
      word.removeLast()
    }
  }
}
