package import LanguageModels
package import Records
package import Torch

/// Updates a policy on credited episodes.
///
/// Micro-batches are dealt to shards, each with leaves and gradient sums of its own; the sums are added in shard
/// order, so a run with as many shards repeats bit for bit.
package final class Trainer {
  package let parameters: [Parameter]
  package private(set) var decoder: Decoder
  /// Optimiser steps made so far.
  package var updates = 0

  let plan: TrainingPlan
  let loss: PolicyLoss
  let temperature: Double
  let shards: Shards
  /// The model before this training, for the KL divergence: the decoder without its adapter or with the one that it
  /// began with, or a copy.
  let base: Decoder?

  /// Takes over a decoder; `temperature` is the one that episodes are sampled at. `start` makes the adapter that training
  /// goes on from, each time anew; nil begins with one that changes nothing.
  package init(
    _ decoder: Decoder, plan: TrainingPlan, loss: PolicyLoss, temperature: Double, seed: UInt64,
    shards: Shards, start: (() throws -> LowRankAdapter)? = nil
  ) throws {
    self.plan = plan
    self.loss = loss
    self.temperature = temperature
    self.shards = shards
    var decoder = decoder
    var parameters: [Parameter] = []
    switch plan.method {
    case .lora:
      let adapter =
        try start?()
        ?? LowRankAdapter(
          plan.lora, configuration: decoder.configuration, seed: seed, dtype: decoder.dtype,
          device: decoder.device)
      var before = decoder
      before.adapter = nil
      // Its own tensors: those of the other one learn.
      if loss.kl.coefficient > 0, let start { try before.adopt(start()) }
      base = loss.kl.coefficient > 0 ? before : nil
      for (name, tensor) in adapter.named { parameters.append(try Parameter(name: name, compute: tensor)) }
      try decoder.adopt(adapter)
    case .full:
      if loss.kl.coefficient > 0 {
        let twins = try decoder.weights.mapped { _, tensor throws(TorchError) in
          let twin = try Tensor.empty(tensor.shape, tensor.dtype, on: tensor.device)
          try twin.copy(from: tensor)
          return twin
        }
        base = try Decoder(
          configuration: decoder.configuration, weights: twins, positions: decoder.positions,
          exact: decoder.isExact)
      } else {
        base = nil
      }
      for (name, tensor) in decoder.weights.named {
        parameters.append(try Parameter(name: name, compute: tensor))
      }
    }
    try decoder.prepareForGradients()
    self.parameters = parameters
    self.decoder = decoder
  }

  /// Numbers that learn.
  package var trainableCount: Int { parameters.reduce(0) { $0 + $1.master.count } }

  /// Brings the compute copies up to the masters, and what the kernels read up to them.
  package func publish() throws(TorchError) {
    for parameter in parameters where parameter.compute !== parameter.master {
      try parameter.compute.copy(from: parameter.master)
    }
    try refreshPanels()
  }

  /// Lays out again what an update changed.
  func refreshPanels() throws(TorchError) {
    let layers = decoder.configuration.layers
    _ = try shards.run { shard throws(TorchError) in
      for layer in stride(from: shard, to: layers, by: self.shards.count) {
        switch self.plan.method {
        case .lora: try self.decoder.refreshAdapter(layer: layer)
        case .full: try self.decoder.refreshWeights(layer: layer)
        }
      }
    }
    if plan.method == .full { try decoder.refreshHead() }
  }
}
