internal import Jobs
internal import Records

/// CreateModelCustomizationJob's body, checked as far as it can be checked by itself.
struct CustomizationRequest {
  /// The kinds that Bedrock knows.
  enum CustomizationType: String, CaseIterable {
    case fineTuning = "FINE_TUNING"
    case continuedPreTraining = "CONTINUED_PRE_TRAINING"
    case distillation = "DISTILLATION"
    case reinforcement = "REINFORCEMENT_FINE_TUNING"
    case imported = "IMPORTED"
  }

  var jobName = ""
  var modelName = ""
  var base = ""
  var training: TrainingSource?
  var validation: [S3Address] = []
  var output: S3Address?
  var lambda = ""
  var choices = TuningChoices()
  var seed: Int?
  var token: String?
  var jobTags: [Tag] = []
  var modelTags: [Tag] = []

  /// The body without the token: what makes two requests the same.
  let body: JSONObject

  static let members = [
    "jobName", "customModelName", "roleArn", "clientRequestToken", "baseModelIdentifier", "customizationType",
    "customModelKmsKeyId", "jobTags", "customModelTags", "trainingDataConfig", "validationDataConfig",
    "outputDataConfig", "hyperParameters", "vpcConfig", "customizationConfig",
  ]

  /// Problems are left in the reader's collection.
  init(_ reader: WireReader, _ limits: BedrockLimits) {
    var body = reader.object
    body["clientRequestToken"] = nil
    self.body = body
    reader.rejectOthers(than: Self.members)
    jobName = reader.string("jobName", .jobName, required: true) ?? ""
    modelName = reader.string("customModelName", .modelName, required: true) ?? ""
    base = reader.string("baseModelIdentifier", .modelIdentifier, required: true) ?? ""
    token = reader.string("clientRequestToken", .token)
    // The service needs no leave of anybody's; the names are kept for the answers that repeat them.
    _ = reader.string("roleArn", .roleARN, required: true)
    _ = reader.string("customModelKmsKeyId", .kmsKey)
    Self.checkNetwork(reader)
    checkType(reader)
    training = reader.inside("trainingDataConfig", required: true).flatMap(TrainingSource.init)
    readValidation(reader)
    output = reader.inside("outputDataConfig", required: true)
      .flatMap { inside in
        inside.rejectOthers(than: ["s3Uri"])
        return inside.string("s3Uri", .s3URI, required: true)
      }.flatMap(S3Address.init)
    jobTags = Tag.list(reader, "jobTags")
    modelTags = Tag.list(reader, "customModelTags")
    readTuning(reader, limits)
    readExtensions(reader)
  }

  private func checkType(_ reader: WireReader) {
    let type = reader.choice("customizationType", CustomizationType.self)
    let isReinforcement = reader.object["customizationConfig"]?["rftConfig"]?.object != nil
    if type == .reinforcement || (type == nil && isReinforcement && !reader.has("customizationType")) {
      return
    }
    // The enumeration has complained already.
    if type == nil && reader.has("customizationType") { return }
    reader.problems.add(
      type?.rawValue, at: "customizationType",
      "this service customises models by REINFORCEMENT_FINE_TUNING only; set it, with customizationConfig.rftConfig"
    )
  }

  private static func checkNetwork(_ reader: WireReader) {
    guard let network = reader.inside("vpcConfig") else { return }
    network.rejectOthers(than: ["subnetIds", "securityGroupIds"])
    for (key, most) in [("subnetIds", 16), ("securityGroupIds", 5)] {
      for (path, value) in network.list(key, count: 1...most, required: true) ?? [] {
        _ = WireReader.string(value, .vpcID, at: path, reader.problems)
      }
    }
  }

  private mutating func readValidation(_ reader: WireReader) {
    guard let config = reader.inside("validationDataConfig") else { return }
    config.rejectOthers(than: ["validators"])
    for (path, value) in config.list("validators", count: 0...10, required: true) ?? [] {
      guard let validator = WireReader.inside(value, at: path, reader.problems) else { continue }
      validator.rejectOthers(than: ["s3Uri"])
      if let address = validator.string("s3Uri", .s3URI, required: true).flatMap(S3Address.init) {
        validation.append(address)
      }
    }
  }

  private mutating func readTuning(_ reader: WireReader, _ limits: BedrockLimits) {
    guard let config = reader.inside("customizationConfig") else {
      reader.problems.add(
        nil, at: "customizationConfig.rftConfig.graderConfig.lambdaGrader.lambdaArn",
        "Member must not be null: it says what grades the answers")
      return
    }
    if config.has("distillationConfig") {
      reader.problems.add(
        nil, at: "customizationConfig.distillationConfig", "this service does not distil; set rftConfig")
      return
    }
    config.rejectOthers(than: ["rftConfig"])
    guard let tuning = config.inside("rftConfig", required: true) else { return }
    tuning.rejectOthers(than: ["graderConfig", "hyperParameters"])
    if let graders = tuning.inside("graderConfig", required: true) {
      graders.rejectOthers(than: ["lambdaGrader"])
      if let grader = graders.inside("lambdaGrader", required: true) {
        grader.rejectOthers(than: ["lambdaArn"])
        lambda = grader.string("lambdaArn", .lambdaARN, required: true) ?? ""
      }
    }
    if let values = tuning.inside("hyperParameters") { choices = TuningChoices(values, limits) }
  }

  /// The map of texts beside `rftConfig` takes what Bedrock has no field for.
  private mutating func readExtensions(_ reader: WireReader) {
    guard let map = reader.inside("hyperParameters") else { return }
    for (key, value) in map.object.members {
      guard let text = value.string else {
        reader.problems.add(nil, at: map.place(key), "Member must be a string, got \(value.kind)")
        continue
      }
      if key == "seed" {
        seed = Int(text)
        if seed == nil || seed ?? 0 < 0 {
          reader.problems.add(text, at: map.place(key), "Member must be a whole number of at least 0")
        }
      } else if let problem = choices.setExtension(key, text) {
        reader.problems.add(text, at: map.place(key), problem)
      }
    }
  }
}
