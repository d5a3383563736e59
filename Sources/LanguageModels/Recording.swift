internal import Foundation
package import Torch

/// What the layers made of every token while a step's answers were sampled.
///
/// The update's forward pass would make the same numbers from the same tokens and weights, bit for bit, so it takes them
/// from here. Sequences are found by their tokens; a recording is good for the weights that made it and no others.
package final class Recording {
  /// A token's place: a record of decoding steps, and its row there.
  struct Place {
    let record: Int32
    let row: Int32
  }
  /// A prompt's place: a pass over prompts and its first row there.
  struct Start {
    let pass: Int
    let row: Int
  }
  /// A sequence as far as it was fed to the model.
  struct Sequence {
    let prompt: Start
    /// Of the tokens behind the prompt.
    var places: [Place] = []
  }

  private let widths: LayerWidths
  private let layers: Int
  private let isAdapted: Bool
  private var passes: [[LayerActivations]] = []
  private var records: [StepBuffers] = []
  private var prompts: [[Int32]: Start] = [:]
  private var sequences: [[Int32]: Sequence] = [:]

  init(_ decoder: Decoder, widths: LayerWidths) {
    self.widths = widths
    layers = decoder.configuration.layers
    isAdapted = decoder.adapter != nil
  }

  // MARK: Writing, by one shard

  func add(pass: [LayerActivations]) -> Int {
    passes.append(pass)
    return passes.count - 1
  }

  func add(record: StepBuffers) -> Int32 {
    records.append(record)
    return Int32(records.count - 1)
  }

  func add(prompt: [Int32], at start: Start) { prompts[prompt] = start }

  /// `tokens` are the prompt's and those of the answer that were fed.
  func add(_ tokens: [Int32], _ sequence: Sequence) { sequences[tokens] = sequence }

  /// Takes over another shard's part.
  func merge(_ other: Recording) {
    let passBase = passes.count
    let recordBase = Int32(records.count)
    passes += other.passes
    records += other.records
    func moved(_ start: Start) -> Start { Start(pass: start.pass + passBase, row: start.row) }
    for (tokens, start) in other.prompts { prompts[tokens] = moved(start) }
    for (tokens, sequence) in other.sequences {
      sequences[tokens] = Sequence(
        prompt: moved(sequence.prompt),
        places: sequence.places.map { Place(record: $0.record + recordBase, row: $0.row) })
    }
  }

  // MARK: Reading, by any thread

  /// The layers' activations of packed trees, in the order of their tokens; nil when one of them was not recorded.
  package func activations(of ids: [Int32], layout: TreeLayout) throws(TorchError) -> [LayerActivations]? {
    var sources: [Int32] = []
    var rows: [Int64] = []
    sources.reserveCapacity(ids.count)
    rows.reserveCapacity(ids.count)
    var start = 0
    for tree in layout.trees {
      let prefix = ids[start..<start + tree.prefix]
      guard let prompt = prompts[Array(prefix)] else { return nil }
      for place in 0..<tree.prefix {
        sources.append(Int32(prompt.pass))
        rows.append(Int64(prompt.row + place))
      }
      start += tree.prefix
      for length in tree.branches {
        guard let sequence = sequences[Array(prefix + ids[start..<start + length])] else { return nil }
        for place in sequence.places {
          sources.append(Int32(passes.count) + place.record)
          rows.append(Int64(place.row))
        }
        start += length
      }
    }
    var all: [LayerActivations] = []
    for layer in 0..<layers {
      var activations = LayerActivations()
      for step in LayerStep.allCases {
        let hasAside = step == .attention || (isAdapted && widths.asides[step.rawValue] > 0)
        activations[step] = Made(
          result: try gather(step, layer, sources, rows, aside: false),
          aside: hasAside ? try gather(step, layer, sources, rows, aside: true) : nil)
      }
      all.append(activations)
    }
    return all
  }

  private func gather(
    _ step: LayerStep, _ layer: Int, _ sources: [Int32], _ rows: [Int64], aside: Bool
  ) throws(TorchError) -> Tensor {
    var origins: [(tensor: Tensor, base: Int)] = []
    for pass in passes {
      guard let made = pass[layer][step], let tensor = aside ? made.aside : made.result else {
        preconditionFailure("a pass over prompts was recorded without its \(step)")
      }
      origins.append((tensor, 0))
    }
    for record in records {
      let tensors = record.tensors(step)
      origins.append((aside ? tensors.aside : tensors.result, layer * record.rows))
    }
    return try Tensor.gathered(origins, sources: sources, rows: rows)
  }
}
