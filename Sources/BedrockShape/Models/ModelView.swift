internal import Records
internal import Store

/// A custom model as Bedrock describes it.
struct ModelView {
  let entry: CustomModelEntry
  var figures: JobFigures?

  private var model: CustomModel { entry.model }
  private var created: UnixTime { entry.job.finishedAt ?? model.createdAt }

  var details: JSONValue {
    let request = entry.job.request.value.object ?? JSONObject()
    var view = JSONObject()
    view["modelArn"] = .string(model.arn)
    view["modelName"] = .string(model.name)
    view["jobName"] = .string(entry.job.name ?? "")
    view["jobArn"] = .string(model.jobARN)
    view["baseModelArn"] = .string(model.baseModelARN)
    view["customizationType"] = "REINFORCEMENT_FINE_TUNING"
    if let key = request["customModelKmsKeyId"]?.string, key.hasPrefix("arn:") {
      view["modelKmsKeyArn"] = .string(key)
    }
    view["hyperParameters"] = request["hyperParameters"] ?? [:]
    view["trainingDataConfig"] = request["trainingDataConfig"] ?? [:]
    view["validationDataConfig"] = request["validationDataConfig"] ?? ["validators": []]
    view["outputDataConfig"] = request["outputDataConfig"] ?? [:]
    for (key, value) in JobView(job: entry.job, model: model, figures: figures).metrics { view[key] = value }
    view["creationTime"] = .string(WireTime.text(created))
    view["customizationConfig"] = request["customizationConfig"] ?? [:]
    view["modelStatus"] = "Active"
    return .object(view)
  }

  func summary(account: String) -> JSONValue {
    let base = model.foundationModelARN.split(separator: "/").last.map(String.init) ?? ""
    return [
      "modelArn": .string(model.arn), "modelName": .string(model.name),
      "creationTime": .string(WireTime.text(created)), "baseModelArn": .string(model.baseModelARN),
      "baseModelName": .string(base), "customizationType": "REINFORCEMENT_FINE_TUNING",
      "ownerAccountId": .string(account), "modelStatus": "Active",
    ]
  }
}
