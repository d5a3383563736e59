/// Two texts as sorted words, those in both and those in one alone.
struct WordSets {
  private let left: [ArraySlice<UInt32>]
  private let right: [ArraySlice<UInt32>]
  private var common: [ArraySlice<UInt32>] = []
  private var leftOnly: [ArraySlice<UInt32>] = []
  private var rightOnly: [ArraySlice<UInt32>] = []

  init(_ left: [UInt32], _ right: [UInt32]) {
    self.left = left.split(separator: 0x20).sorted { $0.lexicographicallyPrecedes($1) }
    self.right = right.split(separator: 0x20).sorted { $0.lexicographicallyPrecedes($1) }
    let (a, b) = (Self.distinct(self.left), Self.distinct(self.right))
    var (i, j) = (0, 0)
    while i < a.count || j < b.count {
      if i < a.count, j < b.count, a[i] == b[j] {
        common.append(a[i])
        (i, j) = (i + 1, j + 1)
      } else if j == b.count || (i < a.count && a[i].lexicographicallyPrecedes(b[j])) {
        leftOnly.append(a[i])
        i += 1
      } else {
        rightOnly.append(b[j])
        j += 1
      }
    }
  }

  var haveCommonWord: Bool { !common.isEmpty }

  /// `fuzz.token_ratio`: the better of the sorted words and of the sets of words.
  var ratio: Double {
    if haveCommonWord, leftOnly.isEmpty || rightOnly.isEmpty { return 100 }
    let sorted = FuzzyRatio.ratio(Self.joined(left), Self.joined(right))
    let (a, b) = (Self.joined(leftOnly), Self.joined(rightOnly))
    let shared = Self.joined(common).count
    let separator = shared == 0 ? 0 : 1
    let (fullA, fullB) = (shared + separator + a.count, shared + separator + b.count)
    let distance = a.count + b.count - 2 * LongestSubsequence.length(a, b)
    var best = max(sorted, Self.percent(distance: distance, of: fullA + fullB))
    if shared > 0 {
      best = max(best, Self.percent(distance: separator + a.count, of: shared + fullA))
      best = max(best, Self.percent(distance: separator + b.count, of: shared + fullB))
    }
    return best
  }

  /// `fuzz.partial_token_ratio`, for texts without a common word (with one it is 100).
  func partialRatio(above floor: Double) -> Double {
    let best = PartialRatio.best(Self.joined(left), Self.joined(right), above: floor)
    if left.count == leftOnly.count, right.count == rightOnly.count { return best }
    return max(
      best, PartialRatio.best(Self.joined(leftOnly), Self.joined(rightOnly), above: max(floor, best)))
  }

  private static func percent(distance: Int, of total: Int) -> Double {
    total == 0 ? 100 : 100 - 100 * Double(distance) / Double(total)
  }

  private static func distinct(_ words: [ArraySlice<UInt32>]) -> [ArraySlice<UInt32>] {
    var distinct: [ArraySlice<UInt32>] = []
    for word in words where distinct.last != word { distinct.append(word) }
    return distinct
  }

  private static func joined(_ words: [ArraySlice<UInt32>]) -> [UInt32] {
    Array(words.joined(separator: [0x20]))
  }
}
