/// What Python's `str` does with text, scalar by scalar: the packages that the measures here must equal are Python's.
///
/// Swift's own `String` would not do: it takes "é" as one letter and as two for the same text, and Python does not.
enum PythonText {
  static func scalars(_ text: String) -> [UInt32] {
    var scalars: [UInt32] = []
    scalars.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars { scalars.append(scalar.value) }
    return scalars
  }

  /// `str.isspace` of one scalar.
  static func isSpace(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F,
      0x3000:
      true
    default: false
    }
  }

  /// `str.split()`.
  static func words(_ text: [UInt32]) -> [Word] {
    text.split(whereSeparator: isSpace).map(Word.init)
  }

  /// `str.lower()`: the full mapping, and the sigma at the end of a word.
  static func lowercased(_ text: some BidirectionalCollection<UInt32>) -> [UInt32] {
    var lowered: [UInt32] = []
    lowered.reserveCapacity(text.count)
    for (index, value) in zip(text.indices, text) {
      switch value {
      case 0x41...0x5A: lowered.append(value | 0x20)
      case 0..<0x80: lowered.append(value)
      case 0x3A3: lowered.append(endsWord(index, of: text) ? 0x3C2 : 0x3C3)
      default:
        guard let scalar = Unicode.Scalar(value), scalar.properties.changesWhenLowercased else {
          lowered.append(value)
          continue
        }
        for scalar in scalar.properties.lowercaseMapping.unicodeScalars { lowered.append(scalar.value) }
      }
    }
    return lowered
  }

  /// Unicode's Final_Sigma: a cased letter before, none after, with what case ignores passed over.
  private static func endsWord<Text: BidirectionalCollection<UInt32>>(_ index: Text.Index, of text: Text)
    -> Bool
  {
    func firstIsCased(_ scalars: some Sequence<UInt32>) -> Bool {
      for value in scalars {
        guard let properties = Unicode.Scalar(value)?.properties else { return false }
        if !properties.isCaseIgnorable { return properties.isCased }
      }
      return false
    }
    return firstIsCased(text[..<index].reversed()) && !firstIsCased(text[text.index(after: index)...])
  }
}
