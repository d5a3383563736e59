/// A mark of courtesy that a rule may ask for, known by its phrases. The lists are English and are documented in
/// Docs/writing-a-grader.md; a grader may add to them.
enum PolitenessMarker: String, Sendable, CaseIterable {
  /// Opens the answer.
  case greeting
  case thanks
  case please
  case apology
  /// Stands among the last words of the answer, in front of a name perhaps.
  case signOff = "sign_off"

  var phrases: [String] {
    switch self {
    case .greeting:
      [
        "dear", "hello", "hi", "hey", "good morning", "good afternoon", "good evening", "good day",
        "greetings",
        "welcome", "to whom it may concern",
      ]
    case .thanks:
      [
        "thank you", "thanks", "grateful", "appreciate", "appreciated", "appreciation",
        "gratitude",
      ]
    case .please:
      [
        "please", "kindly", "could you", "would you", "may i", "may we", "if you don't mind",
        "would it be possible", "we would ask you",
      ]
    case .apology:
      [
        "sorry", "apologise", "apologize", "apologies", "apology", "regret", "pardon", "excuse us",
        "excuse me", "forgive us", "forgive me",
      ]
    case .signOff:
      [
        "regards", "sincerely", "yours truly", "yours faithfully", "yours", "best wishes", "all the best",
        "warmly",
        "cordially", "respectfully", "cheers", "take care", "have a great day", "have a nice day",
        "many thanks", "with thanks",
      ]
    }
  }

  /// How many words from the end a sign-off may begin: a closing phrase, a name and a role.
  static let wordsOfSignOff = 12

  /// Whether one of the phrases stands where this mark belongs, as whole words.
  func stands(in text: FoldedText, phrases: [FoldedText]) -> Bool {
    let place: FoldedText.Place = self == .greeting ? .start : .anywhere
    let part = self == .signOff ? text.lastWords(Self.wordsOfSignOff) : text
    return phrases.contains { part.contains($0, at: place, asWholeWords: true) }
  }
}

extension FoldedText {
  /// The end of the text, from this many words before it.
  func lastWords(_ count: Int) -> FoldedText {
    var left = count
    for index in bytes.indices.reversed() where bytes[index] == 0x20 {
      left -= 1
      if left == 0 { return FoldedText(folded: bytes[(index + 1)...]) }
    }
    return self
  }
}
