internal import Records
internal import Torch

extension ContinuousBatch {
  /// Which tokens of which prompts the next step reads: the prompt that came first and the one that is shortest have
  /// half of the step each, and what they leave goes to the others in order of arrival.
  ///
  /// So a short prompt does not wait until a long one has been read, and a long one always goes on.
  mutating func pieces(_ report: inout StepReport) -> [PromptPiece] {
    var left = mostPromptTokens
    var pieces: [PromptPiece] = []
    for reading in readings where reading.end == 0 { begin(reading, &report) }
    let unread = readings.filter { $0.position < $0.end }
    guard let first = unread.first else { return [] }
    let shortest = unread.min { $0.end - $0.position < $1.end - $1.position } ?? first
    func take(_ reading: PromptReading, atMost most: Int) {
      begin(reading, &report)
      guard readings.contains(where: { $0 === reading }), reading.position < reading.end else { return }
      var count = min(reading.end - reading.position, most)
      // Whole blocks but at the end, so that every piece leaves something for the others.
      if count < reading.end - reading.position { count -= (reading.position + count) % KeyValueCache.block }
      guard count > 0, !pieces.contains(where: { $0.reading === reading }) else { return }
      pieces.append(PromptPiece(reading: reading, positions: reading.position..<reading.position + count))
      left -= count
    }
    if shortest !== first { take(shortest, atMost: left / 2) }
    for reading in [first] + unread where left > 0 { take(reading, atMost: left) }
    return pieces
  }

  private mutating func begin(_ reading: PromptReading, _ report: inout StepReport) {
    guard !reading.hasBegun else { return }
    do throws(TorchError) {
      try reading.begin(shape, prefixes)
      report.cachedTokens += reading.cached
      report.promptTokens += reading.cached
    } catch {
      refuse(reading, error, &report)
    }
  }

  /// Gives rows to attempts whose prompts will have been read when the step has read its pieces.
  mutating func startRows(_ pieces: [PromptPiece], _ report: inout StepReport) {
    for reading in readings where reading.hasBegun && reading.command.maxTokens > 0 {
      let ahead = pieces.first { $0.reading === reading }?.positions.count ?? 0
      // Attempts that share a prompt copy its last block, so it must be there already.
      guard reading.position + ahead == reading.end, reading.isSingle || ahead == 0 else { continue }
      while rows.count < maxRows, let attempt = reading.unstarted.first {
        do throws(TorchError) {
          let row = try BatchRow(reading, attempt: attempt, ahead: ahead, shape)
          reading.unstarted.removeFirst()
          if reading.isSingle, ahead == 0 { reading.handOver() }
          if row.isOver {
            report.ended.append(.init(id: row.command.id, attempt: attempt, reason: .complete))
          } else {
            rows.insert(row, at: place(for: row))
          }
        } catch {
          refuse(reading, error, &report)
          break
        }
      }
    }
    readings.removeAll(where: \.unstarted.isEmpty)
  }

  /// Behind the rows of the same prompt, or else of the same policy.
  private func place(for row: BatchRow) -> Int {
    let beside =
      rows.lastIndex { $0.reading === row.reading }
      ?? rows.lastIndex { $0.reading.share.policy === row.reading.share.policy }
    return beside.map { $0 + 1 } ?? rows.count
  }

  /// Takes note of what a step has read.
  func took(_ piece: PromptPiece, _ scores: [TokenScore], _ report: inout StepReport) {
    let reading = piece.reading
    reading.advance(by: piece.positions.count)
    reading.scores += scores
    report.promptTokens += piece.positions.count
    guard let sequence = reading.sequence else { preconditionFailure("a prompt is read into memory") }
    try? prefixes.keep(
      reading.share.policy.name, reading.command.prompt[..<reading.position],
      source: sequence.place(ofBlock:))
    if reading.isSingle, reading.unstarted.isEmpty { reading.handOver() }
  }

  /// Says of prompts that they have been read; commands that wanted nothing else end.
  mutating func announce(_ report: inout StepReport) {
    for reading in readings + rows.map(\.reading) where reading.isRead && !reading.isAnnounced {
      reading.isAnnounced = true
      let command = reading.command
      reading.share.announcement.make(
        .prompt(
          id: command.id, cached: reading.cached, scores: command.scoresPrompt ? reading.scores : nil))
      guard command.maxTokens == 0 else { continue }
      report.ended += reading.unstarted.map { .init(id: command.id, attempt: $0, reason: .length) }
      readings.removeAll { $0 === reading }
    }
  }

  mutating func refuse(_ reading: PromptReading, _ error: TorchError, _ report: inout StepReport) {
    abandon(reading)
    report.refused.append((reading.command.id, error))
  }
}
