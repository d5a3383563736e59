import Foundation
import LanguageModels
import Runs
import Torch

/// What the machine can do at best: how fast memory is read, and how fast libtorch multiplies matrices of this
/// model's shapes with a thread on every core.
struct Floors {
  let configuration: ModelConfiguration
  let shards: Shards

  /// Rows of a batch a core: decoding at 8 to 128 rows over the cores, and training.
  private static let rows = [4, 16, 32, 64, 256, 1024]

  func measure(_ work: FloorWork) throws -> FloorReply {
    var byRows: [String: Double] = [:]
    for rows in Self.rows {
      byRows["\(rows)"] = try rate(.bfloat16, rows: rows, seconds: work.seconds)
    }
    return FloorReply(
      bandwidthOneThread: try bandwidth(Shards(count: 1), seconds: work.seconds),
      bandwidth: try bandwidth(shards, seconds: work.seconds), bfloat16: byRows.values.max() ?? 0,
      float32: try rate(.float32, rows: 1024, seconds: work.seconds), bfloat16ByRows: byRows)
  }

  /// Operations a second in the linears of a token's way through the model, head included, over all shards.
  private func rate(_ dtype: DType, rows: Int, seconds: Double) throws -> Double {
    // Two layers, so that weights do not stay in the caches from one product to the next.
    let sampled = 2
    let shapes = (0..<sampled).flatMap { _ in layerShapes }
    let weights = try shapes.map { try filled([$0.inputs, $0.outputs], dtype) }
    let inputs = try shapes.map { try filled([rows, $0.inputs], dtype) }
    let head = try filled([configuration.hidden, configuration.vocabulary], dtype)
    let hidden = try filled([rows, configuration.hidden], dtype)

    let passes = try together(shards, seconds) { _ throws(TorchError) in
      for (input, weight) in zip(inputs, weights) { _ = try input.matmul(weight) }
    }
    let headPasses = try together(shards, seconds) { _ throws(TorchError) in _ = try hidden.matmul(head) }
    let layer = layerShapes.reduce(0) { $0 + $1.inputs * $1.outputs }
    let inLayers = Double(configuration.layers * layer)
    let inHead = Double(configuration.vocabulary * configuration.hidden)
    // Seconds that a row takes on its way, with all shards at work.
    let rowSeconds = (Double(configuration.layers) / Double(sampled) / passes + 1 / headPasses) / Double(rows)
    return 2 * (inLayers + inHead) / rowSeconds
  }

  private var layerShapes: [(inputs: Int, outputs: Int)] {
    let shape = configuration
    return [
      (shape.hidden, shape.qkvWidth), (shape.heads * shape.headSize, shape.hidden),
      (shape.hidden, 2 * shape.intermediate), (shape.intermediate, shape.hidden),
    ]
  }

  /// Bytes a second that all shards together read from memory far larger than the caches.
  private func bandwidth(_ shards: Shards, seconds: Double) throws -> Double {
    let elements = 1 << 26  // 256 MiB of float32 a shard
    var memory: [Tensor] = []
    for _ in 0..<shards.count { memory.append(try Tensor.zeros([elements], .float32)) }
    let passes = try together(shards, seconds) { shard throws(TorchError) in
      try memory[shard].withBytes { bytes in
        let words = bytes.bindMemory(to: SIMD8<UInt64>.self)
        var sums = (SIMD8<UInt64>.zero, SIMD8<UInt64>.zero)
        for index in stride(from: 0, to: words.count, by: 2) {
          sums.0 |= words[index]
          sums.1 |= words[index + 1]
        }
        // Zeros stay zeros; asking keeps the reads from being optimised away.
        precondition(sums.0 | sums.1 == .zero, "memory of zeros was read as something else")
      }
    }
    return passes * Double(elements * DType.float32.size)
  }

  /// Passes a second over all shards, each repeating `pass` for some time beside the others: the best of three tries.
  ///
  /// Counted over the whole time and not by the fastest pass, in which another shard may have stood still.
  private func together(
    _ shards: Shards, _ seconds: Double, _ pass: (Int) throws(TorchError) -> Void
  ) throws -> Double {
    _ = try shards.run(pass)
    var best = 0.0
    for _ in 0..<3 {
      let rates = try shards.run { shard throws(TorchError) in
        let started = ContinuousClock.now
        let deadline = started + .seconds(seconds / 3)
        var passes = 0.0
        repeat {
          try pass(shard)
          passes += 1
        } while ContinuousClock.now < deadline
        return passes / (ContinuousClock.now - started).seconds
      }
      best = max(best, rates.reduce(0, +))
    }
    return best
  }

  private func filled(_ shape: [Int], _ dtype: DType) throws(TorchError) -> Tensor {
    // Ordinary numbers: zeros and denormals can be faster or slower than what a model holds.
    let values = (0..<shape.reduce(1, *)).map { Float($0 % 251) / 251 - 0.5 }
    return try Tensor.floats(values, shape, dtype)
  }
}
