/// The words of `format` that are checked, each by its RFC's grammar.
enum SchemaFormat: String, Sendable, CaseIterable {
  case dateTime = "date-time"
  case date, time, duration, email, hostname, ipv4, ipv6, uri, uuid
  case uriReference = "uri-reference"
  case jsonPointer = "json-pointer"
  case regex

  func holds(for text: String) -> Bool {
    let bytes = Array(text.utf8)
    switch self {
    case .date: return Self.isDate(bytes[...])
    case .time: return Self.isTime(bytes[...])
    case .dateTime:
      guard bytes.count > 11, bytes[10] | 0x20 == UInt8(ascii: "t") else { return false }
      return Self.isDate(bytes[..<10]) && Self.isTime(bytes[11...])
    case .duration: return Self.isDuration(bytes)
    case .email: return Self.isEmail(bytes)
    case .hostname: return Self.isHostname(bytes[...])
    case .ipv4: return Self.isIPv4(bytes[...])
    case .ipv6: return Self.isIPv6(bytes)
    case .uri: return Self.isURI(bytes, needsScheme: true)
    case .uriReference: return Self.isURI(bytes, needsScheme: false)
    case .uuid:
      return bytes.count == 36
        && bytes.enumerated().allSatisfy {
          [8, 13, 18, 23].contains($0) ? $1 == UInt8(ascii: "-") : Self.isHex($1)
        }
    case .jsonPointer:
      guard text.isEmpty || bytes[0] == UInt8(ascii: "/") else { return false }
      return bytes.indices.allSatisfy { index in
        guard bytes[index] == UInt8(ascii: "~") else { return true }
        return index + 1 < bytes.count && (0x30...0x31).contains(bytes[index + 1])
      }
    case .regex: return (try? Pattern(ecma: text)) != nil
    }
  }

  // MARK: - Bytes

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
  private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
  private static func isHex(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- 0x61 < 6 }

  /// The value of a run of digits of one length; nil when they are something else.
  private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
    bytes.isEmpty || !bytes.allSatisfy(isDigit) ? nil : bytes.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  // MARK: - Dates and times (RFC 3339)

  /// `2026-02-28`, a day that the calendar has.
  private static func isDate(_ bytes: ArraySlice<UInt8>) -> Bool {
    let dash = UInt8(ascii: "-")
    let start = bytes.startIndex
    guard bytes.count == 10, bytes[start + 4] == dash, bytes[start + 7] == dash,
      let year = number(bytes[start..<start + 4]), let month = number(bytes[start + 5..<start + 7]),
      let day = number(bytes[start + 8..<start + 10])
    else { return false }
    return CalendarDay(year: year, month: month, day: day) != nil
  }

  /// `14:30:00.5+02:00`; the zone must be there. A second of 60 is for 23:59 UTC alone, where leap seconds are.
  private static func isTime(_ bytes: ArraySlice<UInt8>) -> Bool {
    let colon = UInt8(ascii: ":")
    let start = bytes.startIndex
    guard bytes.count >= 9, bytes[start + 2] == colon, bytes[start + 5] == colon,
      let hour = number(bytes[start..<start + 2]), let minute = number(bytes[start + 3..<start + 5]),
      let second = number(bytes[start + 6..<start + 8]), hour < 24, minute < 60, second <= 60
    else { return false }
    var rest = bytes[(start + 8)...]
    if rest.first == UInt8(ascii: ".") {
      let digits = rest.dropFirst().prefix(while: isDigit)
      guard !digits.isEmpty else { return false }
      rest = rest[digits.endIndex...]
    }
    guard let sign = rest.first else { return false }
    var offset = 0
    if sign | 0x20 == UInt8(ascii: "z") {
      guard rest.count == 1 else { return false }
    } else {
      let place = rest.startIndex
      guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), rest.count == 6, rest[place + 3] == colon,
        let hours = number(rest[place + 1..<place + 3]), let minutes = number(rest[place + 4..<place + 6]),
        hours < 24, minutes < 60
      else { return false }
      offset = (sign == UInt8(ascii: "-") ? -1 : 1) * (hours * 60 + minutes)
    }
    let universal = (hour * 60 + minute - offset + 2 * 1440) % 1440
    return second < 60 || universal == 1439
  }

  /// `P3DT12H`, `P2W` (RFC 3339, appendix A): units in order, none left out between two, something after `T`.
  private static func isDuration(_ bytes: [UInt8]) -> Bool {
    guard bytes.first == UInt8(ascii: "P"), bytes.count > 2 else { return false }
    var units = Array("YMD".utf8)[...]
    var isTime = false
    var hasUnit = false
    var last: Int?
    var index = 1
    if bytes.last == UInt8(ascii: "W") { return bytes[1..<bytes.count - 1].allSatisfy(isDigit) }
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "T"), !isTime {
        (isTime, units, hasUnit, last) = (true, Array("HMS".utf8)[...], false, nil)
        index += 1
        continue
      }
      let digits = bytes[index...].prefix(while: isDigit)
      guard !digits.isEmpty, digits.endIndex < bytes.count,
        let place = units.firstIndex(of: bytes[digits.endIndex])
      else { return false }
      if let last, place != last + 1 { return false }
      (last, hasUnit) = (place, true)
      units = units[(place + 1)...]
      index = digits.endIndex + 1
    }
    return hasUnit
  }

  // MARK: - Names and addresses

  /// A mailbox of RFC 5321 without quoted local parts and address literals.
  private static func isEmail(_ bytes: [UInt8]) -> Bool {
    guard let at = bytes.lastIndex(of: UInt8(ascii: "@")), at > 0, at <= 64 else { return false }
    let local = bytes[..<at].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let isAtom = { (byte: UInt8) in
      isDigit(byte) || isLetter(byte) || byte >= 0x80 || "!#$%&'*+/=?^_`{|}~-".utf8.contains(byte)
    }
    return local.allSatisfy { !$0.isEmpty && $0.allSatisfy(isAtom) } && isHostname(bytes[(at + 1)...])
  }

  /// Labels of letters, digits and hyphens (RFC 1123): 1 to 63 bytes each, no hyphen at the ends, 253 bytes in all.
  private static func isHostname(_ bytes: ArraySlice<UInt8>) -> Bool {
    let hyphen = UInt8(ascii: "-")
    let labels = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return bytes.count <= 253
      && labels.allSatisfy { label in
        (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
          && label.allSatisfy { isDigit($0) || isLetter($0) || $0 == hyphen }
      }
  }

  /// Four numbers to 255 without leading zeros.
  private static func isIPv4(_ bytes: ArraySlice<UInt8>) -> Bool {
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        (1...3).contains(part.count) && (part.count == 1 || part.first != UInt8(ascii: "0"))
          && (number(part) ?? 256) < 256
      }
  }

  /// Eight groups of up to four hexadecimal digits, one run of them left out as `::`, the last two perhaps as IPv4
  /// (RFC 4291). A zone (`%eth0`) is no part of an address.
  private static func isIPv6(_ bytes: [UInt8]) -> Bool {
    var groups = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard groups.count > 2 else { return false }
    var missing = 0
    if let tail = groups.last, tail.contains(UInt8(ascii: ".")) {
      guard isIPv4(tail) else { return false }
      groups[groups.count - 1] = Array("0".utf8)[...]
      missing = 1
    }
    var isShortened = false
    if groups[0].isEmpty {
      guard groups[1].isEmpty else { return false }
      groups.removeFirst()
    }
    if groups[groups.count - 1].isEmpty {
      guard groups[groups.count - 2].isEmpty else { return false }
      groups.removeLast()
    }
    for group in groups {
      if group.isEmpty {
        if isShortened { return false }
        isShortened = true
      } else if group.count > 4 || !group.allSatisfy(isHex) {
        return false
      }
    }
    let written = groups.count + missing - (isShortened ? 1 : 0)
    return isShortened ? written < 8 : written == 8
  }

  /// RFC 3986: a scheme, and only characters that a URI may hold, percent signs before two hexadecimal digits.
  /// The parts of the hierarchy are not taken apart.
  private static func isURI(_ bytes: [UInt8], needsScheme: Bool) -> Bool {
    let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
    let scheme = colon.map { bytes[..<$0] }
    let hasScheme =
      scheme.map { scheme in
        scheme.first.map(isLetter) ?? false
          && scheme.allSatisfy { isDigit($0) || isLetter($0) || "+-.".utf8.contains($0) }
      } ?? false
    if needsScheme, !hasScheme { return false }
    // Without a scheme, no colon may stand in the first segment of a path.
    if !hasScheme, let scheme, !scheme.contains(where: { "/?#".utf8.contains($0) }) { return false }
    var fragments = 0
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "%"):
        guard index + 2 < bytes.count, isHex(bytes[index + 1]), isHex(bytes[index + 2]) else { return false }
      case UInt8(ascii: "#"):
        fragments += 1
        if fragments > 1 { return false }
      default:
        guard isDigit(byte) || isLetter(byte) || "-._~:/?[]@!$&'()*+,;=".utf8.contains(byte) else {
          return false
        }
      }
    }
    return true
  }
}
