internal import Foundation
internal import Gateway
internal import Store

/// Times as Bedrock spells them: `2026-11-22T06:30:00Z`.
enum WireTime {
  static func text(_ time: UnixTime) -> String {
    let digits = Array(SignatureMoment(time).text)
    func part(_ range: Range<Int>) -> String { String(digits[range]) }
    return "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(9..<11)):\(part(11..<13)):\(part(13..<15))Z"
  }

  /// ISO 8601 with any offset and fraction, or seconds since 1970; nil for anything else.
  static func time(_ text: String) -> UnixTime? {
    if let seconds = Double(text), seconds.isFinite, abs(seconds) < 1e12 { return UnixTime(seconds) }
    let whole = text.replacing(#/\.\d+/#, with: "")
    guard let date = try? Date(whole, strategy: .iso8601) else { return nil }
    return UnixTime(date.timeIntervalSince1970)
  }
}
