internal import GRDB

/// A run as the service sees it.
package struct Job: StoredRecord {
  package static let databaseTableName = "job"

  /// Which API asked for it; lists show their own jobs only.
  package enum Shape: String, Codable, Sendable, Hashable { case openai, bedrock }

  package enum Status: String, Codable, Sendable, Hashable, CaseIterable {
    case validatingFiles = "validating_files"
    case queued, running, paused, succeeded, failed, cancelled

    package var isFinal: Bool { self == .succeeded || self == .failed || self == .cancelled }
  }

  /// What somebody has asked of a job that has not happened yet.
  package enum Wish: String, Codable, Sendable, Hashable { case pause, cancel }

  package var sequence: Int64?
  package var id: String
  package var projectID: String
  package var shape: Shape
  /// Unique within project and shape; nil where the shape has none.
  package var name: String?
  package var status: Status
  package var wish: Wish?
  /// What a job that does not run waits for, as a sentence.
  package var waitingFor: String?
  /// As it was sent, and in Bedrock's case whatever else the answer must repeat.
  package var request: JSONColumn
  /// The plan (`Plan` as JSON) once the files were checked.
  package var plan: JSONColumn?
  /// As the request named it.
  package var model: String
  package var trainingFile: String?
  package var validationFile: String?
  package var seed: Int
  package var metadata: JSONColumn?
  /// Hyperparameters as they were resolved; nil until then.
  package var resolved: JSONColumn?
  package var createdAt: UnixTime
  package var startedAt: UnixTime?
  package var finishedAt: UnixTime?
  package var estimatedFinish: UnixTime?
  package var runFolder: String?
  package var forecastBytes: Int?
  /// Times that a worker was started for it.
  package var attempts: Int
  package var tunedModel: String?
  package var trainedTokens: Int?
  package var resultFile: String?
  package var errorCode: String?
  package var errorMessage: String?
  package var errorParam: String?

  package init(
    id: String, projectID: String, shape: Shape, name: String? = nil, request: JSONColumn, model: String,
    trainingFile: String?, validationFile: String? = nil, seed: Int, metadata: JSONColumn? = nil
  ) {
    self.id = id
    self.projectID = projectID
    self.shape = shape
    self.name = name
    status = .validatingFiles
    self.request = request
    self.model = model
    self.trainingFile = trainingFile
    self.validationFile = validationFile
    self.seed = seed
    self.metadata = metadata
    createdAt = .now
    attempts = 0
  }
}
