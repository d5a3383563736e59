/// Applies merges to the symbols of one word: always the pair of lowest rank, the leftmost of equals.
struct BytePairMerger: Sendable {
  let merges: MergeTable
  /// Words up to this many symbols are scanned for the best pair; longer ones go through a heap, because a
  /// text may be one word of a million letters.
  static let longestScanned = 48

  /// The symbols that are left when nothing merges any more.
  func merge(_ symbols: inout [Int32]) {
    if symbols.count <= Self.longestScanned { mergeByScan(&symbols) } else { mergeByHeap(&symbols) }
  }

  private func mergeByScan(_ symbols: inout [Int32]) {
    guard symbols.count > 1 else { return }
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: symbols.count) { pairs in
      // Rank in the upper half, result in the lower; all ones where a symbol does not merge with the next.
      func pair(_ left: Int32, _ right: Int32) -> UInt64 {
        guard let merge = merges.merge(left, right) else { return .max }
        return UInt64(merge.rank) << 32 | UInt64(UInt32(bitPattern: merge.result))
      }
      for index in 0..<symbols.count - 1 {
        pairs.initializeElement(at: index, to: pair(symbols[index], symbols[index + 1]))
      }
      while symbols.count > 1 {
        var best = UInt64.max
        var place = 0
        for index in 0..<symbols.count - 1 where pairs[index] < best {
          best = pairs[index]
          place = index
        }
        guard best != .max else { return }
        symbols[place] = Int32(truncatingIfNeeded: best)
        symbols.remove(at: place + 1)
        for index in place + 1..<max(place + 1, symbols.count - 1) { pairs[index] = pairs[index + 1] }
        if place + 1 < symbols.count { pairs[place] = pair(symbols[place], symbols[place + 1]) }
        if place > 0 { pairs[place - 1] = pair(symbols[place - 1], symbols[place]) }
      }
    }
  }

  private func mergeByHeap(_ symbols: inout [Int32]) {
    let end = symbols.count
    var next = Array(1...end)
    var previous = Array(-1..<end - 1)
    var heap = MinHeap()
    func push(_ place: Int) {
      guard place >= 0, next[place] < end,
        let merge = merges.merge(symbols[place], symbols[next[place]])
      else { return }
      heap.push(UInt64(merge.rank) << 32 | UInt64(place))
    }
    for place in 0..<end { push(place) }
    while let entry = heap.pop() {
      let place = Int(entry & 0xFFFF_FFFF)
      // A symbol that was merged away is -1, which no pair has; a pair that changed has another rank.
      guard symbols[place] >= 0, next[place] < end,
        let merge = merges.merge(symbols[place], symbols[next[place]]), UInt64(merge.rank) == entry >> 32
      else { continue }
      let gone = next[place]
      symbols[place] = merge.result
      symbols[gone] = -1
      next[place] = next[gone]
      if next[gone] < end { previous[next[gone]] = place }
      push(place)
      push(previous[place])
    }
    symbols.removeAll { $0 < 0 }
  }
}

/// A binary heap of integers, smallest first.
private struct MinHeap {
  private var entries: [UInt64] = []

  mutating func push(_ entry: UInt64) {
    entries.append(entry)
    var child = entries.count - 1
    while child > 0, entries[(child - 1) / 2] > entries[child] {
      entries.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func pop() -> UInt64? {
    guard let top = entries.first else { return nil }
    let last = entries.removeLast()
    guard !entries.isEmpty else { return top }
    entries[0] = last
    var parent = 0
    while true {
      var child = parent * 2 + 1
      guard child < entries.count else { return top }
      if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
      guard entries[child] < entries[parent] else { return top }
      entries.swapAt(child, parent)
      parent = child
    }
  }
}
