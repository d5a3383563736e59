internal import Records
internal import Store

/// A deployment as Bedrock describes it. It is active at once: the model is loaded when it is first asked.
struct DeploymentView {
  enum Status: String, CaseIterable {
    case creating = "Creating"
    case active = "Active"
    case failed = "Failed"
  }

  let deployment: ModelDeployment

  var details: JSONValue {
    var view = JSONObject()
    view["customModelDeploymentArn"] = .string(deployment.arn)
    view["modelDeploymentName"] = .string(deployment.name)
    view["modelArn"] = .string(deployment.modelARN)
    view["createdAt"] = .string(WireTime.text(deployment.createdAt))
    view["status"] = .string(Status.active.rawValue)
    if let description = deployment.description { view["description"] = .string(description) }
    if deployment.isUpdated {
      view["updateDetails"] = [
        "modelArn": .string(deployment.modelARN), "updateStatus": "UpdateCompleted",
      ]
    }
    view["lastUpdatedAt"] = .string(WireTime.text(deployment.updatedAt))
    return .object(view)
  }

  var summary: JSONValue {
    [
      "customModelDeploymentArn": .string(deployment.arn),
      "customModelDeploymentName": .string(deployment.name), "modelArn": .string(deployment.modelARN),
      "createdAt": .string(WireTime.text(deployment.createdAt)), "status": "Active",
      "lastUpdatedAt": .string(WireTime.text(deployment.updatedAt)),
    ]
  }
}
