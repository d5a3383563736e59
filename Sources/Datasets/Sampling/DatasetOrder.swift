package import Records

/// Which Examples a step takes: a function of the seed and the step alone, so that a resumed run needs no position.
///
/// Every epoch is a fresh shuffle, cut into whole batches. The rows left over, fewer than a batch, sit that epoch out;
/// they are others in every epoch. So no step ever takes a row twice.
package struct DatasetOrder: Sendable {
  private let examples: [Example]
  private let seed: UInt64

  package init(_ examples: [Example], seed: UInt64) {
    self.examples = examples
    self.seed = seed
  }

  /// The Examples of a step, counted from 0. Takes time in the number of rows, about 5 ns each.
  ///
  /// The size must be one that ``problem(rows:size:file:)`` has nothing to say about.
  package func batch(at step: Int, size: Int) -> [Example] {
    precondition(step >= 0 && size > 0, "a batch needs a step of at least 0 and a size above 0")
    precondition(
      size <= examples.count,
      "a batch of \(size) cannot be taken from \(examples.count) rows; check before the run")
    let batchesPerEpoch = examples.count / size
    let (epoch, place) = step.quotientAndRemainder(dividingBy: batchesPerEpoch)
    return order(epoch: epoch)[place * size..<(place + 1) * size].map { examples[Int($0)] }
  }

  /// The epoch a step belongs to, from 0.
  package func epoch(at step: Int, size: Int) -> Int { step / max(1, examples.count / size) }

  /// Row numbers in the order of an epoch (Fisher and Yates, written out because the library's own shuffle may change).
  private func order(epoch: Int) -> [UInt32] {
    var hash = StableHash()
    hash.combine("dataset order")
    hash.combine(seed)
    hash.combine(UInt64(epoch))
    var generator = SplitMix64(seed: hash.value)
    var order = Array(0..<UInt32(examples.count))
    for last in stride(from: order.count - 1, to: 0, by: -1) {
      order.swapAt(last, generator.number(below: last + 1))
    }
    return order
  }

  /// What is wrong with taking batches of a size from so many rows, said before a run starts.
  package static func problem(rows: Int, size: Int, file: String = "") -> Diagnostic? {
    guard size > rows else { return nil }
    return Diagnostic(
      .error, file: file, path: "sampling.prompts_per_step",
      message:
        "a step takes \(size) prompts, but there are only \(rows) training rows; lower it to \(rows) or add rows"
    )
  }
}
