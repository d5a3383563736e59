/// The words of a text that are language: runs of letters of one script, in lower case, without what stands in code
/// fences, backquotes, addresses (`https://...`) and commands (`\frac`).
struct ProseWords: Sequence, IteratorProtocol {
  struct Element {
    var letters: [UInt32]
    var script: Script
  }
  private let scalars: [Unicode.Scalar]
  private var position = 0

  init(_ text: String) { scalars = Array(text.unicodeScalars) }

  mutating func next() -> Element? {
    while position < scalars.count {
      switch scalars[position] {
      case "`": skipCode()
      case "\\":
        position += 1
        while position < scalars.count, scalars[position].isASCII, Script(scalars[position]) == .latin {
          position += 1
        }
      default:
        guard let script = Script(scalars[position]) else {
          position += 1
          continue
        }
        let word = word(in: script)
        if stands("://", at: position) {
          while position < scalars.count, !scalars[position].properties.isWhitespace { position += 1 }
          continue
        }
        return word
      }
    }
    return nil
  }

  /// Letters of one script; an apostrophe or hyphen between two of them belongs to the word.
  private mutating func word(in script: Script) -> Element {
    var letters: [UInt32] = []
    while position < scalars.count {
      let scalar = scalars[position]
      if Script(scalar) == script {
        letters.append(lowercased(scalar))
      } else if !letters.isEmpty, joins(scalar), position + 1 < scalars.count,
        Script(scalars[position + 1]) == script
      {
        letters.append(scalar == "\u{2019}" ? 0x27 : scalar.value)
      } else if scalar.properties.canonicalCombiningClass == .notReordered {
        break
      }
      position += 1
    }
    return Element(letters: letters, script: script)
  }

  private func joins(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "'" || scalar == "\u{2019}" || scalar == "-"
  }

  private func lowercased(_ scalar: Unicode.Scalar) -> UInt32 {
    if scalar.isASCII { return (0x41...0x5A).contains(scalar.value) ? scalar.value | 0x20 : scalar.value }
    return scalar.properties.lowercaseMapping.unicodeScalars.first?.value ?? scalar.value
  }

  private func stands(_ text: String, at index: Int) -> Bool {
    scalars[index...].starts(with: text.unicodeScalars)
  }

  /// Passes over what lies between as many backquotes as stand here and the next such run; without one, over the
  /// backquotes alone.
  private mutating func skipCode() {
    let open = position
    while position < scalars.count, scalars[position] == "`" { position += 1 }
    let width = position - open
    var index = position
    while index < scalars.count {
      guard scalars[index] == "`" else {
        index += 1
        continue
      }
      let start = index
      while index < scalars.count, scalars[index] == "`" { index += 1 }
      if index - start == width {
        position = index
        return
      }
    }
    // An unclosed fence runs to the end, as in Markdown; a lone backquote is an apostrophe.
    if width >= 3 { position = scalars.count }
  }
}
