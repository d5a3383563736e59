package import Checkpoints
package import LanguageModels
package import Records
package import Torch

extension LowRankAdapter {
  /// The adapter that a trainer has saved, rounded to `dtype` as the trainer rounds it: a policy that samples with it has
  /// the log-probabilities of the run's own sampler. Of the file, masters alone are read.
  package static func read(
    _ plan: LoRAPlan, from checkpoint: Checkpoint, configuration: ModelConfiguration, dtype: DType,
    device: Device = .cpu
  ) throws -> (adapter: LowRankAdapter, updates: Int) {
    let file = try SafetensorsFile(path: checkpoint.file(Trainer.tensorsFile))
    let adapter = try LowRankAdapter(plan, configuration: configuration) { _, name, shape in
      let saved = try file.tensor(name)
      guard saved.shape == shape, saved.type == .float32 else {
        throw ModelFileError(
          .malformed, file: file.path, part: name,
          "the shape is \(saved.shape); an adapter of this model has \(shape). Is the run of another model?")
      }
      let master = try Tensor.empty(shape, .float32)
      try master.withBytes { bytes throws(TorchError) in
        file.withBytes(of: saved) { bytes.copyMemory(from: $0) }
      }
      return try master.to(dtype).on(device)
    }
    return (adapter, try checkpoint.json(Trainer.stateFile, as: TrainerState.self).updates)
  }
}
