import Gateway
import Jobs
import Records

/// The body of a request for a job, read and checked as far as that takes neither the store nor a grader.
struct JobRequest {
  let body: JSONObject
  var model = ""
  var trainingFile = ""
  var validationFile: String?
  var suffix: String?
  var seed: Int?
  var metadata: JSONObject?
  /// As it was sent.
  var grader = JSONValue.null
  var choices = TuningChoices()
  /// What is accepted and does nothing here, as sentences for the job's events.
  var remarks: [String] = []

  static let graderPath = "method.reinforcement.grader"

  /// Reads everything and reports every problem; without problems all fields are set.
  init(_ body: JSONObject, problems: RequestProblems) {
    self.body = body
    let reader = FieldReader(body, problems: problems)
    model = reader.requiredString("model", "the name of a model to tune") ?? ""
    trainingFile = reader.requiredString("training_file", "the id of an uploaded file") ?? ""
    validationFile = reader.string("validation_file")
    suffix = Self.suffix(reader)
    seed = reader.integer("seed", in: 0...Int(Int32.max))
    metadata = Self.metadata(reader)
    readIntegrations(reader)
    readMethod(reader)
    readOverrides(reader)
    rejectStrangers(reader)
  }

  private static let fields = [
    "model", "training_file", "validation_file", "suffix", "seed", "metadata", "integrations", "method",
    "hyperparameters",
  ]

  /// What scripts of older days send, and what to do about it.
  private static let stale: [String: String] = [
    "test_file": "is no field of a job; a file of held-out rows is 'validation_file'",
    "n_epochs": "belongs into method.reinforcement.hyperparameters",
    "batch_size": "belongs into method.reinforcement.hyperparameters",
    "learning_rate_multiplier": "belongs into method.reinforcement.hyperparameters",
    "compute_multiplier": "belongs into method.reinforcement.hyperparameters",
    "eval_interval": "belongs into method.reinforcement.hyperparameters",
    "eval_samples": "belongs into method.reinforcement.hyperparameters",
    "reasoning_effort": "belongs into method.reinforcement.hyperparameters",
    "grader": "belongs into method.reinforcement",
    "response_format": "belongs into method.reinforcement",
    "reinforcement": "belongs into 'method'",
    "prompt_loss_weight": "was a field of /fine-tunes and is gone; leave it out",
    "compute_classification_metrics": "was a field of /fine-tunes and is gone; leave it out",
    "classification_n_classes": "was a field of /fine-tunes and is gone; leave it out",
    "classification_positive_class": "was a field of /fine-tunes and is gone; leave it out",
    "classification_betas": "was a field of /fine-tunes and is gone; leave it out",
  ]

  /// Fields that are stale or nearly one of ours are mistakes; any other is somebody's extension and let through.
  private mutating func rejectStrangers(_ reader: FieldReader) {
    var ignored: [String] = []
    for key in body.keys where !Self.fields.contains(key) && key != Self.extensionKey {
      if let advice = Self.stale[key] {
        reader.error(key, advice)
      } else if let near = EditDistance.nearest(to: key, among: Self.fields),
        EditDistance.between(key.lowercased().replacing("-", with: "_"), near) <= 2
      {
        reader.error(key, "is no field of a job; did you mean '\(near)'?")
      } else {
        ignored.append(String(key.prefix(64)))
      }
    }
    if !ignored.isEmpty {
      let rest = ignored.count > 20 ? " and \(ignored.count - 20) more" : ""
      remarks.append(
        "These fields mean nothing here and were not used: \(ignored.prefix(20).joined(separator: ", "))\(rest)"
      )
    }
  }

  private static func suffix(_ reader: FieldReader) -> String? {
    guard let suffix = reader.string("suffix", longest: 64), !suffix.isEmpty else { return nil }
    // It becomes a part of a model's name, whose parts are divided by colons, and of paths.
    let isPlain = suffix.unicodeScalars.allSatisfy {
      $0.isASCII
        && ($0.properties.isAlphabetic || (0x30...0x39).contains($0.value)
          || "-_. ".unicodeScalars.contains($0))
    }
    if !isPlain {
      reader.error("suffix", "is '\(suffix)'; expected letters, digits, '-', '_', '.' or blanks")
    }
    return suffix
  }

  private static func metadata(_ reader: FieldReader) -> JSONObject? {
    guard let metadata = reader.object("metadata", "an object of texts") else { return nil }
    if metadata.count > 16 { reader.error("metadata", "has \(metadata.count) pairs; expected at most 16") }
    for (key, value) in metadata.members.prefix(64) {
      let name = "metadata.\(key.prefix(64))"
      if key.isEmpty || key.unicodeScalars.count > 64 {
        reader.error(name, "has a key of \(key.unicodeScalars.count) characters; expected 1 to 64")
      }
      guard let text = value.string else {
        reader.error(name, "expected text, got \(value.kind)")
        continue
      }
      if text.unicodeScalars.count > 512 {
        reader.error(name, "is \(text.unicodeScalars.count) characters long; expected at most 512")
      }
    }
    return metadata
  }

  private mutating func readIntegrations(_ reader: FieldReader) {
    for (index, value) in (reader.array("integrations", "a list") ?? []).enumerated() {
      let key = "integrations[\(index)]"
      guard let integration = value.object else {
        reader.error(key, "expected an object with a type, got \(value.kind)")
        continue
      }
      let inside = reader.inside(key, integration)
      inside.rejectKeys(besides: ["type", "wandb"])
      guard let type = inside.requiredString("type", "'wandb'") else { continue }
      guard type == "wandb" else {
        inside.error("type", "is '\(type.prefix(40))'; expected 'wandb'")
        continue
      }
      guard let wandb = inside.object("wandb", "an object with a project") else {
        if inside.value("wandb") == nil {
          inside.error("wandb", "is missing; expected an object with a project")
        }
        continue
      }
      let fields = inside.inside("wandb", wandb)
      fields.rejectKeys(besides: ["project", "name", "entity", "tags"])
      _ = fields.requiredString("project", "the name of a project")
      _ = fields.string("name")
      _ = fields.string("entity")
      for (index, tag) in (fields.array("tags", "a list of texts") ?? []).enumerated() where tag.string == nil
      {
        fields.error("tags[\(index)]", "expected text, got \(tag.kind)")
      }
      remarks.append(
        "The integration wandb was noted, but nothing is sent to it: this service has no client for it. "
          + "The curves are in the job's events, its result file and the run's TensorBoard files")
    }
  }
}
