import Torch

/// A head whose logits are given numbers: row r of the hidden states picks column r of the weight.
struct Logits {
  let rows: Int
  let hidden: Tensor
  let head: Head

  init(_ values: [Float]) throws(TorchError) { try self.init(rows: [values]) }

  /// One array a row.
  init(rows values: [[Float]]) throws(TorchError) {
    rows = values.count
    // The depth of a product is even. What is multiplied by zero must be finite.
    let depth = (rows + 1) / 2 * 2
    let vocabulary = values[0].count
    let weight = (0..<vocabulary).flatMap { token in
      (0..<depth).map { $0 < values.count ? values[$0][token] : 0 }
    }
    let choice = (0..<rows).flatMap { row in (0..<depth).map { $0 == row ? Float(1) : 0 } }
    hidden = try Tensor.floats(choice, [rows, depth])
    head = try Head(
      Tensor.floats(weight, [vocabulary, depth]), panels: Tensor.floats(weight, [vocabulary, depth]).panels())
  }

  func sample(_ draws: [Draw]) throws(TorchError) -> [Drawn] {
    var drawn = [Drawn](repeating: Drawn(), count: draws.count)
    try hidden.sample(
      head, draws: draws, logits: Tensor.empty([rows, head.weight.shape[0]], .float32), into: &drawn)
    return drawn
  }
}
