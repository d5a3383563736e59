/// A number as it was written, with where it stands in the text.
struct WrittenNumber: Sendable, Hashable {
  var value: Double
  /// Whether a percent sign follows; `value` is then already divided by 100.
  var isPercent: Bool
  /// The numeral's UTF-8 offsets.
  var range: Range<Int>

  /// Whether this means the same as the reference within a tolerance. When only one of the two has a percent sign,
  /// "75%" agrees with 75 and with 0.75.
  ///
  /// The tolerance is widened by four units in the last place, so that 1.1 is within 0.1 of 1.
  func agrees(with reference: WrittenNumber, absolute: Double, relative: Double) -> Bool {
    func isNear(_ a: Double, _ b: Double) -> Bool {
      let allowed = max(absolute, relative * b.magnitude)
      return (a - b).magnitude <= allowed + 4 * max(a.magnitude, b.magnitude).ulp
    }
    if isNear(value, reference.value) { return true }
    if isPercent == reference.isPercent { return false }
    return isPercent ? isNear(value * 100, reference.value) : isNear(value, reference.value * 100)
  }
}
