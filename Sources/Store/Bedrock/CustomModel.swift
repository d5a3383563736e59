internal import GRDB

/// The model that a Bedrock job makes, as Bedrock names it. It is there from the job's beginning, so that its name is
/// taken, and can be seen once the job has left a policy.
package struct CustomModel: StoredRecord {
  package static let databaseTableName = "customModel"

  package var sequence: Int64?
  /// The last part of its ARN.
  package var id: String
  package var projectID: String
  /// Also the policy's name (`TunedModel.id`).
  package var arn: String
  package var name: String
  package var jobID: String
  package var jobARN: String
  /// What the job was told to begin with: a foundation model or another custom model.
  package var baseModelARN: String
  package var foundationModelARN: String
  package var createdAt: UnixTime
  package var deletedAt: UnixTime?
  /// When the job's figures were put where the job was told to.
  package var outputsWrittenAt: UnixTime?
  package var outputAttempts: Int
  /// When that is tried again, after it failed.
  package var nextOutputsAt: UnixTime?

  package init(
    id: String, projectID: String, arn: String, name: String, jobID: String, jobARN: String,
    baseModelARN: String, foundationModelARN: String
  ) {
    self.id = id
    self.projectID = projectID
    self.arn = arn
    self.name = name
    self.jobID = jobID
    self.jobARN = jobARN
    self.baseModelARN = baseModelARN
    self.foundationModelARN = foundationModelARN
    createdAt = .now
    outputAttempts = 0
  }
}

/// A custom model and the job that makes or has made it.
package struct CustomModelEntry: Sendable, Hashable {
  package var model: CustomModel
  package var job: Job
}
