internal import GRDB

/// A name under which a custom model is asked, and behind which it can be changed.
package struct ModelDeployment: StoredRecord {
  package static let databaseTableName = "modelDeployment"

  package var sequence: Int64?
  /// The last part of its ARN.
  package var id: String
  package var projectID: String
  package var arn: String
  package var name: String
  package var modelARN: String
  package var description: String?
  package var createdAt: UnixTime
  package var updatedAt: UnixTime
  /// Whether the model was changed since.
  package var isUpdated: Bool
  package var deletedAt: UnixTime?

  package init(
    id: String, projectID: String, arn: String, name: String, modelARN: String, description: String?
  ) {
    self.id = id
    self.projectID = projectID
    self.arn = arn
    self.name = name
    self.modelARN = modelARN
    self.description = description
    createdAt = .now
    updatedAt = createdAt
    isUpdated = false
  }
}
