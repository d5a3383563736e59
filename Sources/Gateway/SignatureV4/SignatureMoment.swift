internal import Foundation
package import Store

/// A point in time as signatures spell it: `20261122T063000Z`.
package struct SignatureMoment: Sendable, Hashable {
  package let text: String
  package let time: UnixTime

  /// `YYYYMMDD`.
  package var day: String { String(text.prefix(8)) }

  package init(_ time: UnixTime) {
    self.time = time
    var parts = tm()
    var seconds = time_t(time)
    gmtime_r(&seconds, &parts)
    let numbers = [parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec].map {
      $0 < 10 ? "0\($0)" : "\($0)"
    }
    text = "\(parts.tm_year + 1900)\(numbers[0])\(numbers[1])T\(numbers[2])\(numbers[3])\(numbers[4])Z"
  }

  /// nil for a text of another form.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z") else { return nil }
    func number(_ range: Range<Int>) -> Int32? {
      guard bytes[range].allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
        return nil
      }
      return Int32(String(decoding: bytes[range], as: UTF8.self))
    }
    guard let year = number(0..<4), let month = number(4..<6), let day = number(6..<8),
      let hour = number(9..<11), let minute = number(11..<13), let second = number(13..<15)
    else { return nil }
    var parts = tm()
    parts.tm_year = year - 1900
    parts.tm_mon = month - 1
    parts.tm_mday = day
    parts.tm_hour = hour
    parts.tm_min = minute
    parts.tm_sec = second
    self.init(UnixTime(timegm(&parts)))
    // A month 13 would have rolled over into the next year.
    guard self.text == text else { return nil }
  }
}
