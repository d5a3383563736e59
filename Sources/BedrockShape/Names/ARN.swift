/// Amazon resource names, as our own resources have them.
package struct ARN: Sendable, Hashable, CustomStringConvertible {
  package var service: String
  package var region: String
  package var account: String
  package var resource: String

  package init(service: String = "bedrock", region: String, account: String, resource: String) {
    self.service = service
    self.region = region
    self.account = account
    self.resource = resource
  }

  /// nil for a text that is none.
  package init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    guard parts.count == 6, parts[0] == "arn", parts[1].hasPrefix("aws") else { return nil }
    self.init(
      service: String(parts[2]), region: String(parts[3]), account: String(parts[4]),
      resource: String(parts[5]))
  }

  package var description: String { "arn:aws:\(service):\(region):\(account):\(resource)" }
}
