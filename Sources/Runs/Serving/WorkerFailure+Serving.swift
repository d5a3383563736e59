internal import Records
internal import Torch

extension WorkerFailure {
  /// Why a command could not go on.
  init(serving error: TorchError) {
    self =
      error.kind == .memory
      ? WorkerFailure(
        .memory,
        "memory did not suffice: \(error.description). Ask for fewer attempts or tokens, or serve with fewer rows, "
          + "shorter sequences or a smaller cache.")
      : WorkerFailure(.model, error.description)
  }
}
