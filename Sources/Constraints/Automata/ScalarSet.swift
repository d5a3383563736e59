/// A set of Unicode scalar values, as ranges in order.
struct ScalarSet: Sendable, Hashable {
  private(set) var ranges: [ClosedRange<UInt32>] = []

  static let all = ScalarSet([0...0xD7FF, 0xE000...0x10FFFF])

  init(_ ranges: [ClosedRange<UInt32>]) {
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = self.ranges.last, range.lowerBound <= last.upperBound &+ 1 {
        let upper = max(last.upperBound, range.upperBound)
        self.ranges[self.ranges.count - 1] = last.lowerBound...upper
      } else {
        self.ranges.append(range)
      }
    }
  }

  init(_ scalar: Unicode.Scalar) { ranges = [scalar.value...scalar.value] }

  func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

  /// Every scalar that is not in the set; surrogates are none.
  var complement: ScalarSet {
    var result: [ClosedRange<UInt32>] = []
    var start: UInt32 = 0
    for range in ranges {
      if range.lowerBound > start { result.append(start...range.lowerBound - 1) }
      start = range.upperBound + 1
    }
    if start <= 0x10FFFF { result.append(start...0x10FFFF) }
    return ScalarSet(result).intersection(.all)
  }

  func intersection(_ other: ScalarSet) -> ScalarSet {
    var result: [ClosedRange<UInt32>] = []
    for range in ranges {
      for other in other.ranges where range.overlaps(other) { result.append(range.clamped(to: other)) }
    }
    return ScalarSet(result)
  }

  func contains(_ scalar: Unicode.Scalar) -> Bool { ranges.contains { $0.contains(scalar.value) } }

  /// The set in UTF-8: sequences of byte ranges, each of which is a block of scalars.
  var byteSequences: [[ClosedRange<UInt8>]] {
    var result: [[ClosedRange<UInt8>]] = []
    var work = Array(intersection(.all).ranges.reversed())
    while let range = work.popLast() {
      let (low, high) = (range.lowerBound, range.upperBound)
      if let border = [0x7F, 0x7FF, 0xFFFF].first(where: { low <= $0 && $0 < high }) {
        work.append(border + 1...high)
        work.append(low...border)
        continue
      }
      let length = low <= 0x7F ? 1 : low <= 0x7FF ? 2 : low <= 0xFFFF ? 3 : 4
      if let border = Self.split(range, length: length) {
        work.append(border + 1...high)
        work.append(low...border)
      } else {
        result.append(zip(Self.encoded(low, length), Self.encoded(high, length)).map { $0...$1 })
      }
    }
    return result
  }

  /// Where a range must be cut so that each part is a product of byte ranges.
  private static func split(_ range: ClosedRange<UInt32>, length: Int) -> UInt32? {
    let (low, high) = (range.lowerBound, range.upperBound)
    for index in 1..<max(1, length) {
      let mask: UInt32 = 1 << UInt32(6 * index) - 1
      guard low & ~mask != high & ~mask else { continue }
      if low & mask != 0 { return low | mask }
      if high & mask != mask { return (high & ~mask) - 1 }
    }
    return nil
  }

  private static func encoded(_ value: UInt32, _ length: Int) -> [UInt8] {
    guard length > 1 else { return [UInt8(value)] }
    let lead: [UInt32] = [0, 0, 0xC0, 0xE0, 0xF0]
    return (0..<length).reversed().map { index in
      let bits = value >> UInt32(6 * index) & 0x3F
      return UInt8(index == length - 1 ? lead[length] | value >> UInt32(6 * index) : 0x80 | bits)
    }
  }
}
