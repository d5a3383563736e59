import Foundation
import Gateway
import Hummingbird
import Store

/// The query of a request, names and values decoded: clients write `metadata[team]` as `metadata%5Bteam%5D`.
struct RequestQuery {
  let pairs: [(name: String, value: String)]

  init(_ request: Request) throws(APIFailure) { try self.init(text: request.uri.query ?? "") }

  /// - Parameter text: what stands behind the question mark.
  init(text: String) throws(APIFailure) {
    var pairs: [(name: String, value: String)] = []
    for pair in text.split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = Self.decoded(sides[0]), let value = Self.decoded(sides.count > 1 ? sides[1] : "")
      else { throw APIFailure(.invalid, "the query '\(pair.prefix(80))' is not percent-encoded UTF-8") }
      pairs.append((name, value))
    }
    self.pairs = pairs
  }

  /// The last value of a name; an empty one counts as none.
  subscript(_ name: String) -> String? {
    pairs.last { $0.name == name }.flatMap { $0.value.isEmpty ? nil : $0.value }
  }

  /// `limit`, `after` and `order`. A limit above the highest is taken as that, since the page says that there is more.
  func page(limit usual: Int, highest: Int, ascending: Bool = false) throws(APIFailure) -> PageRequest {
    var limit = usual
    if let text = self["limit"] {
      guard let number = Int(text), number > 0 else {
        throw APIFailure(
          .invalid, "limit is '\(text.prefix(40))'; expected a whole number from 1 to \(highest)",
          param: "limit")
      }
      limit = min(number, highest)
    }
    var isAscending = ascending
    if let text = self["order"] {
      switch text {
      case "asc", "ascending": isAscending = true
      case "desc", "descending": isAscending = false
      default:
        throw APIFailure(
          .invalid, "order is '\(text.prefix(40))'; expected asc or desc", param: "order")
      }
    }
    return PageRequest(limit: limit, after: self["after"], ascending: isAscending)
  }

  private static func decoded(_ text: Substring) -> String? {
    text.replacing("+", with: " ").removingPercentEncoding
  }
}
