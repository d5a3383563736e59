import Foundation

/// A POST, ready to be sent.
struct HTTPRequest: Sendable {
  let url: URL
  let headers: [String: String]
  let body: [UInt8]
}

/// What came back with a status of success.
struct HTTPReply: Sendable {
  let status: Int
  /// Names in lower case.
  let headers: [String: String]
  let body: [UInt8]
}
