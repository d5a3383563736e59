internal import Records
internal import Torch

/// What a row drew.
struct DrawnToken {
  let token: Int32
  let logProbability: Float
}

/// The memory and the operands of a batch's steps.
final class BatchSpace {
  private let capacity: Int
  private var spaces: [ObjectIdentifier: (policy: ServedPolicy, space: DecodingSpace)] = [:]

  /// Room for as many tokens a step.
  init(rows: Int) { capacity = rows }

  /// One pass through the model: draws a token for every row, and reads the pieces into their prompts' caches. Changes
  /// nothing else, so what failed may be tried again.
  func compute(_ rows: [BatchRow], _ pieces: [PromptPiece]) throws(TorchError) -> [DrawnToken] {
    var policies: [ServedPolicy] = []
    for policy in (rows.map(\.reading) + pieces.map(\.reading)).map(\.share.policy)
    where !policies.contains(where: { $0 === policy }) {
      policies.append(policy)
    }
    var drawn: [DrawnToken] = []
    for policy in policies {
      drawn += try compute(
        policy, rows.filter { $0.reading.share.policy === policy },
        pieces.filter { $0.reading.share.policy === policy })
    }
    return drawn
  }

  private func compute(_ policy: ServedPolicy, _ rows: [BatchRow], _ pieces: [PromptPiece]) throws(TorchError)
    -> [DrawnToken]
  {
    var tokens: [Int32] = []
    var positions: [Int64] = []
    var caches = CacheRows()
    var draws: [Draw] = []
    for row in rows {
      tokens.append(row.token)
      positions.append(Int64(row.position))
      caches.append(row.prefix, shared: row.shared, suffix: row.suffix, own: row.own)
      let command = row.command
      draws.append(
        Draw(
          temperature: command.temperature, topP: command.topP, minP: command.minP, topK: command.topK,
          uniform: row.stream.uniform(at: row.answer.count)))
    }
    for piece in pieces {
      guard let cache = piece.reading.cache else { preconditionFailure("a prompt is read into a cache") }
      for position in piece.positions {
        tokens.append(piece.reading.command.prompt[position])
        positions.append(Int64(position))
        caches.append(cache, shared: 0, suffix: cache, own: position)
      }
    }
    var drawn = [Drawn](repeating: Drawn(), count: draws.count)
    try withoutGradients { () throws(TorchError) in
      try space(of: policy).next(tokens, positions: positions, rows: caches, draws: draws, into: &drawn)
    }
    return drawn.map { DrawnToken(token: $0.token, logProbability: $0.logProbability) }
  }

  private func space(of policy: ServedPolicy) throws(TorchError) -> DecodingSpace {
    if let known = spaces[ObjectIdentifier(policy)] { return known.space }
    let made = try DecodingSpace(policy.decoder, rows: capacity)
    spaces[ObjectIdentifier(policy)] = (policy, made)
    return made
  }
}
