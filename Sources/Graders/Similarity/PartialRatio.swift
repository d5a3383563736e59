/// `fuzz.partial_ratio` of rapidfuzz: the best ratio of the shorter text with any stretch of the longer one that is as
/// long as the shorter, or that is cut short by an end of the longer.
///
/// rapidfuzz takes minutes where two long texts have letters in common and no words: 10,000 words against 4,000. A
/// search here ends after `effortLimit` with the best stretch it has found, which may then be slightly too low. The
/// limit counts steps and not seconds, so that the same texts always get the same score.
enum PartialRatio {
  /// Additions of 64 cells; about a quarter of a second. Texts of up to some 1,000 words cannot reach it.
  private static let effortLimit = 60_000_000

  /// The score, 0 to 100; 0 when it is not above `floor`, which lets the search pass over most stretches.
  static func best(_ left: [UInt32], _ right: [UInt32], above floor: Double) -> Double {
    if left.isEmpty || right.isEmpty { return left.isEmpty && right.isEmpty ? 100 : 0 }
    if floor >= 100 { return 0 }
    let (short, long) = left.count <= right.count ? (left, right) : (right, left)
    var best = search(short, in: long, above: floor)
    if best < 100, short.count == long.count {
      best = max(best, search(long, in: short, above: max(floor, best)))
    }
    return best
  }

  private static func search(_ short: [UInt32], in long: [UInt32], above floor: Double) -> Double {
    let pattern = LongestSubsequence(short)
    var best = 0.0
    let full = wholeStretches(pattern, in: long, above: floor)
    if full > 0 { best = FuzzyRatio.percent(common: full, of: 2 * short.count) }
    if best == 100 { return best }

    let heads = pattern.prefixLengths(with: long[..<short.count])
    let tails = LongestSubsequence(short.reversed()).prefixLengths(
      with: long[(long.count - short.count)...].reversed())
    for lengths in [heads, tails] {
      for (index, common) in lengths.enumerated() {
        best = max(best, FuzzyRatio.percent(common: common, of: short.count + index + 1))
      }
    }
    return best > floor ? best : 0
  }

  /// The longest subsequence in common with a stretch of full length; 0 when none scores above `floor`.
  ///
  /// From one stretch to the next a scalar goes and another comes, so the length changes by at most 1: what lies
  /// between two stretches is bounded by their lengths, and halved only while the bound promises more than the best.
  private static func wholeStretches(_ pattern: LongestSubsequence, in long: [UInt32], above floor: Double)
    -> Int
  {
    let width = pattern.count
    func length(at start: Int) -> Int { pattern.length(with: long[start..<start + width]) }

    let wanted = Int((floor / 100 * Double(width)).rounded(.down))
    var best = 0
    let last = long.count - width
    let first = (start: 0, length: length(at: 0))
    best = max(best, first.length)
    if last == 0 { return best }
    let end = (start: last, length: length(at: last))
    best = max(best, end.length)

    var effort = Self.effortLimit / max(1, width * ((width + 63) / 64))
    var gaps = [(left: first, right: end)]
    while !gaps.isEmpty, best < width {
      var halves: [(left: (start: Int, length: Int), right: (start: Int, length: Int))] = []
      for gap in gaps {
        let span = gap.right.start - gap.left.start
        let bound = (gap.left.length + gap.right.length + span) / 2
        if span < 2 || bound <= max(best, wanted) { continue }
        if effort == 0 { return best }
        effort -= 1
        let start = gap.left.start + span / 2
        let middle = (start: start, length: length(at: start))
        best = max(best, middle.length)
        halves.append((gap.left, middle))
        halves.append((middle, gap.right))
      }
      gaps = halves
    }
    return best
  }
}
