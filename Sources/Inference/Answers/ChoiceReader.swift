import Records
import Tokenization

/// Makes one choice's events out of its tokens: text in whole characters, thoughts and calls told apart, and the end where
/// a stop string is complete.
///
/// Stop strings count in what is said, calls included, and not in what is thought. One that cuts a call, or a document
/// that was asked for, ends the choice as a limit would: what is there must not be taken for whole.
struct ChoiceReader: Sendable {
  private let choice: Int
  private let tokenizer: Tokenizer
  /// Tokens that end the choice and write nothing.
  private let endIDs: Set<Int32>
  private let keepsSpecialTokens: Bool
  private let allowsFurtherCalls: Bool
  private let mustCall: Bool
  private var decoder: StreamingDecoder
  private var splitter: ReasoningSplitter
  private var stops: StopStrings
  private var calls: ToolCallParser?
  private var callCount = 0
  private var hasEndedCall = false
  private var isInsideCall = false
  /// What was said, where it is to be a document; nil where it is just text.
  private var document: String?
  private var tokens: [Int32] = []
  private var reasoningTokens = 0
  /// Whether the choice has ended, be it before the model was done.
  private(set) var hasEnded = false

  init(
    choice: Int, _ text: ModelText, _ request: AnswerRequest, _ reasoning: ReasoningSplitter.Mode,
    endIDs: Set<Int32>
  ) {
    self.choice = choice
    tokenizer = text.tokenizer
    self.endIDs = endIDs
    keepsSpecialTokens = request.keepsSpecialTokens
    allowsFurtherCalls = request.allowsParallelToolCalls
    mustCall = request.toolChoice != .auto && request.toolChoice != .none
    decoder = StreamingDecoder(text.tokenizer, skippingSpecial: false)
    splitter = ReasoningSplitter(reasoning)
    stops = StopStrings(request.stop)
    if request.format != .text, !request.stop.isEmpty { document = "" }
    let names = Set(request.tools.map(\.name))
    if !names.isEmpty { calls = ToolCallParser(text.syntax, names: names) }
  }

  /// How many tokens were drawn.
  var count: Int { tokens.count }

  mutating func take(_ token: AnswerToken) -> [AnswerEvent] {
    guard !hasEnded else { return [] }
    var token = token
    token.isShown = !endIDs.contains(token.id) && isVisible(token.id)
    tokens.append(token.id)
    let wasInside = splitter.isInside
    var events: [AnswerEvent] = []
    if token.isShown { read(decoder.push(token.id), &events) }
    if wasInside || splitter.isInside { reasoningTokens += 1 }
    attach(token, to: &events)
    if stops.match != nil {
      let isCut = isCut
      if calls != nil { tell(calls?.finish() ?? [], &events) }
      end(because: isCut ? .length : nil, &events)
    } else if hasEndedCall, !allowsFurtherCalls {
      end(because: nil, &events)
    }
    return events
  }

  /// The events of the end that the model's worker reports.
  mutating func end(_ reason: ServeEvent.EndReason) -> [AnswerEvent] {
    guard !hasEnded else { return [] }
    var events: [AnswerEvent] = []
    read(decoder.finish(), &events)
    for piece in splitter.finish() { read(piece, &events) }
    if stops.match == nil { say(stops.finish(), &events) }
    let isCut = stops.match != nil && isCut
    if calls != nil { tell(calls?.finish() ?? [], &events) }
    end(because: isCut ? .length : stops.match == nil ? reason : nil, &events)
    return events
  }

  private func isVisible(_ id: Int32) -> Bool {
    guard !keepsSpecialTokens, tokenizer.isSpecial(id) else { return true }
    guard calls != nil, let text = tokenizer.token(of: id) else { return false }
    return ToolCallSyntax.visibleTokens.contains(text)
  }

  private mutating func read(_ text: String, _ events: inout [AnswerEvent]) {
    for piece in splitter.push(text) { read(piece, &events) }
  }

  private mutating func read(_ piece: ReasoningSplitter.Piece, _ events: inout [AnswerEvent]) {
    switch piece {
    case .reasoning(let text): events.append(.reasoning(choice: choice, text))
    case .answer(let text): say(stops.push(text), &events)
    }
  }

  /// Whether something is missing of the call or the document that was begun or asked for.
  private var isCut: Bool {
    if isInsideCall || calls?.isInsideCall == true { return true }
    guard callCount == 0 else { return false }
    return mustCall || document.map { (try? JSONValue(parsing: $0)) == nil } ?? false
  }

  private mutating func say(_ text: String, _ events: inout [AnswerEvent]) {
    guard !text.isEmpty else { return }
    document?.append(text)
    if calls == nil {
      events.append(.text(choice: choice, text, tokens: []))
    } else {
      tell(calls?.push(text) ?? [], &events)
    }
  }

  private mutating func tell(_ pieces: [ToolCallParser.Piece], _ events: inout [AnswerEvent]) {
    for piece in pieces where !hasEndedCall || allowsFurtherCalls {
      switch piece {
      case .text(let text): events.append(.text(choice: choice, text, tokens: []))
      case .began(let name):
        events.append(
          .toolCallBegan(choice: choice, index: callCount, id: Self.newCallID(), name: name))
        callCount += 1
        isInsideCall = true
      case .arguments(let text):
        events.append(.toolCallArguments(choice: choice, index: callCount - 1, text))
      case .ended:
        hasEndedCall = true
        isInsideCall = false
      }
    }
  }

  private func attach(_ token: AnswerToken, to events: inout [AnswerEvent]) {
    for (place, event) in events.enumerated() {
      if case .text(_, let text, _) = event {
        events[place] = .text(choice: choice, text, tokens: [token])
        return
      }
    }
    events.insert(.text(choice: choice, "", tokens: [token]), at: 0)
  }

  private mutating func end(because reason: ServeEvent.EndReason?, _ events: inout [AnswerEvent]) {
    hasEnded = true
    let finish: FinishReason =
      if reason == .length {
        .length
      } else if let stop = stops.match {
        callCount > 0 ? .toolCalls : .stopString(stop)
      } else {
        callCount > 0 ? .toolCalls : .stop
      }
    events.append(
      .ended(
        choice: choice, finish,
        ChoiceReport(
          completionTokens: tokens.count, reasoningTokens: reasoningTokens, tokens: tokens)))
  }

  private static func newCallID() -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
    return "call_"
      + String(decoding: (0..<24).map { _ in letters[Int.random(in: 0..<letters.count)] }, as: UTF8.self)
  }
}
