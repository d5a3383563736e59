internal import Records
internal import Store

/// As it is kept beside the job until the job is over. Foundation's coders would lose the order of the grader's keys.
extension JobOrder {
  /// All but `request`, which the job itself has.
  var json: JSONValue {
    var object = JSONObject()
    object["id"] = .string(id)
    object["project"] = .string(projectID)
    object["shape"] = .string(shape.rawValue)
    object["name"] = name.map(JSONValue.string)
    object["model"] = .string(model)
    if let start {
      object["start"] = .object(
        JSONObject([
          ("base", .string(start.base)), ("run", .string(start.runFolder)),
          ("step", start.step.map(JSONValue.integer) ?? .null),
        ]))
    }
    object["training_file"] = trainingFile.map(JSONValue.string)
    object["validation_file"] = validationFile.map(JSONValue.string)
    object["training_path"] = .string(trainingPath)
    object["validation_path"] = validationPath.map(JSONValue.string)
    object["seed"] = seed.map(JSONValue.integer)
    object["suffix"] = suffix.map(JSONValue.string)
    object["metadata"] = metadata
    object["grader"] = grader
    object["choices"] = choices.json
    object["model_name"] = modelName.map(JSONValue.string)
    return .object(object)
  }

  /// nil for anything that `json` did not make.
  init?(json: JSONValue, request: JSONValue) {
    guard let id = json["id"]?.string, let project = json["project"]?.string,
      let shape = json["shape"]?.string.flatMap(Job.Shape.init), let model = json["model"]?.string,
      let path = json["training_path"]?.string, let grader = json["grader"], let choices = json["choices"]
    else { return nil }
    self.init(
      id: id, projectID: project, shape: shape, request: request, model: model, trainingPath: path,
      grader: grader, choices: TuningChoices(json: choices))
    if let base = json["start"]?["base"]?.string, let run = json["start"]?["run"]?.string {
      start = Start(base: base, runFolder: run, step: json["start"]?["step"]?.integer)
    }
    name = json["name"]?.string
    trainingFile = json["training_file"]?.string
    validationFile = json["validation_file"]?.string
    validationPath = json["validation_path"]?.string
    seed = json["seed"]?.integer
    suffix = json["suffix"]?.string
    metadata = json["metadata"]
    modelName = json["model_name"]?.string
  }
}

extension TuningChoices {
  var json: JSONValue {
    var object = JSONObject()
    object["epochs"] = epochs.map(JSONValue.integer)
    object["batch_size"] = batchSize.map(JSONValue.integer)
    object["learning_rate_multiplier"] = learningRateMultiplier.map(JSONValue.number)
    object["learning_rate"] = learningRate.map(JSONValue.number)
    object["samples_per_prompt"] = samplesPerPrompt.map(JSONValue.integer)
    object["compute_multiplier"] = computeMultiplier.map(JSONValue.number)
    object["eval_interval"] = evalInterval.map(JSONValue.integer)
    object["eval_samples"] = evalSamples.map(JSONValue.integer)
    object["max_prompt_tokens"] = maxPromptTokens.map(JSONValue.integer)
    object["max_tokens"] = maxTokens.map(JSONValue.integer)
    object["reasoning_effort"] = reasoningEffort.map { .string($0.rawValue) }
    object["response_format"] = responseFormat
    object["overrides"] = .object(
      JSONObject(overrides.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    return .object(object)
  }

  init(json: JSONValue) {
    self.init()
    epochs = json["epochs"]?.integer
    batchSize = json["batch_size"]?.integer
    learningRateMultiplier = json["learning_rate_multiplier"]?.double
    learningRate = json["learning_rate"]?.double
    samplesPerPrompt = json["samples_per_prompt"]?.integer
    computeMultiplier = json["compute_multiplier"]?.double
    evalInterval = json["eval_interval"]?.integer
    evalSamples = json["eval_samples"]?.integer
    maxPromptTokens = json["max_prompt_tokens"]?.integer
    maxTokens = json["max_tokens"]?.integer
    reasoningEffort = json["reasoning_effort"]?.string.flatMap(ReasoningEffort.init)
    responseFormat = json["response_format"]
    for (path, text) in json["overrides"]?.object?.members ?? [] { overrides[path] = text.string }
  }
}
