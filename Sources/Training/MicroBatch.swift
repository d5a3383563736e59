package import Records
package import Torch

/// Episodes that go through the model at once: groups packed as trees, the prompt of a group computed once.
package struct MicroBatch: Sendable {
  /// All tokens, trees one after the other. `[N]`
  package private(set) var ids: [Int32] = []
  package private(set) var trees: [TreeLayout.Tree] = []
  /// Rows of the hidden states that predict a trained token, and those tokens. `[M]` each.
  package private(set) var rows: [Int] = []
  package private(set) var targets: [Int32] = []
  /// The sampler's log-probability over the whole vocabulary of each trained token. `[M]`
  package private(set) var sampled: [Float] = []
  package private(set) var policyWeights: [Float] = []
  package private(set) var regularisationWeights: [Float] = []

  package var layout: TreeLayout { TreeLayout(trees) }

  /// Packs a step's groups, in order, into micro-batches of at most `limit` tokens, of about one size and as many
  /// as the shards share evenly.
  ///
  /// A group that is larger is parted, its prompt repeated. Beside a long prompt a part holds at least half of `limit`
  /// in answers, more tokens than asked for: else the prompt would be computed again for every answer. An episode that
  /// is larger alone is a micro-batch of its own. Weights carry their normalisation, so the split does not change the
  /// gradient.
  package static func pack(_ groups: [[CreditedEpisode]], tokens limit: Int, shards: Int = 1) -> [MicroBatch]
  {
    let total =
      groups.joined().reduce(0) { $0 + $1.episode.generatedCount }
      + groups.reduce(0) { $0 + ($1.first?.episode.lossMask.firstIndex(of: true) ?? 0) }
    // A budget beyond the step is the step: the product below must not overflow.
    let limit = min(limit, max(1, total))
    let rounds = (total + limit * shards - 1) / (limit * shards)
    // A little above the even share, so that the last episode of a part does not open another one.
    let share = total / max(1, rounds * shards)
    let budget = min(limit, share + share / 16)
    var batches: [MicroBatch] = []
    var current = MicroBatch()
    for group in groups {
      let trained = group.filter { $0.credit.regularisation.contains { $0 != 0 } }
      guard let first = trained.first else { continue }
      let prefix = first.episode.lossMask.firstIndex(of: true) ?? first.episode.tokens.count
      let most = max(budget, prefix + limit / 2)
      var open: [CreditedEpisode] = []
      var size = prefix
      for entry in trained {
        let length = entry.episode.tokens.count - prefix
        if !open.isEmpty, size + length > most {
          current.flush(into: &batches, unlessHolds: size, budget: budget)
          current.append(open, prefix: prefix)
          open = []
          size = prefix
        }
        open.append(entry)
        size += length
      }
      current.flush(into: &batches, unlessHolds: size, budget: budget)
      current.append(open, prefix: prefix)
    }
    if !current.ids.isEmpty { batches.append(current) }
    return batches
  }

  private mutating func flush(into batches: inout [MicroBatch], unlessHolds size: Int, budget: Int) {
    guard !ids.isEmpty, ids.count + size > budget else { return }
    batches.append(self)
    self = MicroBatch()
  }

  /// Adds one tree: the shared prompt, then every episode's own tokens but its last, which predicts nothing.
  private mutating func append(_ episodes: [CreditedEpisode], prefix: Int) {
    let root = ids.count
    ids += episodes[0].episode.tokens[..<prefix]
    var branches: [Int] = []
    for entry in episodes {
      let episode = entry.episode
      precondition(
        episode.tokens[..<prefix] == episodes[0].episode.tokens[..<prefix],
        "the episodes of a group must share their prompt")
      let start = ids.count
      let own = episode.tokens[prefix..<max(prefix, episode.tokens.count - 1)]
      ids += own
      if !own.isEmpty { branches.append(own.count) }
      for place in prefix..<episode.tokens.count where episode.lossMask[place] {
        rows.append(place == prefix ? root + prefix - 1 : start + place - prefix - 1)
        targets.append(episode.tokens[place])
        sampled.append(episode.logProbabilities[place] + (episode.supportLogMasses?[place] ?? 0))
        policyWeights.append(entry.credit.policy[place])
        regularisationWeights.append(entry.credit.regularisation[place])
      }
    }
    trees.append(.init(prefix: prefix, branches: branches))
  }
}
