internal import Foundation
package import LanguageModels
package import Records
internal import Torch

extension Trainer {
  /// Sums over the tokens of some micro-batches.
  struct Measurement {
    var loss = 0.0
    var tokens = 0
    var clipped = 0
    var klSum = 0.0
    var entropySum = 0.0
    /// Tokens whose log-probability was computed apart from the sampler's.
    var compared = 0
    var mismatchSum = 0.0
    var mismatchMax = 0.0

    mutating func compare(with values: (ours: [Float], sampled: [Float])) {
      for (ours, sampled) in zip(values.ours, values.sampled) { compare(ours, sampled) }
    }

    mutating func compare(_ ours: Float, _ sampled: Float) {
      let difference = abs(Double(ours) - Double(sampled))
      compared += 1
      mismatchSum += difference
      mismatchMax = max(mismatchMax, difference)
    }

    mutating func add(_ other: Measurement) {
      loss += other.loss
      tokens += other.tokens
      clipped += other.clipped
      klSum += other.klSum
      entropySum += other.entropySum
      compared += other.compared
      mismatchSum += other.mismatchSum
      mismatchMax = max(mismatchMax, other.mismatchMax)
    }
  }

  /// One optimiser step for each part of a step's credited groups; nil when no part has a signal.
  ///
  /// Throws `TrainingError` before the weights change when sampler and trainer disagree by more than
  /// `mismatchLimit` nats on average, or when loss or gradient is not finite; `TorchError` when memory is short.
  ///
  /// `recording` is what the sampler's layers made of the same tokens with the weights as they are; the first update's
  /// forward pass is taken from it. One episode of the step is then computed anew, another one every update, and held
  /// against the sampler.
  package func update(
    _ parts: [CreditedStep], step: Int, mismatchLimit: Double, recording: Recording? = nil
  ) throws -> UpdateRecord? {
    let packed = parts.map { MicroBatch.pack($0.groups, tokens: plan.microBatchTokens, shards: shards.count) }
      .filter {
        !$0.isEmpty
      }
    guard !packed.isEmpty else { return nil }
    // Several updates from one step: the ratio is taken to the policy before the first of them.
    let old = packed.count > 1 ? try packed.map { try oldLogProbabilities($0, recording) } : []
    var total = Measurement()
    var record = UpdateRecord(
      loss: 0, gradientNorm: 0, learningRate: 0, entropy: 0, kl: nil, clippedShare: 0, mismatchMean: 0,
      mismatchMax: 0)
    for (index, batches) in packed.enumerated() {
      // A recording is of the weights before the first update.
      var (measured, gradients) = try accumulate(
        batches, old: old.isEmpty ? nil : old[index], recording: index == 0 ? recording : nil)
      if index == 0 {
        if measured.compared == 0 { try measured.compare(with: recomputed(parts)) }
        record.mismatchMean = measured.mismatchSum / Double(measured.compared)
        record.mismatchMax = measured.mismatchMax
        guard record.mismatchMean.isFinite else {
          throw TrainingError.diverged(step: step, what: "log-probability of a sampled token")
        }
        guard record.mismatchMean <= mismatchLimit else {
          throw TrainingError.mismatch(
            step: step, mean: record.mismatchMean, largest: record.mismatchMax, limit: mismatchLimit)
        }
      }
      guard measured.loss.isFinite else { throw TrainingError.diverged(step: step, what: "loss") }
      total.add(measured)
      record.learningRate = LearningRate(plan).value(after: updates)
      record.gradientNorm = max(
        record.gradientNorm, try apply(gradients, step: step, learningRate: record.learningRate))
    }
    record.loss = total.loss / Double(packed.count)
    record.entropy = total.entropySum / Double(total.tokens)
    record.kl = base == nil ? nil : total.klSum / Double(total.tokens)
    record.clippedShare = Double(total.clipped) / Double(total.tokens)
    return record
  }

  /// Gradient sums (float32, one a parameter) and measurements of some micro-batches; weights stay as they are.
  func accumulate(
    _ batches: [MicroBatch], old: [[Float]]?, recording: Recording? = nil
  ) throws(TorchError) -> (Measurement, [Tensor]) {
    let parts = try shards.run { shard throws(TorchError) in
      try self.accumulate(
        stride(from: shard, to: batches.count, by: self.shards.count).map { (batches[$0], old?[$0]) },
        recording)
    }
    var measured = Measurement()
    for part in parts { measured.add(part.0) }
    let sums = parts[0].1
    for part in parts.dropFirst() {
      for (sum, addend) in zip(sums, part.1) { try sum.add(addend) }
    }
    return (measured, sums)
  }

  /// One shard's work.
  private func accumulate(
    _ batches: [(MicroBatch, [Float]?)], _ recording: Recording?
  ) throws(TorchError) -> (Measurement, [Tensor]) {
    let leaves = try Leaves(self)
    var sums: [Tensor] = []
    for parameter in parameters {
      sums.append(try Tensor.zeros(parameter.master.shape, .float32, on: parameter.master.device))
    }
    var measured = Measurement()
    for (batch, old) in batches {
      measured.add(try pass(batch, old: old, leaves.decoder, recording))
      for (leaf, sum) in zip(leaves.tensors, sums) {
        if let gradient = try leaf.gradient() { try sum.add(gradient) }
        leaf.clearGradient()
      }
    }
    return (measured, sums)
  }

  /// Forward, loss and backward of one micro-batch.
  private func pass(
    _ batch: MicroBatch, old: [Float]?, _ decoder: Decoder, _ recording: Recording?
  ) throws(TorchError) -> Measurement {
    let reference: [Float]? =
      if let base {
        try withoutGradients { () throws(TorchError) in
          try self.logProbabilities(batch, base).logProbabilities.floats()
        }
      } else {
        nil
      }
    let activations = try recording?.activations(of: batch.ids, layout: batch.layout)
    let (logProbabilities, entropy) = try logProbabilities(batch, decoder, activations)
    // The one wait for a device: behind it the entropy is there too, and the gradient is on its way.
    let current = try logProbabilities.floats()
    let entropies = try entropy.floats()
    let outputs = loss.evaluate(
      PolicyLoss.Inputs(
        current: current, old: old ?? current, reference: reference, policyWeights: batch.policyWeights,
        regularisationWeights: batch.regularisationWeights))
    try logProbabilities.backward(gradient: Tensor.floats(outputs.gradient, on: decoder.device))

    var measured = Measurement()
    measured.loss = outputs.loss
    measured.tokens = current.count
    measured.clipped = outputs.clipped
    measured.klSum = outputs.klSum
    for value in entropies { measured.entropySum += Double(value) }
    // In later updates `old` is what the sampler's figures must be held against. What was taken from the sampler
    // proves nothing.
    if activations == nil {
      for (ours, sampled) in zip(old ?? current, batch.sampled) { measured.compare(ours, sampled) }
    }
    return measured
  }

  private func logProbabilities(
    _ batch: MicroBatch, _ decoder: Decoder, _ activations: [LayerActivations]? = nil
  ) throws(TorchError) -> (logProbabilities: Tensor, entropy: Tensor) {
    let hidden = try decoder.hidden(batch.ids, layout: batch.layout, activations: activations)
    return try decoder.logProbabilities(
      hidden.rows(at: Tensor.integers(batch.rows, on: decoder.device)), targets: batch.targets,
      temperature: temperature)
  }

  /// One episode of a step, another one every update, computed without the sampler's help: its tokens'
  /// log-probabilities, and the sampler's.
  private func recomputed(_ parts: [CreditedStep]) throws(TorchError) -> (ours: [Float], sampled: [Float]) {
    let episodes = parts.flatMap(\.groups).joined().filter { $0.credit.regularisation.contains { $0 != 0 } }
    let batch = MicroBatch.pack([[episodes[updates % episodes.count]]], tokens: .max)[0]
    let ours = try withoutGradients { () throws(TorchError) in
      try self.logProbabilities(batch, self.decoder).logProbabilities.floats()
    }
    return (ours, batch.sampled)
  }

  private func oldLogProbabilities(
    _ batches: [MicroBatch], _ recording: Recording?
  ) throws(TorchError) -> [[Float]] {
    let parts = try shards.run { shard throws(TorchError) in
      try withoutGradients { () throws(TorchError) in
        var values: [(Int, [Float])] = []
        for index in stride(from: shard, to: batches.count, by: self.shards.count) {
          let batch = batches[index]
          let activations = try recording?.activations(of: batch.ids, layout: batch.layout)
          values.append(
            (index, try self.logProbabilities(batch, self.decoder, activations).logProbabilities.floats()))
        }
        return values
      }
    }
    return parts.flatMap { $0 }.sorted { $0.0 < $1.0 }.map(\.1)
  }

  /// One optimiser step; returns the gradient's norm before clipping.
  private func apply(_ gradients: [Tensor], step: Int, learningRate: Double) throws -> Double {
    var squares = 0.0
    if decoder.takesDeviceOperations {
      squares = try Tensor.sumOfSquares(gradients)
    } else {
      for gradient in gradients { squares += try gradient.sumOfSquares() }
    }
    let norm = squares.squareRoot()
    guard norm.isFinite else { throw TrainingError.diverged(step: step, what: "gradient") }
    let scale = plan.gradientClip > 0 && norm > plan.gradientClip ? plan.gradientClip / norm : 1
    let optimiser = AdamW(
      learningRate: learningRate, beta1: plan.beta1, beta2: plan.beta2, epsilon: plan.epsilon,
      weightDecay: plan.weightDecay)
    updates += 1
    if decoder.takesDeviceOperations {
      try optimiser.step(
        weights: parameters.map(\.master), gradients: gradients, moments1: parameters.map(\.moment1),
        moments2: parameters.map(\.moment2), computes: parameters.map(\.compute), gradientScale: scale,
        step: updates)
      return norm
    }
    for (parameter, gradient) in zip(parameters, gradients) {
      try optimiser.step(
        weight: parameter.master, gradient: gradient, moment1: parameter.moment1, moment2: parameter.moment2,
        compute: parameter.compute, gradientScale: scale, step: updates)
    }
    try refreshPanels()
    return norm
  }
}

/// A shard's own view of the decoder: leaves that share the parameters' memory and collect its gradients.
private struct Leaves {
  let decoder: Decoder
  let tensors: [Tensor]

  init(_ trainer: Trainer) throws(TorchError) {
    var decoder = trainer.decoder
    var tensors: [Tensor] = []
    switch trainer.plan.method {
    case .lora:
      guard let adapter = decoder.adapter else { preconditionFailure("LoRA training needs an adapter") }
      decoder.adapter = try adapter.mapped { _, tensor throws(TorchError) in
        let leaf = try tensor.leaf(requiresGradient: true)
        tensors.append(leaf)
        return leaf
      }
    case .full:
      decoder.weights = try decoder.weights.mapped { _, tensor throws(TorchError) in
        let leaf = try tensor.leaf(requiresGradient: true)
        tensors.append(leaf)
        return leaf
      }
    }
    self.decoder = decoder
    self.tensors = tensors
  }
}
