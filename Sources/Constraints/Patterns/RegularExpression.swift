/// A regular expression of the kind JSON Schema has (ECMA-262 without flags), as far as an automaton can say it.
indirect enum RegularExpression: Sendable {
  case characters(ScalarSet)
  case sequence([RegularExpression])
  case choice([RegularExpression])
  case repetition(RegularExpression, least: Int, most: Int?)
  /// `^`
  case start
  /// `$`
  case end
}

/// An expression that is none, or that no automaton can say.
struct RegularExpressionError: Error {
  let message: String
  init(_ message: String) { self.message = message }
}

extension RegularExpression {
  /// What may stand between the quotes of a string in which the expression is found, in the shortest spelling.
  func automaton() throws(AutomatonTooLarge) -> ByteAutomaton {
    var parts = NondeterministicAutomaton()
    // As the draft says, a pattern is found anywhere unless it is anchored.
    let before = try parts.state()
    let after = try parts.state()
    try parts.character(.all, from: before, to: before, .shortest)
    try parts.character(.all, from: after, to: after, .shortest)
    try add(to: &parts, from: before, to: after)
    return try parts.determinised(from: before, to: after)
  }

  private func add(
    to parts: inout NondeterministicAutomaton, from source: Int32, to target: Int32
  ) throws(AutomatonTooLarge) {
    switch self {
    case .characters(let set): try parts.character(set, from: source, to: target, .shortest)
    case .sequence(let items):
      var here = source
      for (index, item) in items.enumerated() {
        let there = index == items.count - 1 ? target : try parts.state()
        try item.add(to: &parts, from: here, to: there)
        here = there
      }
      if items.isEmpty { parts.jump(source, target) }
    case .choice(let branches):
      // Each within states of its own, so that a loop in one is not a way into another.
      for branch in branches {
        let (first, last) = (try parts.state(), try parts.state())
        parts.jump(source, first)
        try branch.add(to: &parts, from: first, to: last)
        parts.jump(last, target)
      }
    case .repetition(let item, let least, let most):
      var here = try parts.state()
      parts.jump(source, here)
      for _ in 0..<least {
        let there = try parts.state()
        try item.add(to: &parts, from: here, to: there)
        here = there
      }
      if let most {
        for _ in least..<most {
          parts.jump(here, target)
          let there = try parts.state()
          try item.add(to: &parts, from: here, to: there)
          here = there
        }
        parts.jump(here, target)
      } else {
        let there = try parts.state()
        parts.jump(here, target)
        try item.add(to: &parts, from: here, to: there)
        parts.jump(there, here)
      }
    case .start: parts.jump(source, target, if: .atStart)
    case .end: parts.jump(source, target, if: .atEnd)
    }
  }
}
