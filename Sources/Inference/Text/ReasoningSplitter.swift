/// Parts a text that comes in pieces into the thinking before an answer and the answer.
///
/// Thinking stands between `<think>` and `</think>` at the beginning of the text, or from the beginning where the
/// prompt has opened it. Line ends around it belong to neither side.
struct ReasoningSplitter: Sendable {
  enum Piece: Sendable, Hashable {
    case reasoning(String)
    case answer(String)
  }

  /// Whether a model thinks before it answers.
  enum Mode: Sendable, Hashable {
    /// Never: everything is the answer.
    case never
    /// The answer may begin with `<think>`.
    case mayBegin
    /// The prompt ends inside of the thinking.
    case hasBegun
  }

  private enum Place { case opening, inside, after, answer }
  static let open = Array("<think>".utf8)
  static let close = Array("</think>".utf8)

  private var place: Place
  /// What may be (part of) a tag, and line ends before it.
  private var held: [UInt8] = []
  /// Whether line ends at this place are left out.
  private var isAtEdge = false

  init(_ mode: Mode) {
    switch mode {
    case .never: place = .answer
    case .mayBegin: place = .opening
    case .hasBegun:
      place = .inside
      isAtEdge = true
    }
  }

  var isInside: Bool { place == .inside }

  mutating func push(_ text: String) -> [Piece] {
    if place == .answer { return text.isEmpty ? [] : [.answer(text)] }
    var reasoning: [UInt8] = []
    var answer: [UInt8] = []
    for byte in text.utf8 { take(byte, &reasoning, &answer) }
    return Self.pieces(reasoning, answer)
  }

  /// What was held back.
  mutating func finish() -> [Piece] {
    defer { held = [] }
    return place == .inside ? Self.pieces(held, []) : Self.pieces([], held)
  }

  private static func pieces(_ reasoning: [UInt8], _ answer: [UInt8]) -> [Piece] {
    var pieces: [Piece] = []
    if !reasoning.isEmpty { pieces.append(.reasoning(String(decoding: reasoning, as: UTF8.self))) }
    if !answer.isEmpty { pieces.append(.answer(String(decoding: answer, as: UTF8.self))) }
    return pieces
  }

  private mutating func take(_ byte: UInt8, _ reasoning: inout [UInt8], _ answer: inout [UInt8]) {
    switch place {
    case .opening:
      held.append(byte)
      let start = held.drop { $0.isJSONSpace }
      if start.elementsEqual(Self.open) {
        held = []
        place = .inside
        isAtEdge = true
      } else if !Self.open.starts(with: start) {
        answer += held
        held = []
        place = .answer
      }
    case .inside:
      if isAtEdge, byte == 0x0A { return }
      isAtEdge = false
      held.append(byte)
      while !held.isEmpty {
        let tag = held.drop { $0 == 0x0A }
        if tag.elementsEqual(Self.close) {
          held = []
          place = .after
          return
        }
        if Self.close.starts(with: tag) { return }
        reasoning.append(held.removeFirst())
      }
    case .after:
      if byte == 0x0A || byte == 0x0D { return }
      place = .answer
      answer.append(byte)
    case .answer: answer.append(byte)
    }
  }
}

extension UInt8 {
  /// White space between JSON's tokens.
  var isJSONSpace: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }
}
