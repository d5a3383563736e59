import Foundation
import Records

/// Finds addresses in a definition that no grader may call: a cloud's metadata service gives keys to whoever asks.
enum RemoteReach {
  private static let places: [[String]] = [["url"], ["endpoint", "base_url"], ["lambda", "endpoint_url"]]

  static func check(_ leaf: JSONObject, path: String, _ problems: RequestProblems) {
    for place in places {
      guard let text = value(at: place, in: leaf), let host = URLComponents(string: text)?.host else {
        continue
      }
      guard let address = HostAddress(literal: host), address.reach == .linkLocal else { continue }
      problems.add(
        ([path] + place).joined(separator: "."), "is a link-local address, which no grader may call")
    }
  }

  private static func value(at place: [String], in leaf: JSONObject) -> String? {
    var value = JSONValue.object(leaf)
    for key in place {
      guard let next = value[key] else { return nil }
      value = next
    }
    return value.string
  }
}
