/// What a file is for.
enum FilePurpose: String, CaseIterable {
  case fineTune = "fine-tune"
  case fineTuneResults = "fine-tune-results"
  case assistants
  case assistantsOutput = "assistants_output"
  case batch
  case batchOutput = "batch_output"
  case vision
  case userData = "user_data"
  case evals

  /// Those of files that clients send; the others are made by a service.
  static let sent: [FilePurpose] = [.fineTune, .assistants, .batch, .vision, .userData, .evals]
  static let sentWords = sent.map(\.rawValue).joined(separator: ", ")
}
