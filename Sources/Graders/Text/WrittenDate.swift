/// Reads one date as people and programs write it; the time of day, where there is one, is left out.
///
/// Read are `2026-03-12` (also with `/` or `.`, and with a time behind), `12 March 2026`, `March 12th, 2026`,
/// `Thursday, 12 Mar 2026`, `12.03.2026` (the day first), `12/03/2026` and `12-03-2026`. The last two mean different days
/// in different countries: `daysFirst` says which, and without it they are read only when one order is no date.
/// Years have four digits; month names are English.
struct WrittenDate {
  private var numbers: [(value: Int, digits: Int)] = []
  private var words: [String] = []
  /// The bytes between the first two numbers.
  private var separator = ""

  static func day(in text: String, daysFirst: Bool?) -> CalendarDay? {
    // Longer than any date, and an answer may be very long.
    guard text.utf8.count <= 64 else { return nil }
    return WrittenDate(text).day(daysFirst: daysFirst)
  }

  private init(_ text: String) {
    var rest = Array(text.lowercased().utf8)[...]
    while let byte = rest.first {
      if byte &- 0x30 < 10 {
        let digits = rest.prefix { $0 &- 0x30 < 10 }
        rest = rest[digits.endIndex...]
        numbers.append(
          (digits.count > 6 ? .max : digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }, digits.count))
      } else if byte &- 0x61 < 26 {
        let letters = rest.prefix { $0 &- 0x61 < 26 }
        rest = rest[letters.endIndex...]
        words.append(String(decoding: letters, as: UTF8.self))
      } else {
        rest.removeFirst()
        if numbers.count == 1 { separator.append(Character(UnicodeScalar(byte))) }
      }
    }
  }

  private static let months = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
  ]
  private static let weekdays = [
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
  ]
  /// Words that may stand beside a date: ordinals, and what a time of day brings with it.
  private static let fillers: Set<String> = [
    "st", "nd", "rd", "th", "of", "the", "on", "t", "z", "utc", "gmt", "at", "am", "pm",
  ]

  /// The place of a name in a list, from 1; three letters are enough.
  private static func place(of word: String, in names: [String]) -> Int? {
    guard word.utf8.count >= 3 else { return nil }
    // "Sept" is the one abbreviation of four letters in use; "tues" and "thurs" are prefixes as well.
    return names.firstIndex { $0.hasPrefix(word) }.map { $0 + 1 }
  }

  private func day(daysFirst: Bool?) -> CalendarDay? {
    var months: [Int] = []
    for word in words where !Self.fillers.contains(word) {
      if let month = Self.place(of: word, in: Self.months) {
        months.append(month)
      } else if Self.place(of: word, in: Self.weekdays) == nil {
        return nil
      }
    }
    if months.count == 1 { return day(inMonth: months[0]) }
    guard months.isEmpty, numbers.count >= 3 else { return nil }
    let (a, b, c) = (numbers[0], numbers[1], numbers[2])
    if a.digits == 4 {
      guard ["-", "/", "."].contains(separator) else { return nil }
      return CalendarDay(year: a.value, month: b.value, day: c.value)
    }
    guard c.digits == 4, ["-", "/", "."].contains(separator) else { return nil }
    let dayFirst = CalendarDay(year: c.value, month: b.value, day: a.value)
    if separator == "." { return dayFirst }
    let monthFirst = CalendarDay(year: c.value, month: a.value, day: b.value)
    switch daysFirst {
    case true?: return dayFirst
    case false?: return monthFirst
    case nil:
      if let dayFirst, let monthFirst, dayFirst != monthFirst { return nil }
      return dayFirst ?? monthFirst
    }
  }

  /// With the month as a word: the year is the first number of four digits, the day is the other one of the first two.
  private func day(inMonth month: Int) -> CalendarDay? {
    guard numbers.count >= 2 else { return nil }
    let (a, b) = (numbers[0], numbers[1])
    switch (a.digits, b.digits) {
    case (4, 1...2): return CalendarDay(year: a.value, month: month, day: b.value)
    case (1...2, 4): return CalendarDay(year: b.value, month: month, day: a.value)
    default: return nil
    }
  }
}
