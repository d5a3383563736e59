internal import Foundation
internal import Gateway
internal import Store

/// Times in the names of log files: `20261122T063000123Z`, and the folders of the hour, `2026/11/22/06`.
enum LogMoment {
  static func now() -> String {
    let time = Date().timeIntervalSince1970
    let thousandths = String(1000 + Int((time - time.rounded(.down)) * 1000)).dropFirst()
    return SignatureMoment(UnixTime(time)).text.dropLast() + thousandths + "Z"
  }

  /// - Parameter name: begins with such a time.
  static func folders(_ name: String) -> String {
    let digits = Array(name)
    guard digits.count >= 11 else { return "unknown" }
    return [digits[0..<4], digits[4..<6], digits[6..<8], digits[9..<11]].map { String($0) }.joined(
      separator: "/")
  }
}
