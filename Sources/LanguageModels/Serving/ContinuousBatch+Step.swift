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
    if !rows.isEmpty || !known.isEmpty { compute(known, &report) }
    countMemory()
    return report
  }

  private func isHere(_ reading: PromptReading) -> Bool {
    readings.contains { $0 === reading } || rows.contains { $0.reading === reading }
  }

  private mutating func compute(_ pieces: [PromptPiece], _ report: inout StepReport) {
    do throws(TorchError) {
      let drawn = try space.compute(rows, pieces)
      for piece in pieces { took(piece, &report) }
      announce(&report)
      take(drawn, &report)
    } catch {
      // Somebody's fault, but whose? A step that failed changed nothing, so it can be taken again command by command.
      separate(pieces, &report)
    }
  }

  /// The step again, a command at a time; those that fail by themselves are refused.
  private mutating func separate(_ pieces: [PromptPiece], _ report: inout StepReport) {
    var all: [PromptReading] = []
    for reading in rows.map(\.reading) + pieces.map(\.reading) where !all.contains(where: { $0 === reading })
    {
      all.append(reading)
    }
    var drawn: [DrawnToken] = []
    var kept: [PromptPiece] = []
    for reading in all {
      let own = pieces.filter { $0.reading === reading }
      do throws(TorchError) {
        drawn += try space.compute(rows.filter { $0.reading === reading }, own)
        kept += own
      } catch {
        refuse(reading, error, &report)
      }
    }
    for piece in kept { took(piece, &report) }
    announce(&report)
    // Rows of a prompt lie side by side, so this is their order.
    take(drawn, &report)
  }

  /// Takes the rows' tokens; those that end leave.
  private mutating func take(_ drawn: [DrawnToken], _ report: inout StepReport) {
    precondition(drawn.count == rows.count, "every row must have a token")
    var goOn: [BatchRow] = []
    goOn.reserveCapacity(rows.count)
    for row in rows.indices {
      let (token, command) = (drawn[row], rows[row].command)
      rows[row].own += 1
      rows[row].token = token.token
      rows[row].answer.append(token.token)
      report.tokens.append(
        .init(
          id: command.id, attempt: rows[row].attempt, token: token.token,
          logProbability: token.logProbability))
      guard let reason = reasonToEnd(rows[row]) else {
        goOn.append(rows[row])
        continue
      }
      report.ended.append(.init(id: command.id, attempt: rows[row].attempt, reason: reason))
      remember(rows[row])
    }
    rows = goOn
  }

  private func reasonToEnd(_ row: BatchRow) -> ServeEvent.EndReason? {
    if row.answer.last.map(row.command.stopIDs.contains) == true { return .stop }
    return row.answer.count >= row.command.maxTokens ? .length : nil
  }
}
