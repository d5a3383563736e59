internal import GRDB

/// A file that a project has sent, or that a job has made; the bytes lie in `Blobs` under its id.
package struct StoredFile: StoredRecord {
  package static let databaseTableName = "file"

  package var sequence: Int64?
  package var id: String
  package var projectID: String
  package var filename: String
  package var bytes: Int
  package var purpose: String
  package var sha256: String
  package var createdAt: UnixTime
  package var expiresAt: UnixTime?
  /// What was found in it when it came, for its owner; nil when there was nothing to say.
  package var statusDetails: String?

  package init(
    id: String = Identifier.new("file-"), projectID: String, filename: String, bytes: Int, purpose: String,
    sha256: String, expiresAt: UnixTime? = nil, statusDetails: String? = nil
  ) {
    self.id = id
    self.projectID = projectID
    self.filename = filename
    self.bytes = bytes
    self.purpose = purpose
    self.sha256 = sha256
    createdAt = .now
    self.expiresAt = expiresAt
    self.statusDetails = statusDetails
  }
}

/// A file on its way, in parts.
package struct Upload: StoredRecord {
  package static let databaseTableName = "upload"

  /// Where an upload stands.
  package enum Status: String, Codable, Sendable, Hashable {
    case pending, completed, cancelled, expired
  }

  package var sequence: Int64?
  package var id: String
  package var projectID: String
  package var filename: String
  package var purpose: String
  package var mimeType: String
  /// What the parts must come to.
  package var bytes: Int
  package var createdAt: UnixTime
  package var expiresAt: UnixTime
  /// Seconds that the file is kept; nil for ever.
  package var fileLifetime: Int?
  package var status: Status
  package var fileID: String?

  package init(
    projectID: String, filename: String, purpose: String, mimeType: String, bytes: Int, fileLifetime: Int?
  ) {
    id = Identifier.new("upload_")
    self.projectID = projectID
    self.filename = filename
    self.purpose = purpose
    self.mimeType = mimeType
    self.bytes = bytes
    createdAt = .now
    expiresAt = .now + 3600
    self.fileLifetime = fileLifetime
    status = .pending
  }
}

package struct UploadPart: StoredRecord {
  package static let databaseTableName = "uploadPart"

  package var sequence: Int64?
  package var id: String
  package var uploadID: String
  package var bytes: Int
  package var createdAt: UnixTime

  package init(id: String = Identifier.new("part_"), uploadID: String, bytes: Int) {
    self.id = id
    self.uploadID = uploadID
    self.bytes = bytes
    createdAt = .now
  }
}
