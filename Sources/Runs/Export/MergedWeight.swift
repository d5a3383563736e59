internal import Checkpoints
internal import LanguageModels
internal import Records
internal import Torch

/// One weight of a Hugging Face model: rows of a tensor that the layers use, with what LoRA adds to them.
///
/// The sum is made block by block when it is written, so a model is never in memory twice.
struct MergedWeight {
  let name: WeightName
  /// `[rows, columns]`, or `[n]` for norms and biases.
  let base: Tensor
  /// A `[r, columns]` and B `[rows, r]`.
  let lowRank: (a: Tensor, b: Tensor, scale: Double)?

  /// Numbers that are summed at once.
  private static let blockSize = 1 << 22

  /// Emits the weight in `dtype`; it is added up in float32 whatever the base's type is.
  func emit(as dtype: DType, _ emit: SafetensorsWriter.Emit) throws {
    let shape = base.shape
    let columns = shape.dropFirst().reduce(1, *)
    let height = max(1, Self.blockSize / max(1, columns))
    for start in stride(from: 0, to: shape[0], by: height) {
      let range = start..<min(shape[0], start + height)
      let sum = try withoutGradients { () throws(TorchError) in
        // A tensor of its own: conversion alone would share memory with a float32 base.
        let sum = try Tensor.empty([range.count] + shape.dropFirst(), .float32)
        try sum.copy(from: base.rows(range))
        if let lowRank {
          try sum.add(lowRank.b.rows(range).matmul(lowRank.a).on(.cpu), scale: lowRank.scale)
        }
        return sum
      }
      try ModelExport.emit(sum, as: dtype, named: name.huggingFace, emit)
    }
  }
}

extension ModelExport {
  /// All weights in the order of the layers; a tied head is left out.
  func mergedWeights() throws -> [MergedWeight] {
    var all = [MergedWeight(name: .embedding, base: weights.embedding, lowRank: nil)]
    let adapted = try adapter.map(LowRankByPlace.init)
    for (index, layer) in weights.layers.enumerated() {
      func whole(_ weight: WeightName.LayerWeight, _ tensor: Tensor?) {
        guard let tensor else { return }
        all.append(MergedWeight(name: .layer(index, weight), base: tensor, lowRank: nil))
      }
      whole(.inputNorm, layer.inputNorm)
      for (linear, matrix) in [
        (FusedLinear.qkv, layer.qkv), (.output, layer.output), (.gateUp, layer.gateUp), (.down, layer.down),
      ] {
        for part in linear.parts(in: configuration) {
          all.append(
            MergedWeight(
              name: .layer(index, part.target.weight),
              base: try matrix.rows(part.offset..<part.offset + part.width),
              lowRank: adapted?[index, part.target]))
        }
      }
      if let bias = layer.qkvBias {
        for (part, weight) in zip(
          FusedLinear.qkv.parts(in: configuration), [WeightName.LayerWeight.qBias, .kBias, .vBias])
        {
          whole(weight, try bias.rows(part.offset..<part.offset + part.width))
        }
      }
      whole(.qNorm, layer.qNorm)
      whole(.kNorm, layer.kNorm)
      whole(.postNorm, layer.postNorm)
    }
    all.append(MergedWeight(name: .finalNorm, base: weights.finalNorm, lowRank: nil))
    if !configuration.tiesEmbeddings {
      all.append(MergedWeight(name: .head, base: weights.head, lowRank: nil))
    }
    return all
  }

  /// Emits a contiguous float32 tensor, rounded to `dtype`. Throws `ExportError.notFinite`.
  static func emit(
    _ tensor: Tensor, as dtype: DType, named name: String, _ emit: SafetensorsWriter.Emit
  ) throws {
    let tensor = try tensor.on(.cpu)
    guard try tensor.sumOfSquares().isFinite else { throw ExportError.notFinite(tensor: name) }
    let outcome: Result<Void, any Error> = try tensor.to(dtype).withBytes { bytes throws(TorchError) in
      Result { try emit(UnsafeRawBufferPointer(bytes)) }
    }
    try outcome.get()
  }
}

/// An adapter's parts by layer and target.
private struct LowRankByPlace {
  private struct Place: Hashable {
    let layer: Int
    let target: LinearTarget
  }
  private var parts: [Place: LowRankAdapter.Part] = [:]
  private let scale: Double

  init(_ adapter: LowRankAdapter) throws(TorchError) {
    scale = adapter.scale
    for part in try adapter.parts() { parts[Place(layer: part.layer, target: part.target)] = part }
  }

  /// In float32; nil where nothing was adapted.
  subscript(layer: Int, target: LinearTarget) -> (a: Tensor, b: Tensor, scale: Double)? {
    parts[Place(layer: layer, target: target)].map { ($0.a, $0.b, scale) }
  }
}
