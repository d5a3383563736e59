internal import Records
internal import Torch

/// An attempt that is being sampled.
struct BatchRow {
  let reading: PromptReading
  let attempt: Int
  private let stream: RandomStream
  private(set) var sequence: SequenceCache
  /// Tokens of the prompt that the next step reads before this row's own.
  private(set) var ahead: Int
  /// The token that is fed next: the prompt's last one, then the answer's.
  private(set) var token: Int32
  private(set) var answer: [Int32] = []
  private var terms: LogitTerms
  private var form: (any AnswerState)?

  /// An attempt at a prompt that has been read, or will have been when the next step has read `ahead` more tokens.
  init(_ reading: PromptReading, attempt: Int, ahead: Int, _ shape: CacheShape) throws(TorchError) {
    guard let sequence = reading.sequence, let cache = reading.cache, let last = reading.command.prompt.last
    else { preconditionFailure("an attempt begins when its prompt has memory") }
    self.reading = reading
    self.attempt = attempt
    self.ahead = ahead
    stream = RandomStream(seed: reading.command.seeds[attempt])
    token = last
    terms = LogitTerms(reading.command)
    form = reading.share.form?.begin()
    self.sequence =
      reading.isSingle
      ? sequence
      : try SequenceCache(
        cache, length: reading.end, attention: shape.attention, positions: reading.firstRoom)
  }

  var command: CompletionCommand { reading.command }
  /// The position of the next token.
  var position: Int { sequence.count + ahead }
  /// Whether nothing may be written any more.
  var isOver: Bool { form?.isOver == true }

  /// Makes room for the next token.
  mutating func makeRoom(_ shape: CacheShape) throws(TorchError) {
    try sequence.makeRoom(for: ahead + 1, attention: shape.attention, limit: reading.limit)
  }

  /// Takes the token that was drawn; why the answer ends with it, if it does.
  mutating func take(_ drawn: Int32) -> ServeEvent.EndReason? {
    sequence.advance(by: ahead + 1)
    ahead = 0
    token = drawn
    answer.append(drawn)
    if reading.stopIDs.contains(drawn) { return .stop }
    terms.take(drawn)
    form?.take(drawn)
    if isOver { return .complete }
    return answer.count >= command.maxTokens ? .length : nil
  }

  // MARK: How its next token is drawn

  /// Below it a draw is greedy: logits divided by less could leave float32.
  private static let leastTemperature = 1e-5

  var draw: Draw {
    let command = command
    return Draw(
      temperature: command.temperature < Self.leastTemperature ? 0 : command.temperature, topP: command.topP,
      minP: command.minP, topK: command.topK,
      uniform: stream.uniform(at: answer.count))
  }

  func drawTerms(vocabulary: Int) -> DrawTerms {
    DrawTerms(
      adjustments: terms.adjustments, allowed: allowed(vocabulary: vocabulary),
      likelyCount: command.topCount ?? 0)
  }

  /// Tokens that may be drawn; nil when all may.
  private func allowed(vocabulary: Int) -> [UInt32]? {
    let isTooShort = answer.count < command.minTokens && !reading.stopIDs.isEmpty
    guard form != nil || isTooShort else { return nil }
    let all = form?.allowed() ?? Self.everything(vocabulary)
    guard isTooShort else { return all }
    var longer = all
    for id in reading.stopIDs { longer[Int(id) / 32] &= ~(1 << UInt32(id % 32)) }
    // An answer that cannot go on ends, however short it is.
    return longer.contains { $0 != 0 } ? longer : all
  }

  private static func everything(_ vocabulary: Int) -> [UInt32] {
    var words = Array(repeating: UInt32.max, count: (vocabulary + 31) / 32)
    if vocabulary % 32 != 0 { words[words.count - 1] = (1 << UInt32(vocabulary % 32)) - 1 }
    return words
  }
}
