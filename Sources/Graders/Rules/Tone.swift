/// A tone that a rule may forbid, known by its phrases. The lists are English, short on purpose (a phrase that is right
/// in some answers has no place in them), and documented in Docs/writing-a-grader.md; a grader may add to them and may
/// name lists of its own.
enum Tone: String, Sendable, CaseIterable {
  case rude, blaming, condescending, pushy, slang, hype

  var phrases: [String] {
    switch self {
    case .rude:
      [
        "stupid", "idiot", "idiotic", "dumb", "moron", "shut up", "nonsense", "ridiculous", "pathetic",
        "useless",
        "not my problem", "not our problem", "deal with it", "who cares",
      ]
    case .blaming:
      [
        "your fault", "your own fault", "you should have", "you failed to", "you forgot to",
        "you neglected to",
        "you claim", "you didn't read", "you did not read", "if you had only",
        "as i already told you",
        "as we already told you",
      ]
    case .condescending:
      [
        "obviously", "as everyone knows", "as anyone knows", "you don't understand",
        "you do not understand", "calm down", "let me spell it out", "it's not that hard",
        "it is not that hard", "even a child",
      ]
    case .pushy:
      [
        "act now", "act fast", "last chance", "don't miss", "do not miss", "hurry", "limited time", "buy now",
        "order now", "while supplies last", "you must buy", "before it's too late", "before it is too late",
      ]
    case .slang:
      [
        "gonna", "wanna", "gotta", "lol", "lmao", "omg", "btw", "u r", "thx", "pls", "dude", "bro", "yeah",
        "nope",
        "ain't", "kinda", "sorta",
      ]
    case .hype:
      [
        "amazing", "incredible", "unbelievable", "revolutionary", "game-changer", "game changer",
        "game-changing",
        "mind-blowing", "world-class", "best ever", "the best in the world", "once in a lifetime", "insane",
        "life-changing",
      ]
    }
  }
}

/// Loudness that can be counted.
enum Loudness {
  /// Exclamation marks of all widths.
  static func exclamationMarks(in text: String) -> Int {
    text.unicodeScalars.count { $0 == "!" || $0 == "\u{A1}" || $0 == "\u{203C}" || $0 == "\u{FF01}" }
  }

  /// Words of four or more letters that are all capitals. Shorter ones are mostly abbreviations; the longer
  /// abbreviations of a trade are named by whoever writes the rule.
  static func shoutedWords(in text: String, except acronyms: Set<String>) -> Int {
    text.unicodeScalars.split { !($0.properties.isAlphabetic || $0 == "'" || $0 == "\u{2019}") }.count {
      word in
      let letters = word.filter(\.properties.isAlphabetic)
      return letters.count >= 4 && letters.allSatisfy(\.properties.isUppercase)
        && !acronyms.contains(String(word))
    }
  }
}
