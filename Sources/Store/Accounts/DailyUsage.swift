internal import GRDB

/// What a project's models were asked on a day.
package struct DailyUsage: Codable, Sendable, Hashable, FetchableRecord, PersistableRecord {
  package static let databaseTableName = "usage"

  package var projectID: String
  /// Days since 1970, UTC.
  package var day: Int
  package var requests: Int
  package var promptTokens: Int
  package var cachedTokens: Int
  package var completionTokens: Int

  package init(
    projectID: String, day: Int = UnixTime.now / 86_400, requests: Int = 1, promptTokens: Int,
    cachedTokens: Int,
    completionTokens: Int
  ) {
    self.projectID = projectID
    self.day = day
    self.requests = requests
    self.promptTokens = promptTokens
    self.cachedTokens = cachedTokens
    self.completionTokens = completionTokens
  }
}
