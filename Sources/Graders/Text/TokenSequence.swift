/// A text as tokens, each a number that is the same for the same token: words in lower case, and single marks and
/// symbols. In scripts that put no blanks between words a character is a token, and so it is in a run of letters that
/// is too long to be a word, or "aaaa..." would repeat nothing.
struct TokenSequence {
  let tokens: [UInt32]
  /// Whether a token is a letter, a digit or a word of them.
  private let isWord: [Bool]
  private static let longestWord = 40

  init(_ text: String) {
    var words: [Word] = []
    var flags: [Bool] = []
    var current: [UInt32] = []
    func add(_ scalars: [UInt32], isWord: Bool) {
      words.append(Word(scalars[...]))
      flags.append(isWord)
    }
    func finish() {
      if current.count > Self.longestWord {
        for scalar in current { add([scalar], isWord: true) }
      } else if !current.isEmpty {
        add(current, isWord: true)
      }
      current.removeAll(keepingCapacity: true)
    }
    for scalar in text.unicodeScalars {
      switch Kind(scalar) {
      case .letter(let lowered): current.append(lowered)
      case .character:
        finish()
        add([scalar.value], isWord: true)
      case .symbol:
        finish()
        add([scalar.value], isWord: false)
      case .blank: finish()
      }
    }
    finish()
    var vocabulary = Vocabulary()
    tokens = vocabulary.numbers(of: words)
    isWord = flags
  }

  /// Whether there is a letter or a digit in the text.
  var hasWord: Bool { isWord.contains(true) }

  /// The share of n-grams that stood before already.
  func repeatedShare(n: Int) -> Double {
    guard let overlap = NGramOverlap.repeats(tokens, n: n), overlap.total > 0 else { return 0 }
    return Double(overlap.total - overlap.distinct) / Double(overlap.total)
  }

  /// How many times in a row the text says the same thing, at most: 3 for "no no no" and for "I see. I see. I see."
  /// What is said must hold a word and be no longer than 64 tokens; 1 when nothing is said twice in a row, 0 without
  /// a word.
  var longestLoop: Int {
    guard hasWord else { return 0 }
    var longest = 1
    for period in 1...64 where 2 * period <= tokens.count {
      var run = 0
      var lastWord = -1
      for index in period..<tokens.count {
        if isWord[index] { lastWord = index }
        run = tokens[index] == tokens[index - period] ? run + 1 : 0
        if run >= period, lastWord > index - period { longest = max(longest, run / period + 1) }
      }
    }
    return longest
  }

  private enum Kind {
    case letter(UInt32)
    case character, symbol, blank

    init(_ scalar: Unicode.Scalar) {
      switch scalar.value {
      case 0x61...0x7A, 0x30...0x39: self = .letter(scalar.value)
      case 0x41...0x5A: self = .letter(scalar.value | 0x20)
      case 0...0x20: self = .blank
      case 0x21..<0x80: self = .symbol
      default:
        let properties = scalar.properties
        if properties.isWhitespace {
          self = .blank
        } else if properties.isAlphabetic || properties.numericType != nil
          || properties.canonicalCombiningClass != .notReordered
        {
          if Script(scalar)?.isWrittenWithoutBlanks == true {
            self = .character
          } else {
            self = .letter(properties.lowercaseMapping.unicodeScalars.first?.value ?? scalar.value)
          }
        } else {
          self = .symbol
        }
      }
    }
  }
}
