package import Records
package import Store

/// A request to a model and its answer, as Bedrock logs them (`ModelInvocationLog` 1.0).
package struct InvocationRecord: Sendable, Hashable {
  /// Bedrock's names of what was called.
  package enum Operation: String, Sendable, Hashable {
    case converse = "Converse"
    case converseStream = "ConverseStream"
    case invokeModel = "InvokeModel"
    case invokeModelStream = "InvokeModelWithResponseStream"
  }

  /// Why an answer is not whole: Bedrock's names of exceptions, and one for what Bedrock has none.
  package enum Failure: String, Sendable, Hashable {
    case whole = "ModelErrorException"
    case stream = "ModelStreamErrorException"
    case abandoned = "ClientDisconnectedException"
  }

  package var projectID: String
  package var requestID: String
  package var operation: Operation
  package var modelID: String
  package var region: String
  /// Whose key asked; nil where none did.
  package var keyID: String?
  package var input: JSONValue
  package var inputTokens: Int
  package var output: JSONValue
  package var outputTokens: Int
  package var metadata: [String: String]
  /// nil for a whole answer.
  package var failure: Failure?
  package var time: UnixTime

  /// - Parameter region: as in the model's ARN.
  package init(
    projectID: String, requestID: String, operation: Operation, modelID: String, region: String,
    keyID: String?, input: JSONValue, inputTokens: Int, output: JSONValue, outputTokens: Int,
    metadata: [String: String] = [:]
  ) {
    self.projectID = projectID
    self.requestID = requestID
    self.operation = operation
    self.modelID = modelID
    self.region = region
    self.keyID = keyID
    self.input = input
    self.inputTokens = inputTokens
    self.output = output
    self.outputTokens = outputTokens
    self.metadata = metadata
    time = .now
  }

  func json(account: String) -> JSONValue {
    var record = JSONObject()
    record["schemaType"] = "ModelInvocationLog"
    record["schemaVersion"] = "1.0"
    record["timestamp"] = .string(WireTime.text(time))
    record["accountId"] = .string(account)
    record["identity"] = ["arn": .string("arn:aws:iam::\(account):user/\(keyID ?? "anonymous")")]
    record["region"] = .string(region)
    record["requestId"] = .string(requestID)
    record["operation"] = .string(operation.rawValue)
    record["modelId"] = .string(modelID)
    if let failure { record["errorCode"] = .string(failure.rawValue) }
    record["input"] = [
      "inputContentType": "application/json", "inputBodyJson": input,
      "inputTokenCount": .integer(inputTokens),
    ]
    record["output"] = [
      "outputContentType": "application/json", "outputBodyJson": output,
      "outputTokenCount": .integer(outputTokens),
    ]
    if !metadata.isEmpty {
      record["requestMetadata"] = .object(
        JSONObject(metadata.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }
    return .object(record)
  }
}
