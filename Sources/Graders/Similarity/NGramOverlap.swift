/// How many n-grams two texts have, and how many of them in common, each counted as often as it occurs in both.
struct NGramOverlap: Hashable {
  var common: Int
  var left: Int
  var right: Int

  /// The overlaps for n = 1, 2 and so on up to `longest`, in time linear in the texts.
  ///
  /// An n-gram's number is that of its first n - 1 words and its last word as a pair, so no n-gram is ever spelt out.
  static func all(_ left: [UInt32], _ right: [UInt32], upTo longest: Int) -> [NGramOverlap] {
    var overlaps: [NGramOverlap] = []
    var (a, b) = (left, right)
    for n in 1...longest {
      if n > 1 {
        var numbers: [UInt64: UInt32] = [:]
        numbers.reserveCapacity(a.count)
        a = lengthened(a, by: left, n, &numbers)
        b = lengthened(b, by: right, n, &numbers)
      }
      overlaps.append(NGramOverlap(common: common(a, b), left: a.count, right: b.count))
    }
    return overlaps
  }

  /// How many n-grams a text has, and how many different ones; nil when it is too short for one.
  static func repeats(_ tokens: [UInt32], n: Int) -> (total: Int, distinct: Int)? {
    guard tokens.count >= n else { return nil }
    var grams = tokens
    for length in 1...n where length > 1 {
      var numbers: [UInt64: UInt32] = [:]
      numbers.reserveCapacity(grams.count)
      grams = lengthened(grams, by: tokens, length, &numbers)
    }
    return (grams.count, Set(grams).count)
  }

  private static func lengthened(
    _ grams: [UInt32], by words: [UInt32], _ n: Int, _ numbers: inout [UInt64: UInt32]
  ) -> [UInt32] {
    guard words.count >= n else { return [] }
    return (0...words.count - n).map { start in
      let pair = UInt64(grams[start]) << 32 | UInt64(words[start + n - 1])
      let next = UInt32(numbers.count)
      return numbers[pair]
        ?? {
          numbers[pair] = next
          return next
        }()
    }
  }

  private static func common(_ left: [UInt32], _ right: [UInt32]) -> Int {
    guard let top = left.max() else { return 0 }
    var counts = [Int32](repeating: 0, count: Int(top) + 1)
    for gram in left { counts[Int(gram)] += 1 }
    var common = 0
    for gram in right where gram <= top && counts[Int(gram)] > 0 {
      counts[Int(gram)] -= 1
      common += 1
    }
    return common
  }
}
