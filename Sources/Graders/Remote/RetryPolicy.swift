import Foundation
import Records

/// How long to wait before a call is tried again: doubling, with jitter, so that calls that failed together do not
/// come back together.
enum RetryPolicy {
  /// Before the first retry, without jitter.
  static let firstDelay = 0.5
  /// No wait of our own is longer; a server may ask for more.
  static let longestDelay = 30.0

  /// Seconds before retry number `retry` (from 1): between a half and the whole of the doubled delay. The same seed
  /// gives the same waits.
  static func delay(before retry: Int, seed: UInt64) -> Double {
    let whole = min(firstDelay * pow(2, Double(min(retry, 30) - 1)), longestDelay)
    return whole * (0.5 + 0.5 * RandomStream(seed: seed).uniform(at: retry))
  }

  /// Seconds that an answer asks to wait: `retry-after-ms`, or `retry-after` in seconds or as a date.
  static func wish(in headers: [String: String], now: Date = Date()) -> Double? {
    if let text = headers["retry-after-ms"], let milliseconds = Double(text), milliseconds.isFinite {
      return max(0, milliseconds / 1000)
    }
    guard let text = headers["retry-after"] else { return nil }
    if let seconds = Double(text) { return seconds.isFinite ? max(0, seconds) : nil }
    let dates = DateFormatter()
    dates.locale = Locale(identifier: "en_US_POSIX")
    dates.timeZone = TimeZone(secondsFromGMT: 0)
    dates.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    return dates.date(from: text).map { max(0, $0.timeIntervalSince(now)) }
  }
}
