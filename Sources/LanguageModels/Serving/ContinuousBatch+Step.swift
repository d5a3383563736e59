internal import Records
internal import Torch

extension ContinuousBatch {
  /// One token for every row, and some tokens of the prompts that wait.
  ///
  /// A command whose memory does not suffice, or whose numbers are not finite, is refused; the others go on.
  package mutating func step() -> StepReport {
    var report = StepReport()
    let pieces = pieces(&report)
    startRows(pieces, &report)
    for row in rows.indices.reversed() where rows.indices.contains(row) {
      do throws(TorchError) { try rows[row].makeRoom(shape) } catch {
        refuse(rows[row].reading, error, &report)
      }
    }
    let known = pieces.filter { piece in isHere(piece.reading) }
    if !rows.isEmpty || !known.isEmpty {
      compute(known, &report)
    } else {
      // Prompts of which nothing had to be read.
      announce(&report)
    }
    countMemory()
    return report
  }

  private func isHere(_ reading: PromptReading) -> Bool {
    readings.contains { $0 === reading } || rows.contains { $0.reading === reading }
  }

  private mutating func compute(_ pieces: [PromptPiece], _ report: inout StepReport) {
    do throws(TorchError) {
      take(try space.compute(rows, pieces), pieces, &report)
    } catch {
      // Somebody's fault, but whose? A step that failed changed nothing, so it can be taken again command by command.
      separate(pieces, &report)
    }
  }

  /// The step again, a command at a time; those that fail by themselves are refused.
  private mutating func separate(_ pieces: [PromptPiece], _ report: inout StepReport) {
    var whole = BatchSpace.Outcome()
    var kept: [PromptPiece] = []
    var seen: Set<ObjectIdentifier> = []
    // Rows of a prompt lie side by side, so what is put together here is in their order.
    for reading in rows.map(\.reading) + pieces.map(\.reading)
    where seen.insert(ObjectIdentifier(reading)).inserted {
      let own = pieces.filter { $0.reading === reading }
      do throws(TorchError) {
        let outcome = try space.compute(rows.filter { $0.reading === reading }, own)
        whole.drawn += outcome.drawn
        whole.likely += outcome.likely.isEmpty ? outcome.drawn.map { _ in [] } : outcome.likely
        whole.scores += outcome.scores
        kept += own
      } catch {
        refuse(reading, error, &report)
      }
    }
    take(whole, kept, &report)
  }

  /// Takes what a step has made: of the pieces, and of every row. Rows that end leave.
  private mutating func take(
    _ outcome: BatchSpace.Outcome, _ pieces: [PromptPiece], _ report: inout StepReport
  ) {
    precondition(outcome.drawn.count == rows.count, "every row must have a token")
    for (piece, scores) in zip(pieces, outcome.scores) { took(piece, scores, &report) }
    announce(&report)
    var goOn: [BatchRow] = []
    goOn.reserveCapacity(rows.count)
    for (place, row) in rows.enumerated() {
      var row = row
      let drawn = outcome.drawn[place]
      let id = row.command.id
      if let wanted = row.command.topCount, wanted > 0 {
        let likely = outcome.likely.isEmpty ? [] : outcome.likely[place]
        report.likely.append(
          .top(
            id: id, attempt: row.attempt,
            likely.map { .init(token: $0.token, logProbability: $0.logProbability) }))
      }
      report.tokens.append(
        .init(id: id, attempt: row.attempt, token: drawn.token, logProbability: drawn.logProbability))
      if let reason = row.take(drawn.token) {
        report.ended.append(.init(id: id, attempt: row.attempt, reason: reason))
        remember(row)
      } else {
        goOn.append(row)
      }
    }
    rows = goOn
  }
}
