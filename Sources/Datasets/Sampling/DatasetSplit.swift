package import Records

/// Parts Examples into those trained on and those held out, by a hash of their prompt.
///
/// Which side a row is on depends on nothing but its messages and the seed: adding, removing or reordering other rows
/// moves none, and rows with equal prompts stay together, so that no held-out prompt is ever trained on. The share
/// therefore holds on average, not exactly.
package struct DatasetSplit: Sendable, Hashable {
  /// Share of prompts held out, 0 to below 1.
  package let share: Double
  package let seed: UInt64

  package init(share: Double, seed: UInt64) {
    precondition(share >= 0 && share < 1, "the share held out must be at least 0 and below 1")
    self.share = share
    self.seed = seed
  }

  package func isHeldOut(_ example: Example) -> Bool {
    // The top 53 bits make a uniform number in [0, 1).
    Double(example.promptHash(seed: seed) >> 11) * 0x1p-53 < share
  }

  /// Both parts, each in the given order.
  package func parts(of examples: [Example]) -> (train: [Example], heldOut: [Example]) {
    var train: [Example] = []
    var heldOut: [Example] = []
    for example in examples {
      if isHeldOut(example) { heldOut.append(example) } else { train.append(example) }
    }
    return (train, heldOut)
  }
}
