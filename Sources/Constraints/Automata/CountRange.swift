/// How many there may be.
struct CountRange: Sendable, Hashable {
  var least = 0
  var most: Int?

  var isEmpty: Bool { most.map { $0 < least } ?? false }
  var isAny: Bool { least == 0 && most == nil }

  func holds(for count: Int) -> Bool { count >= least && count <= most ?? .max }

  func intersection(_ other: CountRange) -> CountRange {
    let most = [most, other.most].compactMap(\.self).min()
    return CountRange(least: max(least, other.least), most: most)
  }
}
