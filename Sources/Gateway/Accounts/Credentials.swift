internal import HTTPTypes
internal import Hummingbird

/// How a client says who it is.
enum Credentials: Sendable, Hashable {
  case key(String)
  /// A signature of AWS's version 4: the whole header.
  case signature(String)
  /// A signature of that version in the query.
  case presigned(query: String)
  /// One of Bedrock's short-term keys, without its prefix.
  case shortTerm(String)
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
      case "bearer" where rest.hasPrefix(ShortTermKey.prefix):
        self = .shortTerm(String(rest.dropFirst(ShortTermKey.prefix.count)))
      case "bearer": self = .key(String(rest))
      case "aws4-hmac-sha256": self = .signature(text)
      default: self = .unknown(scheme: String(scheme.prefix(40)))
      }
    } else if let key = request.headers[Self.apiKey] ?? request.headers[Self.xAPIKey] {
      self = .key(key)
    } else if let query = request.uri.query, PresignedQuery.isPresent(in: query) {
      self = .presigned(query: query)
    } else {
      return nil
    }
  }
}
