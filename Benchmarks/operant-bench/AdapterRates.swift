import Foundation
import LanguageModels
import Records
import Runs
import Torch

/// Tokens a second of one batch whose rows belong to one adapter or to several.
///
/// Every shard decodes its part of the rows; the cases take turns, so that a neighbour on the machine slows all of them.
struct AdapterRates {
  let decoder: Decoder
  let shards: Shards

  func measure(_ work: AdapterWork) throws -> AdapterReply {
    let most = work.adapters.max() ?? 0
    var adapters: [ServedAdapter] = []
    for seed in 0..<most {
      let adapter = try LowRankAdapter(
        LoRAPlan(rank: work.rank, alpha: Double(work.rank)), configuration: decoder.configuration,
        seed: UInt64(seed), dtype: decoder.dtype)
      adapters.append(try ServedAdapter(adapter, beside: decoder))
    }
    var batches: [[Batch]] = []
    for count in work.adapters {
      batches.append(
        try (0..<shards.count).map { shard in
          let rows = work.rows / shards.count
          let own = (0..<rows).map { row in
            count == 0 ? nil : adapters[(shard * rows + row) * count / work.rows]
          }
          return try Batch(decoder, own, positions: work.context + (work.rounds + 1) * work.steps)
        })
    }
    var best = [Double](repeating: 0, count: batches.count)
    var perCPUSecond = [[Double]](repeating: [], count: batches.count)
    for round in 0...work.rounds {
      for (index, batch) in batches.enumerated() {
        let started = ContinuousClock.now
        let busy = try shards.run { shard throws(TorchError) in
          let before = Self.threadSeconds()
          try withoutGradients { () throws(TorchError) in
            try batch[shard].decode(round == 0 ? work.context : work.steps)
          }
          return Self.threadSeconds() - before
        }
        let seconds = (ContinuousClock.now - started).seconds
        // The first round fills the caches.
        guard round > 0 else { continue }
        best[index] = max(best[index], Double(work.rows * work.steps) / seconds)
        perCPUSecond[index].append(Double(work.rows * work.steps) / busy.reduce(0, +))
      }
    }
    let names = work.adapters.map(String.init)
    let medians = perCPUSecond.map { $0.sorted()[$0.count / 2] }
    return AdapterReply(
      tokensPerSecond: Dictionary(uniqueKeysWithValues: zip(names, best)),
      tokensPerCPUSecond: Dictionary(uniqueKeysWithValues: zip(names, medians)),
      bytesPerAdapter: adapters.first?.bytes ?? 0)
  }

  /// What this thread has computed for: time in which others had the processor does not count.
  private static func threadSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// One shard's rows.
  private final class Batch {
    private let space: DecodingSpace
    private let groups: [AdapterGroup]
    private var sequences: [SequenceCache] = []
    private var rows = CacheRows()
    private var ids: [Int32]
    private var drawn: [Drawn]

    init(_ decoder: Decoder, _ adapters: [ServedAdapter?], positions: Int) throws(TorchError) {
      space = try DecodingSpace(decoder, rows: adapters.count)
      var groups: [AdapterGroup] = []
      for adapter in adapters {
        if let last = groups.last, last.adapter === adapter {
          groups[groups.count - 1] = AdapterGroup(adapter, rows: last.rows + 1)
        } else {
          groups.append(AdapterGroup(adapter, rows: 1))
        }
      }
      self.groups = groups
      ids = adapters.indices.map { Int32(100 + $0) }
      drawn = Array(repeating: Drawn(), count: adapters.count)
      for _ in adapters {
        sequences.append(
          try SequenceCache(
            space.attention, layers: decoder.configuration.layers, positions: positions, dtype: decoder.dtype)
        )
      }
    }

    func decode(_ steps: Int) throws(TorchError) {
      for step in 0..<steps {
        rows.removeAll()
        for sequence in sequences { rows.append(sequence) }
        let draws = ids.indices.map {
          Draw(temperature: 1, uniform: Double(($0 * 31 + step * 17) % 97) / 97)
        }
        _ = try space.next(
          ids, positions: sequences.map { Int64($0.count) }, rows: rows, groups: groups, draws: draws,
          into: &drawn)
        for index in sequences.indices {
          sequences[index].advance()
          ids[index] = drawn[index].token
        }
      }
    }
  }
}
