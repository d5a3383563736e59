internal import Plans
internal import Records

/// What is known of a job's data and model when its plan is made.
struct TuningGround: Sendable {
  var rows: RowCounts
  /// Whether the held-out rows are a file of the client's.
  var hasValidationFile: Bool
  var prompts: PromptLengths
  /// nil when the model's header does not tell its sizes.
  var model: ModelFigures?
  /// The shape of the adapter that training goes on from.
  var start: LoRAPlan?
}

/// The plan of a job, and what was decided on the way to it.
struct ResolvedTuning: Sendable {
  var plan: Plan
  /// Hyperparameters under the names that clients know.
  var resolved: JSONValue
  /// What a client asked for and does not get, as sentences.
  var notes: [String]
}
