import Foundation
import Gateway
import Hummingbird

extension APIContext {
  /// A parameter of the path, decoded; throws `APIFailure` where it is no text.
  func name(_ parameter: String) throws -> String {
    try Self.decoded(parameters.require(parameter))
  }

  /// What a `**` of the path has caught, decoded: names of models hold slashes and colons, encoded or not.
  func restOfPath() throws -> String {
    try Self.decoded(parameters.getCatchAll().joined(separator: "/"))
  }

  private static func decoded(_ text: String) throws(APIFailure) -> String {
    guard let decoded = text.removingPercentEncoding, !decoded.unicodeScalars.contains("\0") else {
      throw APIFailure(.invalid, "the path is not percent-encoded UTF-8")
    }
    return decoded
  }
}
