/// Operations on text with Python's meaning: over code points, never over grapheme clusters, and without
/// Unicode equivalence.
enum PythonText {
  static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  /// `str.isspace` of one character, which is also what `\s` matches.
  static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F,
      0x3000:
      true
    default: false
    }
  }

  static func equal(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

  /// Python's order of strings: by code point, which in UTF-8 is by byte.
  static func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }

  /// Which ends a strip works on.
  struct Sides: OptionSet {
    let rawValue: Int
    static let left = Sides(rawValue: 1)
    static let right = Sides(rawValue: 2)
  }

  /// `str.strip`, `lstrip` and `rstrip`; without `characters`, of white space.
  static func strip(_ text: String, _ sides: Sides, of characters: String? = nil) -> String {
    let set = characters.map { Set($0.unicodeScalars) }
    let isStripped = { (scalar: Unicode.Scalar) in set?.contains(scalar) ?? isSpace(scalar) }
    var rest = text.unicodeScalars[...]
    if sides.contains(.left) { rest = rest.drop(while: isStripped) }
    if sides.contains(.right) {
      while let last = rest.last, isStripped(last) { rest.removeLast() }
    }
    return String(rest)
  }

  /// The byte offset of the first `part` in `text` from `start` on.
  static func find(_ part: [UInt8], in text: [UInt8], from start: Int = 0) -> Int? {
    guard let first = part.first else { return start <= text.count ? start : nil }
    var place = start
    while place + part.count <= text.count {
      if text[place] == first, text[place..<(place + part.count)].elementsEqual(part) { return place }
      place += 1
    }
    return nil
  }

  static func contains(_ text: String, _ part: String) -> Bool {
    find(Array(part.utf8), in: Array(text.utf8)) != nil
  }

  /// `str.split(separator, limit)`; the separator is not empty.
  static func split(_ text: String, by separator: String, limit: Int) -> [String] {
    let bytes = Array(text.utf8)
    let separator = Array(separator.utf8)
    var parts: [String] = []
    var start = 0
    while limit < 0 || parts.count < limit, let place = find(separator, in: bytes, from: start) {
      parts.append(String(decoding: bytes[start..<place], as: UTF8.self))
      start = place + separator.count
    }
    parts.append(String(decoding: bytes[start...], as: UTF8.self))
    return parts
  }

  /// `str.rsplit(separator, limit)`.
  static func splitFromEnd(_ text: String, by separator: String, limit: Int) -> [String] {
    let reversed = { (text: String) in string(text.unicodeScalars.reversed()) }
    return split(reversed(text), by: reversed(separator), limit: limit).reversed().map(reversed)
  }

  /// `str.split(None, limit)`: runs of white space, none at the ends.
  static func splitAtSpace(_ text: String, limit: Int) -> [String] {
    var parts: [String] = []
    var rest = text.unicodeScalars.drop(while: isSpace)
    while !rest.isEmpty, limit < 0 || parts.count < limit {
      let word = rest.prefix { !isSpace($0) }
      parts.append(String(word))
      rest = rest[word.endIndex...].drop(while: isSpace)
    }
    // The last part of a limited split keeps its white space at the end.
    if !rest.isEmpty { parts.append(String(rest)) }
    return parts
  }

  /// `str.splitlines()`.
  static func lines(_ text: String) -> [String] {
    var lines: [String] = []
    var line = String.UnicodeScalarView()
    var previous: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      defer { previous = scalar }
      if scalar == "\n", previous == "\r" { continue }
      switch scalar.value {
      case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029:
        lines.append(String(line))
        line = String.UnicodeScalarView()
      default: line.append(scalar)
      }
    }
    if !line.isEmpty { lines.append(String(line)) }
    return lines
  }

  /// `str.replace(old, new, limit)`.
  static func replace(_ text: String, _ old: String, with new: String, limit: Int = -1) -> String {
    guard !old.isEmpty else {
      // An empty `old` is found before every character and at the end.
      var output = ""
      var left = limit
      for scalar in text.unicodeScalars {
        if left != 0 {
          output += new
          left -= 1
        }
        output.unicodeScalars.append(scalar)
      }
      return left != 0 ? output + new : output
    }
    return split(text, by: old, limit: limit).joined(separator: new)
  }

  /// `str.capitalize()`.
  static func capitalize(_ text: String) -> String {
    guard let first = text.unicodeScalars.first else { return "" }
    return first.properties.titlecaseMapping + lower(String(text.unicodeScalars.dropFirst()))
  }

  /// `str.lower()`: full mappings, a sigma at the end of a word in its final form.
  static func lower(_ text: String) -> String {
    guard text.unicodeScalars.contains("\u{3A3}") else { return text.lowercased() }
    let scalars = Array(text.unicodeScalars)
    func isCasedNext(_ indices: some Sequence<Int>) -> Bool {
      for index in indices where !scalars[index].properties.isCaseIgnorable {
        return scalars[index].properties.isCased
      }
      return false
    }
    var output = ""
    for (index, scalar) in scalars.enumerated() {
      if scalar == "\u{3A3}" {
        let isFinal =
          isCasedNext((0..<index).reversed()) && !isCasedNext((index + 1)..<scalars.count)
        output += isFinal ? "\u{3C2}" : "\u{3C3}"
      } else {
        output += scalar.properties.lowercaseMapping
      }
    }
    return output
  }

  /// `repr` of a float, which `str` is too: the shortest digits that read back, an exponent from 1e16 on.
  static func float(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    let text = "\(value)"
    let magnitude = abs(value)
    // Swift goes over to an exponent at 2^54 and Python at 1e16.
    guard text.utf8.contains(UInt8(ascii: "e")) || magnitude >= 1e16 else { return text }
    let (digits, exponent) = decimal(text)
    let sign = value < 0 ? "-" : ""
    if exponent < -4 || exponent >= 16 {
      let rest = digits.dropFirst()
      let power = (exponent < 0 ? "-" : "+") + (abs(exponent) < 10 ? "0" : "") + String(abs(exponent))
      return sign + String(digits.prefix(1)) + (rest.isEmpty ? "" : "." + rest) + "e" + power
    }
    let padded = digits + String(repeating: "0", count: max(0, exponent + 1 - digits.count))
    let fraction = padded.dropFirst(exponent + 1)
    return sign + padded.prefix(exponent + 1) + "." + (fraction.isEmpty ? "0" : fraction)
  }

  /// The significant digits of a printed number and the power of ten of the first.
  private static func decimal(_ text: String) -> (digits: String, exponent: Int) {
    let parts = text.drop { $0 == "-" }.split(separator: "e")
    let number = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let whole = String(number[0])
    let all = whole + (number.count > 1 ? String(number[1]) : "")
    let leading = all.prefix { $0 == "0" }.count
    var digits = String(all.dropFirst(leading))
    while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
    let power = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    return (digits, whole.count - 1 - leading + power)
  }

  /// `repr` of a string.
  static func quoted(_ text: String) -> String {
    let hasSingle = text.utf8.contains(UInt8(ascii: "'"))
    let quote: Unicode.Scalar = hasSingle && !text.utf8.contains(UInt8(ascii: "\"")) ? "\"" : "'"
    var output = String.UnicodeScalarView([quote])
    for scalar in text.unicodeScalars {
      switch scalar {
      case quote, "\\":
        output.append("\\")
        output.append(scalar)
      case "\n": output.append(contentsOf: "\\n".unicodeScalars)
      case "\r": output.append(contentsOf: "\\r".unicodeScalars)
      case "\t": output.append(contentsOf: "\\t".unicodeScalars)
      default:
        if isPrintable(scalar) {
          output.append(scalar)
        } else {
          output.append(contentsOf: escape(scalar).unicodeScalars)
        }
      }
    }
    output.append(quote)
    return String(output)
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    switch scalar.value {
    case ..<0x100: "\\x" + hex(scalar.value, digits: 2)
    case ..<0x10000: "\\u" + hex(scalar.value, digits: 4)
    default: "\\U" + hex(scalar.value, digits: 8)
    }
  }

  static func hex(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
    case .spaceSeparator: scalar == " "
    default: true
    }
  }
}
