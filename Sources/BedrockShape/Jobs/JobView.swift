internal import Records
internal import Store

/// A job as Bedrock describes it.
struct JobView {
  let job: Job
  let model: CustomModel
  var token: String?
  var lastEvent: JobEvent?
  var figures: JobFigures?

  private var request: JSONObject { job.request.value.object ?? JSONObject() }
  private var status: BedrockJobStatus { BedrockJobStatus(job) }

  private var lastModified: UnixTime {
    [job.createdAt, job.startedAt, job.finishedAt, lastEvent?.createdAt].compactMap { $0 }.max()
      ?? job.createdAt
  }

  var details: JSONValue {
    var view = JSONObject()
    view["jobArn"] = .string(model.jobARN)
    view["jobName"] = .string(job.name ?? "")
    view["outputModelName"] = .string(model.name)
    if job.tunedModel != nil, job.status.isFinal { view["outputModelArn"] = .string(model.arn) }
    if let token { view["clientRequestToken"] = .string(token) }
    view["roleArn"] = request["roleArn"] ?? ""
    view["status"] = .string(status.rawValue)
    view["statusDetails"] = statusDetails
    if let message = failureMessage { view["failureMessage"] = .string(message) }
    view["creationTime"] = .string(WireTime.text(job.createdAt))
    view["lastModifiedTime"] = .string(WireTime.text(lastModified))
    if let end = job.finishedAt { view["endTime"] = .string(WireTime.text(end)) }
    view["baseModelArn"] = .string(model.baseModelARN)
    view["hyperParameters"] = request["hyperParameters"] ?? [:]
    view["trainingDataConfig"] = request["trainingDataConfig"] ?? [:]
    view["validationDataConfig"] = request["validationDataConfig"] ?? ["validators": []]
    view["outputDataConfig"] = request["outputDataConfig"] ?? [:]
    view["customizationType"] = "REINFORCEMENT_FINE_TUNING"
    if let key = request["customModelKmsKeyId"]?.string, key.hasPrefix("arn:") {
      view["outputModelKmsKeyArn"] = .string(key)
    }
    for (key, value) in metrics { view[key] = value }
    if let network = request["vpcConfig"] { view["vpcConfig"] = network }
    view["customizationConfig"] = request["customizationConfig"] ?? [:]
    return .object(view)
  }

  /// As jobs and models have them: losses, and nothing else that Bedrock has a word for.
  var metrics: [(String, JSONValue)] {
    var found: [(String, JSONValue)] = []
    if let loss = figures?.trainingLoss { found.append(("trainingMetrics", ["trainingLoss": .number(loss)])) }
    if let loss = figures?.validationLoss {
      found.append(("validationMetrics", .array([["validationLoss": .number(loss)]])))
    }
    return found
  }

  var summary: JSONValue {
    var view = JSONObject()
    view["jobArn"] = .string(model.jobARN)
    view["baseModelArn"] = .string(model.baseModelARN)
    view["jobName"] = .string(job.name ?? "")
    view["status"] = .string(status.rawValue)
    view["statusDetails"] = statusDetails
    view["lastModifiedTime"] = .string(WireTime.text(lastModified))
    view["creationTime"] = .string(WireTime.text(job.createdAt))
    if let end = job.finishedAt { view["endTime"] = .string(WireTime.text(end)) }
    if job.tunedModel != nil, job.status.isFinal { view["customModelArn"] = .string(model.arn) }
    view["customModelName"] = .string(model.name)
    view["customizationType"] = "REINFORCEMENT_FINE_TUNING"
    return .object(view)
  }

  private var failureMessage: String? {
    guard job.status == .failed, let message = job.errorMessage else { return nil }
    return message.utf8.count <= 2048 ? message : "\(message.prefix(600))..."
  }

  // MARK: The parts of a job

  private enum Part: String {
    case notStarted = "NotStarted"
    case inProgress = "InProgress"
    case completed = "Completed"
    case failed = "Failed"
    case stopping = "Stopping"
    case stopped = "Stopped"
  }

  /// Files are checked, then prepared (the plan), then trained with.
  private var statusDetails: JSONValue {
    let ended: Part? =
      switch status {
      case .failed: .failed
      case .stopped: .stopped
      case .stopping: .stopping
      case .inProgress, .completed: nil
      }
    let parts: (Part, Part, Part) =
      if job.status == .succeeded {
        (.completed, .completed, .completed)
      } else if job.startedAt != nil {
        (.completed, .completed, ended ?? .inProgress)
      } else if job.plan != nil {
        (.completed, .completed, ended ?? .notStarted)
      } else {
        (ended ?? .inProgress, .notStarted, .notStarted)
      }
    return [
      "validationDetails": part(parts.0, from: job.createdAt),
      "dataProcessingDetails": part(parts.1, from: job.createdAt),
      "trainingDetails": part(parts.2, from: job.startedAt),
    ]
  }

  private func part(_ part: Part, from start: UnixTime?) -> JSONValue {
    var object = JSONObject([("status", .string(part.rawValue))])
    if part != .notStarted, let start {
      object["creationTime"] = .string(WireTime.text(start))
      object["lastModifiedTime"] = .string(WireTime.text(lastModified))
    }
    return .object(object)
  }
}
