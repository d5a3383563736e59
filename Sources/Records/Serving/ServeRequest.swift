/// A model that answers many callers at once, until its standard input ends.
///
/// The worker reads one `ServeCommand` a line and writes one `ServeEvent` a line. It knows tokens only: text is its
/// owner's.
package struct ServeRequest: Sendable, Hashable, Codable {
  /// As in `ModelPlan.source`, resolved to a path.
  package var modelPath: String
  package var dtype: ComputeType
  package var device: DeviceChoice
  /// The longest sequence, prompt and answer together; cut to the model's context.
  package var positions: Int
  /// Most rows that decode at once, over all shards; further attempts wait in order of arrival.
  package var maxRows: Int
  /// Memory for keys and values; what rows leave of it is for prompts that may come again. Rows are not held to it.
  package var cacheBytes: Int

  package init(
    modelPath: String, dtype: ComputeType, device: DeviceChoice = .auto, positions: Int = 8192,
    maxRows: Int = 64, cacheBytes: Int = 1 << 30
  ) {
    self.modelPath = modelPath
    self.dtype = dtype
    self.device = device
    self.positions = positions
    self.maxRows = maxRows
    self.cacheBytes = cacheBytes
  }
}

/// Names a policy inside a serving worker; the base model is the empty name.
///
/// A name stands for the same weights for ever: prompts are cached by it. Whoever loads other weights takes another
/// name, such as the run's folder and the checkpoint's step.
package struct PolicyName: Sendable, Hashable, Codable, RawRepresentable {
  package var rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }
  package init(_ name: String) { rawValue = name }
  package static let base = PolicyName("")
}

/// Where the adapter of a policy lies.
package enum AdapterSource: Sendable, Hashable, Codable {
  /// A checkpoint of a run, of LoRA; nil takes its newest.
  case run(folder: String, step: Int?)
}
