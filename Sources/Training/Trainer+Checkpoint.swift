package import Checkpoints
internal import Foundation
internal import Records
internal import Torch

/// What of a trainer is not a tensor.
struct TrainerState: Codable {
  var updates: Int
}

extension Trainer {
  static let tensorsFile = "trainer.safetensors"
  static let stateFile = "trainer.json"

  /// Writes masters, moments and the step count: all that an update depends on.
  package func save(to checkpoint: CheckpointWriter) throws {
    let state = parameters.flatMap(\.state)
    let tensors = Dictionary(uniqueKeysWithValues: state.map { ($0.name, $0.tensor) })
    try checkpoint.file(Self.tensorsFile) { path in
      try SafetensorsWriter.write(
        state.map { SafetensorsEntry(name: $0.name, type: .float32, shape: $0.tensor.shape) }, to: path,
        metadata: ["format": "pt"]
      ) { entry, emit in
        guard let tensor = tensors[entry.name] else { preconditionFailure("an entry without a tensor") }
        let outcome: Result<Void, any Error> = try tensor.on(.cpu).withBytes { bytes throws(TorchError) in
          Result { try emit(UnsafeRawBufferPointer(bytes)) }
        }
        try outcome.get()
      }
    }
    try checkpoint.json(Self.stateFile, TrainerState(updates: updates))
  }

  /// Takes the state of a checkpoint, which must be of the same plan.
  package func restore(from checkpoint: Checkpoint) throws {
    let file = try SafetensorsFile(path: checkpoint.file(Self.tensorsFile))
    for (name, tensor) in parameters.flatMap(\.state) {
      let saved = try file.tensor(name)
      guard saved.shape == tensor.shape, saved.type == .float32 else {
        throw ModelFileError(
          .malformed, file: file.path, part: name,
          "the shape is \(saved.shape); this plan's parameter has \(tensor.shape). Was the plan changed?")
      }
      let staged = tensor.device == .cpu ? tensor : try Tensor.empty(tensor.shape, .float32)
      try staged.withBytes { bytes throws(TorchError) in
        file.withBytes(of: saved) { bytes.copyMemory(from: $0) }
      }
      if staged !== tensor { try tensor.copy(from: staged) }
    }
    updates = try checkpoint.json(Self.stateFile, as: TrainerState.self).updates
    try publish()
  }
}
