internal import Checkpoints
internal import Foundation
internal import Graders
package import Records
internal import Rollouts
internal import Tokenization
internal import Torch
internal import Training

extension WorkerFailure {
  /// Names the boundary that an error crossed.
  package init(classifying error: any Error) {
    self =
      switch error {
      case let failure as WorkerFailure: failure
      case let error as InvalidInput: WorkerFailure(.usage, error.description)
      case let error as PromptTooLong: WorkerFailure(.data, error.description)
      case let error as ModelFileError: WorkerFailure(.model, error.description)
      case let error as TokenizerError: WorkerFailure(.model, error.description)
      case let error as ModelTokenizerError: WorkerFailure(.model, "\(error)")
      case let error as TemplateError: WorkerFailure(.model, error.description)
      case let error as StorageError: WorkerFailure(.storage, error.description)
      case let error as TooManyGradingFailures: WorkerFailure(.limit, error.description)
      case let error as RunPaused: WorkerFailure(.paused, error.description)
      case let error as TrainingError:
        switch error {
        case .mismatch: WorkerFailure(.limit, error.description)
        case .diverged: WorkerFailure(.training, error.description)
        }
      case let error as TorchError where error.kind == .memory:
        WorkerFailure(
          .memory,
          "memory did not suffice: \(error.description). Lower training.micro_batch_tokens or "
            + "sampling.max_rows, and resume.")
      case let error as TorchError: WorkerFailure(.training, error.description)
      default: WorkerFailure(.other, "\(error)")
      }
  }
}
