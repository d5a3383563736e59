/// What the pre-tokenizers' patterns tell apart.
enum ScalarClass: UInt8 {
  /// `\p{L}`
  case letter
  /// `\p{N}`
  case number
  /// `\r` and `\n`
  case newline
  /// `\s` without `\r` and `\n`
  case space
  /// Everything else, unassigned scalars included.
  case other
  /// A number newer than the patterns' Unicode: `other` to a pattern, a digit to the `Digits` splitter,
  /// which is not a pattern.
  case newNumber

  var isSpace: Bool { self == .space || self == .newline }
  var isOther: Bool { self == .other || self == .newNumber }
  var isDigit: Bool { self == .number || self == .newNumber }

  /// The class of a scalar in the Unicode version (16) that the reference implementation's patterns know; a
  /// token boundary must not move because this runtime's tables are newer.
  init(_ scalar: Unicode.Scalar) {
    let properties = scalar.properties
    let isNew = (properties.age?.major ?? 0) > 16
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      self = isNew ? .other : .letter
    case .decimalNumber, .letterNumber, .otherNumber:
      self = isNew ? .newNumber : .number
    default:
      self = scalar == "\n" || scalar == "\r" ? .newline : properties.isWhitespace ? .space : .other
    }
  }

  /// Classes of the scalars below U+10000, computed once: a lookup in the runtime's tables costs more than
  /// the rest of the scan of a non-Latin text.
  static let basicPlane: [ScalarClass] = (0..<0x10000).map { value in
    Unicode.Scalar(UInt32(value)).map(ScalarClass.init) ?? .other
  }
}
