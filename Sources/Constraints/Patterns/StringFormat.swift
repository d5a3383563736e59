/// The words of `format` that are enforced, each as an expression that is a part of its RFC's grammar: a part, where the
/// whole would need counting (253 bytes of a host name) or has corners that nobody means (a leap second).
enum StringFormat: String, Sendable, CaseIterable {
  case dateTime = "date-time"
  case date, time, duration, email, hostname, ipv4, ipv6, uri, uuid
  case uriReference = "uri-reference"
  case jsonPointer = "json-pointer"

  /// An expression for the whole string.
  var pattern: String {
    switch self {
    case .date: Self.day
    case .time: Self.clock
    case .dateTime: "(?:\(Self.day))T\(Self.clock)"
    case .duration: Self.span
    case .email: "\(Self.atom){1,30}(?:\\.\(Self.atom){1,15}){0,2}@\(Self.label)(?:\\.\(Self.label)){1,4}"
    case .hostname: "\(Self.label)(?:\\.\(Self.label)){0,4}"
    case .ipv4: "\(Self.octet)(?:\\.\(Self.octet)){3}"
    case .ipv6: Self.groups
    case .uuid: "\(Self.hex){8}-\(Self.hex){4}-\(Self.hex){4}-\(Self.hex){4}-\(Self.hex){12}"
    case .uri: "\(Self.scheme):\(Self.address)+(?:#\(Self.address)*)?"
    case .uriReference: "(?:\(Self.scheme):\(Self.address)+|[/?]\(Self.address)*)?(?:#\(Self.address)*)?"
    case .jsonPointer: "(?:/(?:[^~/]|~[01])*)*"
    }
  }

  private static let hex = "[0-9A-Fa-f]"
  private static let octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)"
  private static let atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
  private static let label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?"
  private static let scheme = "[A-Za-z][A-Za-z0-9+.-]{0,20}"
  private static let address = "(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})"
  private static let clock =
    "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)"

  /// Years 1000 to 9999; the 29th of February in leap years alone.
  private static let day =
    "[1-9]\\d{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)"
    + "|02-(?:0[1-9]|1\\d|2[0-8]))"
    + "|(?:[1-9]\\d(?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00)-02-29"

  private static let span: String = {
    let number = "\\d{1,6}"
    func units(_ a: String, _ b: String, _ c: String) -> String {
      "(?:\(number)\(a)(?:\(number)\(b)(?:\(number)\(c))?)?|\(number)\(b)(?:\(number)\(c))?|\(number)\(c))"
    }
    let time = "T\(units("H", "M", "S"))"
    return "P(?:\(units("Y", "M", "D"))(?:\(time))?|\(time)|\(number)W)"
  }()

  private static let groups: String = {
    let group = "\(hex){1,4}"
    var forms = ["(?:\(group):){7}\(group)", "(?:\(group):){1,7}:", ":(?:(?::\(group)){1,7}|:)"]
    for count in 1...6 { forms.append("(?:\(group):){1,\(7 - count)}(?::\(group)){1,\(count)}") }
    return forms.joined(separator: "|")
  }()
}
