import Records
import Store

/// A job as OpenAI's `fine_tuning.job`, every key always there.
struct JobWire {
  let job: Job

  var json: JSONValue {
    let request = job.request.value
    var wire = JSONObject()
    wire["id"] = .string(job.id)
    wire["object"] = "fine_tuning.job"
    wire["created_at"] = .integer(job.createdAt)
    wire["finished_at"] = WireValue.number(job.finishedAt)
    wire["estimated_finish"] = WireValue.number(job.estimatedFinish)
    wire["model"] = .string(job.model)
    wire["fine_tuned_model"] = WireValue.text(job.tunedModel)
    wire["organization_id"] = .string(job.projectID)
    wire["status"] = .string(job.status.rawValue)
    wire["hyperparameters"] = hyperparameters(all: true)
    wire["training_file"] = .string(job.trainingFile ?? "")
    wire["validation_file"] = WireValue.text(job.validationFile)
    wire["result_files"] = .array(job.resultFile.map { [.string($0)] } ?? [])
    wire["trained_tokens"] = WireValue.number(job.trainedTokens)
    wire["error"] = error
    wire["seed"] = .integer(job.seed)
    wire["integrations"] = request["integrations"] ?? []
    wire["method"] = method
    wire["metadata"] = job.metadata?.value ?? .null
    wire["user_provided_suffix"] = request["suffix"] ?? .null
    wire["usage_metrics"] = .null
    wire["shared_with_openai"] = false
    wire["eval_id"] = .null
    // Two of ours: why a job does not run, and what was asked of it that is still to happen.
    wire["waiting_for"] = WireValue.text(job.waitingFor)
    wire["requested_action"] = WireValue.text(job.wish?.rawValue)
    return .object(wire)
  }

  private var error: JSONValue {
    guard job.errorCode != nil || job.errorMessage != nil else { return .null }
    return [
      "code": .string(job.errorCode ?? "job_failed"), "message": .string(job.errorMessage ?? ""),
      "param": WireValue.text(job.errorParam),
    ]
  }

  /// As they were sent, with the grader's parts as a map, and hyperparameters as they stand.
  private var method: JSONValue {
    let sent = job.request.value["method"]?["reinforcement"]
    var reinforcement = JSONObject()
    reinforcement["grader"] = DefinitionWalk.map(sent?["grader"] ?? .null, path: "") { leaf, _ in
      // Clients read a name, and definitions in the wild have none.
      var named = leaf
      if leaf["name"] == nil { named["name"] = leaf["type"] }
      return named
    }
    reinforcement["hyperparameters"] = hyperparameters(all: false)
    if let format = sent?["response_format"] { reinforcement["response_format"] = format }
    return ["type": "reinforcement", "reinforcement": .object(reinforcement)]
  }

  /// What was resolved, before that what was asked for, else `auto`; `all` adds what was resolved beside the API's own.
  private func hyperparameters(all: Bool) -> JSONValue {
    let request = job.request.value
    let resolved = job.resolved?.value.object ?? JSONObject()
    let asked = request["method"]?["reinforcement"]?["hyperparameters"]
    let legacy = request["hyperparameters"]
    var values = JSONObject()
    for name in Hyperparameter.allCases {
      let key = name.rawValue
      let choices = [resolved[key], asked?[key], legacy?[key]]
      values[key] = choices.lazy.compactMap { $0 }.first { $0 != .null } ?? .string(name.open)
    }
    if all {
      for (key, value) in resolved.members where values[key] == nil { values[key] = value }
    }
    return .object(values)
  }
}
