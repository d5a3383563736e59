/// A deterministic automaton over bytes in which every state leads to an accepting one: what can be begun can be ended.
/// The first state is the start; without states it accepts nothing.
struct ByteAutomaton: Sendable, Hashable {
  /// Bytes that no state tells apart have the same class.
  private(set) var classes: [UInt8]
  private(set) var classCount: Int
  /// A row of `classCount` for each state; -1 for nothing.
  private(set) var next: [Int32]
  private(set) var isAccepting: [Bool]

  /// Drops what leads nowhere and what cannot be reached.
  init(classes: [UInt8], classCount: Int, next: [Int32], isAccepting: [Bool]) {
    (self.classes, self.classCount, self.next, self.isAccepting) = (classes, classCount, next, isAccepting)
    trim()
  }

  var stateCount: Int { isAccepting.count }
  var isEmpty: Bool { isAccepting.isEmpty }

  /// Where a byte leads; -1 for nowhere.
  func step(_ state: Int32, _ byte: UInt8) -> Int32 {
    next[Int(state) * classCount + Int(classes[Int(byte)])]
  }

  func accepts(_ bytes: some Sequence<UInt8>) -> Bool {
    guard !isEmpty else { return false }
    var state: Int32 = 0
    for byte in bytes {
      state = step(state, byte)
      if state < 0 { return false }
    }
    return isAccepting[Int(state)]
  }

  /// The same without answers that have other bytes.
  func restricted(to bytes: ByteSet) -> ByteAutomaton {
    guard !bytes.isFull, !isEmpty else { return self }
    // Class 0 of the result is for the bytes that are gone.
    var renamed = [UInt8](repeating: 0, count: 256)
    var names = [UInt8](repeating: 0, count: 256)
    var olds: [Int] = []
    for byte in 0..<256 where bytes.contains(UInt8(byte)) {
      let old = Int(classes[byte])
      if names[old] == 0 {
        olds.append(old)
        names[old] = UInt8(olds.count)
      }
      renamed[byte] = names[old]
    }
    var table: [Int32] = []
    table.reserveCapacity(stateCount * (olds.count + 1))
    for state in 0..<stateCount {
      table.append(-1)
      for old in olds { table.append(next[state * classCount + old]) }
    }
    return ByteAutomaton(
      classes: renamed, classCount: olds.count + 1, next: table, isAccepting: isAccepting)
  }

  private mutating func trim() {
    var isReached = [Bool](repeating: false, count: stateCount)
    var before: [[Int32]] = Array(repeating: [], count: stateCount)
    var work: [Int] = isAccepting.isEmpty ? [] : [0]
    if !isReached.isEmpty { isReached[0] = true }
    while let state = work.popLast() {
      for target in next[state * classCount..<(state + 1) * classCount] where target >= 0 {
        if before[Int(target)].last != Int32(state) { before[Int(target)].append(Int32(state)) }
        if !isReached[Int(target)] {
          isReached[Int(target)] = true
          work.append(Int(target))
        }
      }
    }
    var leads = [Bool](repeating: false, count: stateCount)
    for state in 0..<stateCount where isAccepting[state] && isReached[state] {
      leads[state] = true
      work.append(state)
    }
    while let state = work.popLast() {
      for source in before[state] where !leads[Int(source)] {
        leads[Int(source)] = true
        work.append(Int(source))
      }
    }
    guard leads.contains(false) else { return }
    guard leads[0] else {
      (next, isAccepting) = ([], [])
      return
    }
    var names = [Int32](repeating: -1, count: stateCount)
    var count: Int32 = 0
    for state in 0..<stateCount where leads[state] {
      names[state] = count
      count += 1
    }
    var table: [Int32] = []
    table.reserveCapacity(Int(count) * classCount)
    for state in 0..<stateCount where leads[state] {
      for target in next[state * classCount..<(state + 1) * classCount] {
        table.append(target < 0 ? -1 : names[Int(target)])
      }
    }
    next = table
    isAccepting = isAccepting.indices.filter { leads[$0] }.map { isAccepting[$0] }
  }
}

/// A language whose automaton would have too many states to be kept.
struct AutomatonTooLarge: Error {}
