internal import HTTPTypes
internal import Hummingbird

/// How a client says who it is.
enum Credentials: Sendable, Hashable {
  case key(String)
  /// A signature of AWS's version 4: the whole header.
  case signature(String)
  /// Something that is neither.
  case unknown(scheme: String)

  private static let apiKey = HTTPField.Name("api-key")!
  private static let xAPIKey = HTTPField.Name("x-api-key")!

  /// What a request brings; nil for nothing.
  init?(_ request: Request) {
    if let text = request.headers[.authorization] {
      let scheme = text.prefix { $0 != " " }
      let rest = text.dropFirst(scheme.count).drop { $0 == " " }
      switch scheme.lowercased() {
      case "bearer": self = .key(String(rest))
      case "aws4-hmac-sha256": self = .signature(text)
      default: self = .unknown(scheme: String(scheme.prefix(40)))
      }
    } else if let key = request.headers[Self.apiKey] ?? request.headers[Self.xAPIKey] {
      self = .key(key)
    } else {
      return nil
    }
  }
}
