internal import Records
internal import Torch

/// The memory and the operands of a batch's steps.
final class BatchSpace {
  private let decoder: Decoder
  private let rows, drawing: Int
  private var space: DecodingSpace?
  private var caches = CacheRows()

  /// What a step made.
  struct Outcome {
    /// Of each row.
    var drawn: [Drawn] = []
    var likely: [[LikelyToken]] = []
    /// Of each piece; empty where no scores are wanted.
    var scores: [[TokenScore]] = []
  }

  /// Room for as many tokens a step, of which `drawing` are rows.
  init(_ decoder: Decoder, rows: Int, drawing: Int) {
    self.decoder = decoder
    self.rows = rows
    self.drawing = drawing
  }

  private func ready() throws(TorchError) -> DecodingSpace {
    if let space { return space }
    let made = try DecodingSpace(decoder, rows: rows, drawing: drawing)
    space = made
    return made
  }

  /// One pass through the model: draws a token for every row, and reads the pieces into their prompts' memory. Changes
  /// nothing else, so what failed may be tried again.
  func compute(_ rows: [BatchRow], _ pieces: [PromptPiece]) throws(TorchError) -> Outcome {
    try withoutGradients { () throws(TorchError) in
      let space = try ready()
      var tokens: [Int32] = []
      var positions: [Int64] = []
      var policies: [(policy: ServedPolicy, rows: Int)] = []
      func add(_ policy: ServedPolicy, rows: Int) {
        if policies.last?.policy === policy {
          policies[policies.count - 1].rows += rows
        } else {
          policies.append((policy, rows))
        }
      }
      defer { caches.removeAll() }
      for row in rows {
        tokens.append(row.token)
        positions.append(Int64(row.position))
        caches.append(row.sequence, ahead: row.ahead)
        add(row.reading.share.policy, rows: 1)
      }
      for piece in pieces {
        guard let sequence = piece.reading.sequence else {
          preconditionFailure("a prompt is read into memory")
        }
        for position in piece.positions {
          tokens.append(piece.reading.command.prompt[position])
          positions.append(Int64(position))
          caches.append(sequence, ahead: position - sequence.count)
        }
        add(piece.reading.share.policy, rows: piece.positions.count)
      }
      let isPlain = policies.allSatisfy { $0.policy.adapter == nil }
      let vocabulary = decoder.configuration.vocabulary
      var outcome = Outcome()
      outcome.drawn = Array(repeating: Drawn(), count: rows.count)
      outcome.likely = try space.next(
        tokens, positions: positions, rows: caches,
        groups: isPlain ? [] : policies.map { AdapterGroup($0.policy.adapter, rows: $0.rows) },
        draws: rows.map(\.draw), terms: rows.map { $0.drawTerms(vocabulary: vocabulary) },
        into: &outcome.drawn)
      var first = rows.count
      for piece in pieces {
        outcome.scores.append(try scores(piece, space, first: first))
        first += piece.positions.count
      }
      return outcome
    }
  }

  /// The tokens behind those of a piece, which are what its hidden states predict.
  private func scores(_ piece: PromptPiece, _ space: DecodingSpace, first: Int) throws(TorchError)
    -> [TokenScore]
  {
    let command = piece.reading.command
    guard command.scoresPrompt else { return [] }
    let targets = Array(command.prompt[piece.positions.lowerBound + 1...piece.positions.upperBound])
    let scores = try decoder.scores(
      space.hidden(first..<first + piece.positions.count), targets: targets,
      likelyCount: command.topCount ?? 0)
    return zip(targets, scores).map { target, score in
      TokenScore(
        token: target, logProbability: score.logProbability,
        top: score.likely.map { .init(token: $0.token, logProbability: $0.logProbability) })
    }
  }
}
