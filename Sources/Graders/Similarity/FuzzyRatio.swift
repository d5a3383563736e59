/// Similarities of two texts as rapidfuzz 3 defines them, 0 to 100. Their unit is the insertion or deletion of one
/// scalar; a score is the share of scalars that need none.
enum FuzzyRatio {
  /// `fuzz.WRatio` with `utils.default_process`: the best of several ratios, each discounted by how much it forgives.
  /// 0 when a text holds no letter or digit.
  static func weighted(_ left: String, _ right: String) -> Double {
    let (left, right) = (processed(left), processed(right))
    if left.isEmpty || right.isEmpty { return 0 }
    let lengthRatio = Double(max(left.count, right.count)) / Double(min(left.count, right.count))
    let plain = ratio(left, right)
    let words = WordSets(left, right)
    let tokenScale = 0.95
    if lengthRatio < 1.5 { return max(plain, words.ratio * tokenScale) }

    let partialScale = lengthRatio <= 8 ? 0.9 : 0.6
    var best = plain
    if words.haveCommonWord { best = max(best, 100 * tokenScale * partialScale) }
    best = max(best, PartialRatio.best(left, right, above: best / partialScale) * partialScale)
    if words.haveCommonWord { return best }
    let scale = tokenScale * partialScale
    return max(best, words.partialRatio(above: best / scale) * scale)
  }

  /// `fuzz.ratio` with `utils.default_process`; two texts without a letter or digit are equal.
  static func plain(_ left: String, _ right: String) -> Double { ratio(processed(left), processed(right)) }

  /// `fuzz.ratio` of scalars as they stand.
  static func ratio(_ left: [UInt32], _ right: [UInt32]) -> Double {
    percent(common: LongestSubsequence.length(left, right), of: left.count + right.count)
  }

  static func percent(common: Int, of total: Int) -> Double {
    total == 0 ? 100 : 100 * (1 - Double(total - 2 * common) / Double(total))
  }

  /// `utils.default_process`: lower case, a blank for what is neither letter nor digit, no blanks at the ends.
  /// Combining marks become blanks as well.
  static func processed(_ text: String) -> [UInt32] {
    var scalars: [UInt32] = []
    scalars.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars { scalars.append(processed(scalar)) }
    let isBlank = { (scalar: UInt32) in scalar == 0x20 }
    guard let first = scalars.firstIndex(where: { !isBlank($0) }),
      let last = scalars.lastIndex(where: { !isBlank($0) })
    else { return [] }
    return Array(scalars[first...last])
  }

  private static func processed(_ scalar: Unicode.Scalar) -> UInt32 {
    switch scalar.value {
    case 0x30...0x39, 0x61...0x7A: return scalar.value
    case 0x41...0x5A: return scalar.value | 0x20
    case 0..<0x80: return 0x20
    default:
      let properties = scalar.properties
      switch properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: break
      default: if properties.numericType == nil { return 0x20 }
      }
      guard properties.changesWhenLowercased else { return scalar.value }
      return properties.lowercaseMapping.unicodeScalars.first?.value ?? scalar.value
    }
  }
}
