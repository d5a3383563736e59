/// Finds the calls in an answer that comes in pieces; everything else is text.
///
/// What looks like a call but is none stays text, up to the place where its arguments have begun: from there on it has
/// been told of. Arguments that break later go out as they are.
struct ToolCallParser: Sendable {
  enum Piece: Sendable, Hashable {
    case text(String)
    case began(name: String)
    case arguments(String)
    case ended
  }

  private enum Place {
    /// At the beginning of an answer, where a bare object would be a call.
    case start
    case text
    case call(isTagged: Bool)
    /// The call's JSON has broken after it was told of.
    case loose(isTagged: Bool)
    /// Behind a call's object: its closing tag may come.
    case closing
    case between
  }

  private let names: Set<String>
  private let allowsBare: Bool
  private let barePrefix: [UInt8]
  private let open: [UInt8]
  private let close: [UInt8]
  private var place: Place
  /// Reads the call that is open.
  private var scanner = ToolCallScanner(names: nil)
  /// What may be the beginning of a tag, and white space before it.
  private var held: [UInt8] = []
  private var text: [UInt8] = []
  private var pieces: [Piece] = []

  /// `names` are the functions that there are; a bare object is a call of one of them only.
  init(_ syntax: ToolCallSyntax, names: Set<String>) {
    self.names = names
    allowsBare = syntax.allowsBare
    barePrefix = syntax.barePrefix
    open = syntax.open
    close = syntax.close
    place = allowsBare ? .start : .text
  }

  mutating func push(_ more: String) -> [Piece] {
    for byte in more.utf8 { take(byte) }
    scanner.flush(&pieces)
    flushText()
    defer { pieces = [] }
    return pieces
  }

  /// Whether a tag has opened a call that is not whole, told of or not.
  var isInsideCall: Bool {
    switch place {
    case .call(let isTagged), .loose(let isTagged): isTagged
    case .start, .text, .closing, .between: false
    }
  }

  mutating func finish() -> [Piece] {
    switch place {
    case .start, .text: text += held
    case .call:
      // A call that was cut off after its arguments had begun stays one.
      if scanner.hasBegun { pieces.append(.ended) } else { text += held + scanner.raw }
    case .loose:
      scanner.takeLoosely(held)
      scanner.flush(&pieces)
      pieces.append(.ended)
    case .closing, .between: break
    }
    held = []
    place = .text
    flushText()
    defer { pieces = [] }
    return pieces
  }

  private mutating func flushText() {
    guard !text.isEmpty else { return }
    pieces.append(.text(String(decoding: text, as: UTF8.self)))
    text = []
  }

  private mutating func take(_ byte: UInt8) {
    switch place {
    case .start: takeAtStart(byte)
    case .text: takeInText(byte)
    case .call(let isTagged): takeInCall(byte, isTagged)
    case .loose(let isTagged): takeLoosely(byte, isTagged)
    case .closing:
      held.append(byte)
      let tag = held.drop { $0.isJSONSpace }
      if tag.elementsEqual(close) {
        held = []
        place = .between
      } else if !close.starts(with: tag) {
        place = .between
        takeAgain()
      }
    case .between:
      if byte.isJSONSpace { return }
      if allowsBare, byte == UInt8(ascii: ";") || byte == UInt8(ascii: "{") {
        place = .start
        if byte == UInt8(ascii: "{") { take(byte) }
        return
      }
      place = .text
      take(byte)
    }
  }

  /// Gives the bytes that were held back to the place that is now.
  private mutating func takeAgain() {
    let bytes = held
    held = []
    for byte in bytes { take(byte) }
  }

  private mutating func takeAtStart(_ byte: UInt8) {
    held.append(byte)
    let rest = held.drop { $0.isJSONSpace }
    if !barePrefix.isEmpty, rest.count <= barePrefix.count, barePrefix.starts(with: rest) { return }
    let body =
      !barePrefix.isEmpty && rest.starts(with: barePrefix) ? rest.dropFirst(barePrefix.count) : rest
    switch body.first(where: { !$0.isJSONSpace }) {
    case nil: return
    case UInt8(ascii: "{"):
      held.removeLast()
      beginCall(names: names, isTagged: false)
      take(byte)
    default:
      place = .text
      takeAgain()
    }
  }

  private mutating func takeInText(_ byte: UInt8) {
    guard !open.isEmpty else { return text.append(byte) }
    held.append(byte)
    while !held.isEmpty {
      let tag = held.drop { $0.isJSONSpace }
      if tag.elementsEqual(open) {
        return beginCall(names: nil, isTagged: true)
      }
      if open.starts(with: tag) { return }
      text.append(held.removeFirst())
    }
  }

  private mutating func beginCall(names: Set<String>?, isTagged: Bool) {
    // Text comes before the call that follows it.
    flushText()
    scanner = ToolCallScanner(names: names)
    place = .call(isTagged: isTagged)
  }

  private mutating func takeInCall(_ byte: UInt8, _ isTagged: Bool) {
    let progress = scanner.take(byte, &pieces)
    if scanner.hasBegun { held = [] }
    switch progress {
    case .going: return
    case .whole:
      scanner.flush(&pieces)
      pieces.append(.ended)
      place = isTagged ? .closing : .between
    case .broken where scanner.hasBegun:
      place = .loose(isTagged: isTagged)
      take(byte)
    case .broken:
      // The last byte may begin another tag.
      text += held + scanner.raw.dropLast()
      held = []
      place = .text
      take(byte)
    }
  }

  private mutating func takeLoosely(_ byte: UInt8, _ isTagged: Bool) {
    held.append(byte)
    if isTagged, held.elementsEqual(close) {
      held = []
      scanner.flush(&pieces)
      pieces.append(.ended)
      place = .between
      return
    }
    while !held.isEmpty, !isTagged || !close.starts(with: held) {
      scanner.takeLoosely([held.removeFirst()])
    }
  }
}
