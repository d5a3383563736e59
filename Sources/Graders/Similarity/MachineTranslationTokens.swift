/// The tokens of NIST's `mteval-v13a`, which sacrebleu calls `13a`: words and punctuation marks apart, numbers with
/// points and commas whole. It knows spaces only: Chinese and Japanese come out as one token a sentence.
enum MachineTranslationTokens {
  static func words(in text: String) -> [Word] {
    var line = PythonText.scalars(text)
    while let last = line.last, PythonText.isSpace(last) { line.removeLast() }
    line = replacing("<skipped>", by: "", in: line)
    line = replacing("-\n", by: "", in: line)
    line = replacing("\n", by: " ", in: line)
    for (entity, character) in [("&quot;", "\""), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")] {
      line = replacing(entity, by: character, in: line)
    }
    line = setApart([0x20] + line + [0x20])
    line = splitPairs(line, isNoDigit, isPoint) { [$0, 0x20, $1, 0x20] }
    line = splitPairs(line, isPoint, isNoDigit) { [0x20, $0, 0x20, $1] }
    line = splitPairs(line, isDigit, isHyphen) { [$0, 0x20, $1, 0x20] }
    return PythonText.words(line)
  }

  private static func isDigit(_ scalar: UInt32) -> Bool { (0x30...0x39).contains(scalar) }

  private static func isNoDigit(_ scalar: UInt32) -> Bool { !isDigit(scalar) }

  private static func isHyphen(_ scalar: UInt32) -> Bool { scalar == 0x2D }

  private static func isPoint(_ scalar: UInt32) -> Bool { scalar == 0x2E || scalar == 0x2C }

  /// Blanks around ASCII's marks, but for the apostrophe, comma, hyphen and point.
  private static func setApart(_ line: [UInt32]) -> [UInt32] {
    var result: [UInt32] = []
    result.reserveCapacity(line.count * 2)
    for scalar in line {
      switch scalar {
      case 0x20...0x26, 0x28...0x2B, 0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E:
        result += [0x20, scalar, 0x20]
      default: result.append(scalar)
      }
    }
    return result
  }

  /// Rewrites pairs of neighbours from left to right. A scalar belongs to one pair at most, as in a regular
  /// expression's substitution: of four points in a row the second and the fourth are set apart.
  private static func splitPairs(
    _ line: [UInt32], _ first: (UInt32) -> Bool, _ second: (UInt32) -> Bool,
    _ rewritten: (UInt32, UInt32) -> [UInt32]
  ) -> [UInt32] {
    var result: [UInt32] = []
    result.reserveCapacity(line.count + 16)
    var index = 0
    while index < line.count {
      if index + 1 < line.count, first(line[index]), second(line[index + 1]) {
        result += rewritten(line[index], line[index + 1])
        index += 2
      } else {
        result.append(line[index])
        index += 1
      }
    }
    return result
  }

  private static func replacing(_ text: String, by other: String, in line: [UInt32]) -> [UInt32] {
    let (text, other) = (PythonText.scalars(text), PythonText.scalars(other))
    guard line.count >= text.count, let first = text.first, line.contains(first) else { return line }
    var result: [UInt32] = []
    result.reserveCapacity(line.count)
    var index = 0
    while index < line.count {
      if line[index] == first, line[index...].starts(with: text) {
        result += other
        index += text.count
      } else {
        result.append(line[index])
        index += 1
      }
    }
    return result
  }
}
