/// Lengths of longest common subsequences with one fixed text, 64 cells at a time (Hyyrö, "Bit-parallel LCS-length
/// computation revisited", 2004).
///
/// A symbol's occurrences are kept as (word, bits) pairs instead of a mask over the whole text, so memory is linear in
/// the text, and a symbol that is rare costs next to nothing: most words of the state are not touched.
struct LongestSubsequence {
  private struct Entry {
    var word: Int32
    var bits: UInt64
  }
  let count: Int
  private let wordCount: Int
  private var entries: [Entry] = []
  /// Where a symbol's entries stand.
  private var ranges: [UInt32: Range<Int>] = [:]

  init(_ pattern: some Collection<UInt32>) {
    count = pattern.count
    wordCount = (pattern.count + 63) / 64
    var rows: [UInt32: Int32] = [:]
    var symbols: [UInt32] = []
    var sizes: [Int] = []
    var lastWords: [Int32] = []
    var rowAt: [Int32] = []
    rowAt.reserveCapacity(pattern.count)
    for (position, symbol) in pattern.enumerated() {
      let row: Int32
      if let known = rows[symbol] {
        row = known
      } else {
        row = Int32(sizes.count)
        rows[symbol] = row
        symbols.append(symbol)
        sizes.append(0)
        lastWords.append(-1)
      }
      rowAt.append(row)
      let word = Int32(position / 64)
      if lastWords[Int(row)] != word {
        lastWords[Int(row)] = word
        sizes[Int(row)] += 1
      }
    }
    var ends: [Int] = []
    var total = 0
    for (row, size) in sizes.enumerated() {
      ranges[symbols[row]] = total..<total + size
      ends.append(total)
      total += size
    }
    entries = [Entry](repeating: Entry(word: -1, bits: 0), count: total)
    for (position, row) in rowAt.enumerated() {
      let word = Int32(position / 64)
      let bit = UInt64(1) << UInt64(position % 64)
      let end = ends[Int(row)]
      if end > ranges[symbols[Int(row)]]?.lowerBound ?? 0, entries[end - 1].word == word {
        entries[end - 1].bits |= bit
      } else {
        entries[end] = Entry(word: word, bits: bit)
        ends[Int(row)] = end + 1
      }
    }
  }

  /// Length of the longest common subsequence with a text.
  func length(with text: some Sequence<UInt32>) -> Int {
    var length = 0
    run(text) { grew in length += grew }
    return length
  }

  /// The lengths with the text's first scalar, its first two and so on.
  func prefixLengths(with text: some Collection<UInt32>) -> [Int] {
    var lengths: [Int] = []
    lengths.reserveCapacity(text.count)
    run(text) { grew in lengths.append((lengths.last ?? 0) + grew) }
    return lengths
  }

  /// Calls back with 1 or 0 for each symbol of the text: how much the length grew by it.
  private func run(_ text: some Sequence<UInt32>, _ each: (Int) -> Void) {
    var state = [UInt64](repeating: .max, count: wordCount)
    state.withUnsafeMutableBufferPointer { state in
      entries.withUnsafeBufferPointer { entries in
        for symbol in text {
          guard let range = ranges[symbol] else {
            each(0)
            continue
          }
          var carry: UInt64 = 0
          var next = 0
          for index in range {
            let entry = entries[index]
            let word = Int(entry.word)
            Self.ripple(&carry, from: next, to: word, state)
            let value = state[word]
            let matched = value & entry.bits
            let (partial, first) = value.addingReportingOverflow(matched)
            let (sum, second) = partial.addingReportingOverflow(carry)
            carry = first || second ? 1 : 0
            state[word] = sum | (value & ~entry.bits)
            next = word + 1
          }
          Self.ripple(&carry, from: next, to: state.count, state)
          // The bits above the pattern stay ones, so a step that leaves the pattern leaves the last word too.
          each(Int(carry))
        }
      }
    }
  }

  /// Adds the carry to words in which the symbol does not occur.
  @inline(__always)
  private static func ripple(
    _ carry: inout UInt64, from first: Int, to end: Int, _ state: UnsafeMutableBufferPointer<UInt64>
  ) {
    var word = first
    while carry == 1, word < end {
      let (sum, overflow) = state[word].addingReportingOverflow(1)
      state[word] |= sum
      carry = overflow ? 1 : 0
      word += 1
    }
  }
}

extension LongestSubsequence {
  /// Length of the longest common subsequence of two texts; what they begin and end with in common is counted at once.
  static func length(_ left: [UInt32], _ right: [UInt32]) -> Int {
    let shorter = min(left.count, right.count)
    var head = 0
    while head < shorter, left[head] == right[head] { head += 1 }
    var tail = 0
    while tail < shorter - head, left[left.count - 1 - tail] == right[right.count - 1 - tail] { tail += 1 }
    let (a, b) = (left[head..<left.count - tail], right[head..<right.count - tail])
    if a.isEmpty || b.isEmpty { return head + tail }
    return head + tail
      + (a.count <= b.count ? LongestSubsequence(a).length(with: b) : LongestSubsequence(b).length(with: a))
  }
}
