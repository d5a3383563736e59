import BedrockShape
import Foundation
import Inference
import Jobs
import Records
import Store
import Testing

/// The stock `bedrock` client through the whole life of jobs, models and deployments.
struct ControlPlaneTests {
  static func service() async throws -> TestService {
    let service = try await TestService { _, _ throws(InferenceError) in ScriptedAnswering.stream([]) }
    let rows = (1...3).map { #"{"messages":[{"role":"user","content":"\#($0)"}],"reference_answer":"x"}"# }
    try service.put(rows.joined(separator: "\n") + "\n", "bucket/train.jsonl")
    try service.put(rows[0], "bucket/val.jsonl")
    return service
  }

  @Test(.enabled(if: BotoScript.missing == nil, "\(BotoScript.missing ?? "")"))
  func `boto3 runs the whole life of jobs, models, deployments, tags and logging`() async throws {
    let service = try await Self.service()
    let out = try await service.serve { port in
      try await BotoScript.run("control_plane.py", service.arguments(port))
    }
    try jobs(out, service)
    try lists(out)
    try models(out)
    try deployments(out)
    try tagsAndOthers(out)
    try problems(out)
    try isolation(out)
    try outputs(out, service)
    let audit = try await service.store.audit(projectID: service.mine.projectID, limit: 1000).map(\.action)
    for action in [
      "job.create", "job.stop", "model.delete", "deployment.create", "deployment.update", "tags.set",
    ] {
      #expect(audit.contains(action), "\(action)")
    }
  }

  private func jobs(_ out: JSONValue, _ service: TestService) throws {
    #expect(out["createStatus"] == 201)
    #expect(out["createMembers"] == ["jobArn"])
    #expect(out["requestId"]?.string?.isEmpty == false)
    let arn = try #require(out["jobArn"]?.string)
    let form =
      #/arn:aws:bedrock:us-east-1:000000000000:model-customization-job/amazon\.nova-2-lite-v1:0:256k/[a-z0-9]{12}/#
    #expect(arn.wholeMatch(of: form) != nil, "\(arn)")
    #expect(out["sameToken"] == true)
    for key in ["otherBody", "sameName", "sameModelName", "stopFinished"] {
      #expect(out[key]?["class"] == "ConflictException", "\(key): \(out[key]?.serialised() ?? "")")
      #expect(out[key]?["status"] == 400)
    }
    let queued = try #require(out["queued"])
    #expect(queued["status"] == "InProgress")
    #expect(queued["jobName"] == "triage-1")
    #expect(queued["outputModelName"] == "triage")
    #expect(queued["clientRequestToken"] == "token-1")
    #expect(queued["outputModelArn"] == nil)
    #expect(
      queued["baseModelArn"] == "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-2-lite-v1:0:256k")
    #expect(queued["customizationConfig"]?["rftConfig"]?["hyperParameters"]?["batchSize"] == 32)
    #expect(queued["hyperParameters"]?["lora_rank"] == "8")
    #expect(queued["statusDetails"]?["trainingDetails"]?["status"] == "NotStarted")
    #expect(queued["creationTime"]?.string?.hasSuffix("+00:00") == true)
    #expect(out["byName"] == true)
    #expect(out["unencoded"] == ["colons": 200, "slashes": 200, "nothing": 404])
    let running = try #require(out["running"])
    #expect(running["statusDetails"]?["trainingDetails"]?["status"] == "InProgress")
    #expect(running["trainingMetrics"]?["trainingLoss"] == 0.125)
    #expect(out["notYet"]?["class"] == "ResourceNotFoundException")
    #expect(out["notYet"]?["status"] == 404)
    #expect(out["completed"]?["status"] == "Completed")
    #expect(out["completed"]?["outputModelArn"]?.string?.contains(":custom-model/") == true)
    #expect(out["completed"]?["endTime"] != nil)
    #expect(out["stopAnswer"]?["answer"] == [:])
    #expect(out["stopping"] == "Stopping")
    #expect(out["stopSlashes"] == 200)
    #expect(out["stopped"]?["status"] == "Stopped")
    #expect(out["failed"]?["failureMessage"] == "the grader failed on every answer")
    #expect(out["onTop"]?["baseModelArn"] == out["completed"]?["outputModelArn"])
    let order = try #require(service.jobs.submitted.first)
    #expect(order.model == "tiny")
    #expect(order.seed == 7)
    #expect(order.choices.epochs == 2)
    #expect(order.choices.batchSize == 32)
    #expect(order.choices.learningRate == 1e-5)
    #expect(order.choices.samplesPerPrompt == 8)
    #expect(order.choices.reasoningEffort == .high)
    #expect(order.choices.overrides == ["training.lora.rank": "8"])
    #expect(order.trainingPath.hasSuffix("/s3/bucket/train.jsonl"))
    #expect(order.validationPath?.hasSuffix("/s3/bucket/val.jsonl") == true)
    #expect(order.grader["lambda"]?["file"] == "/graders/grade.py")
    let onTop = try #require(service.jobs.submitted.first { $0.name == "triage-3" })
    #expect(onTop.model == order.modelName)
    #expect(
      out["westJob"]?.string?.hasPrefix("arn:aws:bedrock:us-west-2:000000000000:model-customization-job/")
        == true)
  }

  private func lists(_ out: JSONValue) throws {
    let all: JSONValue = [
      "list-4", "list-3", "list-2", "list-1", "list-0", "triage-3", "triage-2", "triage-1",
    ]
    #expect(out["names"] == all)
    #expect(out["namesAscending"]?.array == all.array?.reversed())
    #expect(out["namesContaining"]?.array?.count == 5)
    #expect(out["namesByStatus"]?["Completed"] == ["triage-1"])
    #expect(out["namesByStatus"]?["Failed"] == ["triage-3"])
    #expect(out["namesByStatus"]?["Stopped"] == ["triage-2"])
    #expect(out["namesByStatus"]?["Stopping"] == [])
    #expect(out["namesByStatus"]?["InProgress"]?.array?.count == 5)
    #expect(out["namesAfter"] == [])
    #expect(out["namesBefore"] == 8)
    #expect(out["summary"]?["customModelName"] == "triage")
    #expect(out["summary"]?["customizationType"] == "REINFORCEMENT_FINE_TUNING")
    #expect(out["badToken"]?["class"] == "ValidationException")
  }

  private func models(_ out: JSONValue) throws {
    #expect(out["model"]?["modelStatus"] == "Active")
    #expect(out["model"]?["jobName"] == "triage-1")
    #expect(out["model"]?["trainingMetrics"]?["trainingLoss"] == 0.125)
    #expect(out["modelByArn"] == "triage")
    #expect(out["modelSlashes"] == 200)
    #expect(out["models"]?.array?.count == 1)
    #expect(out["models"]?.array?.first?["ownerAccountId"] == "000000000000")
    #expect(out["modelsByBase"] == 1)
    #expect(out["modelsByOtherBase"] == 0)
    #expect(out["importing"]?["class"] == "ValidationException")
    #expect(out["importing"]?["message"]?.string?.contains("catalogue") == true)
    #expect(out["modelGone"]?["class"] == "ResourceNotFoundException")
  }

  private func deployments(_ out: JSONValue) throws {
    #expect(out["deployStatus"] == 202)
    #expect(out["deployAgain"] == true)
    // CreateCustomModelDeployment has no ConflictException of its own: boto3 gives the general class.
    #expect(out["deployTaken"]?["code"] == "ConflictException")
    #expect(out["deployMissing"]?["class"] == "ResourceNotFoundException")
    #expect(out["deployment"]?["status"] == "Active")
    #expect(out["deployment"]?["description"] == "the door")
    #expect(out["deployment"]?["updateDetails"] == nil)
    #expect(out["deploymentByName"] == "Active")
    #expect(out["deployments"] == ["more-2", "more-1", "more-0", "front"])
    #expect(out["updateStatus"] == 202)
    #expect(out["updated"]?["updateDetails"]?["updateStatus"] == "UpdateCompleted")
    #expect(out["deleteServed"]?["class"] == "ConflictException")
    #expect(out["deploymentGone"]?["class"] == "ResourceNotFoundException")
  }

  private func tagsAndOthers(_ out: JSONValue) throws {
    #expect(out["jobTags"] == ["team": "triage"])
    #expect(out["modelTags"] == ["kind": "rft"])
    #expect(out["deploymentTags"] == ["a": "1"])
    #expect(out["jobTagsAfter"] == ["team": "x"])
    #expect(out["manyTags"]?["class"] == "TooManyTagsException")
    #expect(out["manyTags"]?["status"] == 400)
    #expect(out["tooLongTags"]?["class"] == "ValidationException")
    #expect(out["manyJobTags"]?["class"] == "TooManyTagsException")
    #expect(out["tagNothing"]?["class"] == "ResourceNotFoundException")
    #expect(
      out["foundation"]?.array?.compactMap { $0["modelId"]?.string } == [
        "operant.tiny", "amazon.nova-2-lite-v1:0:256k",
      ])
    #expect(out["foundationByProvider"] == 1)
    #expect(out["foundationByArn"]?["modelName"] == "tiny")
    #expect(out["foundationMissing"]?["class"] == "ResourceNotFoundException")
    #expect(out["loggingNone"] == [:])
    #expect(out["logging"]?["loggingConfig"]?["s3Config"]?["bucketName"] == "logs")
    #expect(out["loggingCloudWatch"]?["class"] == "ValidationException")
    #expect(out["loggingDeleted"] == [:])
  }

  private func problems(_ out: JSONValue) throws {
    #expect(out["wrong"]?["class"] == "ValidationException")
    let message = try #require(out["wrong"]?["message"]?.string)
    #expect(message.hasPrefix("17 validation errors detected: "), "\(message)")
    for place in [
      "jobName", "customModelName", "roleArn", "baseModelIdentifier", "trainingDataConfig.s3Uri",
      "outputDataConfig.s3Uri", "validationDataConfig.validators[0].s3Uri", "customModelKmsKeyId",
      "hyperParameters.nonsense", "hyperParameters.batchSize",
      "customizationConfig.rftConfig.graderConfig.lambdaGrader.lambdaArn",
      "customizationConfig.rftConfig.hyperParameters.epochCount",
      "customizationConfig.rftConfig.hyperParameters.batchSize",
      "customizationConfig.rftConfig.hyperParameters.learningRate",
      "customizationConfig.rftConfig.hyperParameters.trainingSamplePerPrompt",
      "customizationConfig.rftConfig.hyperParameters.reasoningEffort",
      "customizationConfig.rftConfig.hyperParameters.evalInterval",
    ] {
      #expect(message.contains("'\(place)'"), "\(place)")
    }
    #expect(out["noData"]?["message"]?.string?.contains("there is no such object") == true)
    for type in ["FINE_TUNING", "DISTILLATION", "CONTINUED_PRE_TRAINING", "None"] {
      #expect(out["type\(type)"]?["class"] == "ValidationException", "\(type)")
      #expect(
        out["type\(type)"]?["message"]?.string?.contains("REINFORCEMENT_FINE_TUNING only") == true, "\(type)")
    }
    #expect(out["missingJob"]?["class"] == "ResourceNotFoundException")
  }

  private func isolation(_ out: JSONValue) throws {
    #expect(out["otherJobs"] == [])
    #expect(out["otherModels"] == [])
    for key in ["otherJob", "otherModel", "otherDeployment", "otherTags", "otherStop"] {
      #expect(out[key]?["class"] == "ResourceNotFoundException", "\(key)")
    }
    #expect(out["otherBucket"]?["class"] == "AccessDeniedException")
  }

  private func outputs(_ out: JSONValue, _ service: TestService) throws {
    let id = try #require(out["jobArn"]?.string).suffix(12)
    let place = "bucket/out/model-customization-job-\(id)"
    #expect(
      try service.text("\(place)/training_artifacts/step_wise_training_metrics.csv") == """
        step_number,epoch_number,training_loss,perplexity,critic/rewards/mean,actor/entropy,actor/grad_norm,response_length/mean
        1,0,0.5,1.0,0.25,0.0,1.5,20.0
        2,0,0.25,1.0,0.5,0.0,1.5,20.0
        3,0,0.16666666666666666,1.0,0.75,0.0,1.5,20.0
        4,0,0.125,1.0,1.0,0.0,1.5,20.0

        """)
    #expect(
      try service.text("\(place)/validation_artifacts/post_fine_tuning_validation/validation_metrics.csv")
        == """
        step_number,epoch_number,validation_loss,val-score/rewards/mean@1
        2,0,,0.75
        4,0,,0.75

        """)
  }
}
