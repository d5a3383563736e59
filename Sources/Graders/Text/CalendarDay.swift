/// A day of the Gregorian calendar.
struct CalendarDay: Sendable, Hashable {
  let year: Int
  let month: Int
  let day: Int

  private static let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

  /// nil when the calendar has no such day; the year is 1 to 9999.
  init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month), day >= 1 else { return nil }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    guard day <= Self.lengths[month - 1] + (month == 2 && isLeap ? 1 : 0) else { return nil }
    (self.year, self.month, self.day) = (year, month, day)
  }

  /// Days since 1 March of the year 0, so that two days can be subtracted. The year is taken to begin in March, which
  /// puts the leap day at its end.
  var number: Int {
    let months = (month + 9) % 12
    let years = year - (month <= 2 ? 1 : 0)
    return years * 365 + years / 4 - years / 100 + years / 400 + (months * 306 + 5) / 10 + day - 1
  }
}
