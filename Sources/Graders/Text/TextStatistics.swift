/// Measures of a text by itself: what is watched for drift, and what the `repetition` grader pays for.
package enum TextStatistics {
  /// How much of a text says again what it has said, 0 to 1: the share of stretches of four tokens that are not the
  /// first of their kind (Welleck et al. 2019 call it rep-4), or the share of letters that stutter, whichever is more:
  /// "hahahahaha" is one token. Fewer than five tokens without a stutter repeat nothing.
  package static func repetition(of text: String) -> Double {
    max(TokenSequence(text).repeatedShare(n: 4), stutter(in: text))
  }

  /// Share of the letters and digits of a text that lie in runs of one unit of up to eight characters, said four times
  /// or more without a pause. A number with the same digit over and over is a number.
  package static func stutter(in text: String) -> Double {
    let scalars = Array(text.unicodeScalars)
    let isLetter = scalars.map { $0.properties.isAlphabetic || $0.properties.numericType != nil }
    let letters = isLetter.reduce(0) { $0 + ($1 ? 1 : 0) }
    guard letters > 0, scalars.count >= 4 else { return 0 }
    var stutters = [Bool](repeating: false, count: scalars.count)
    for period in 1...8 where scalars.count >= 4 * period {
      var run = 0
      for place in period..<scalars.count {
        let isDigit = period == 1 && scalars[place].properties.numericType != nil
        run = !isDigit && scalars[place] == scalars[place - period] ? run + 1 : 0
        // Three repetitions behind the first.
        if run == 3 * period {
          for index in (place + 1 - 4 * period)...place { stutters[index] = true }
        } else if run > 3 * period {
          stutters[place] = true
        }
      }
    }
    return Double(scalars.indices.count { stutters[$0] && isLetter[$0] }) / Double(letters)
  }
}
