import Jobs
import Records

/// What a client may choose of a reinforcement job, or leave to the service with `auto`.
enum Hyperparameter: String, CaseIterable {
  case nEpochs = "n_epochs"
  case batchSize = "batch_size"
  case learningRateMultiplier = "learning_rate_multiplier"
  case computeMultiplier = "compute_multiplier"
  case evalInterval = "eval_interval"
  case evalSamples = "eval_samples"
  case reasoningEffort = "reasoning_effort"

  /// Those of the old field at the top of a request.
  static let legacy: [Hyperparameter] = [.nEpochs, .batchSize, .learningRateMultiplier]

  /// The word for a choice that was left open.
  var open: String { self == .reasoningEffort ? "default" : "auto" }
}

extension TuningChoices {
  /// Reads hyperparameters; what is chosen already stays.
  mutating func fill(from reader: FieldReader, known: [Hyperparameter]) {
    reader.rejectKeys(besides: known.map(\.rawValue))
    for name in known where reader.value(name.rawValue) != nil {
      let key = name.rawValue
      if reader.object[key]?.string == name.open { continue }
      switch name {
      case .nEpochs: epochs = epochs ?? reader.orAuto(key, in: 1...50)
      case .batchSize: batchSize = batchSize ?? reader.orAuto(key, in: 1...256)
      case .evalInterval: evalInterval = evalInterval ?? reader.orAuto(key, in: 1...1_000_000)
      case .evalSamples: evalSamples = evalSamples ?? reader.orAuto(key, in: 1...1024)
      case .learningRateMultiplier:
        learningRateMultiplier = learningRateMultiplier ?? reader.orAuto(key, above: 0, most: 1e6)
      case .computeMultiplier:
        computeMultiplier = computeMultiplier ?? reader.orAuto(key, above: 1e-5, most: 10)
      case .reasoningEffort: reasoningEffort = reasoningEffort ?? reader.effort(key)
      }
    }
  }
}

extension FieldReader {
  fileprivate func orAuto(_ key: String, in range: ClosedRange<Int>) -> Int? {
    guard let value = object[key]?.integer, range.contains(value) else {
      error(
        key,
        "is \(given(key)); expected 'auto' or a whole number from \(range.lowerBound) to \(range.upperBound)")
      return nil
    }
    return value
  }

  fileprivate func orAuto(_ key: String, above lowest: Double, most: Double) -> Double? {
    guard let value = object[key]?.double, value > lowest, value <= most else {
      error(key, "is \(given(key)); expected 'auto' or a number above \(lowest), at most \(most)")
      return nil
    }
    return value
  }

  fileprivate func effort(_ key: String) -> ReasoningEffort? {
    guard let effort = object[key]?.string.flatMap(ReasoningEffort.init) else {
      error(key, "is \(given(key)); expected 'default', 'low', 'medium' or 'high'")
      return nil
    }
    return effort
  }

  /// A value in a message: as it was written, unless it is long.
  private func given(_ key: String) -> String {
    let text = (object[key] ?? .null).serialised()
    return text.count > 40 ? (object[key] ?? .null).kind : text
  }
}
