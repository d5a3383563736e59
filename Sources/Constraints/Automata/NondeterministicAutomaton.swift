/// An automaton over bytes as expressions are put together from it; `determinised` makes one that can be run.
struct NondeterministicAutomaton {
  struct Edge {
    var low: UInt8
    var high: UInt8
    var target: Int32
  }
  /// What must hold where a state is left without a byte.
  enum Condition {
    case always
    /// Nothing has been read yet.
    case atStart
    /// Nothing will be read any more.
    case atEnd
  }

  private var edges: [[Edge]] = []
  private var jumps: [[(target: Int32, condition: Condition)]] = []

  mutating func state() throws(AutomatonTooLarge) -> Int32 {
    if edges.count == ConstraintLimits.nondeterministicStates { throw AutomatonTooLarge() }
    edges.append([])
    jumps.append([])
    return Int32(edges.count - 1)
  }

  mutating func edge(_ source: Int32, _ bytes: ClosedRange<UInt8>, _ target: Int32) {
    edges[Int(source)].append(Edge(low: bytes.lowerBound, high: bytes.upperBound, target: target))
  }

  mutating func jump(_ source: Int32, _ target: Int32, if condition: Condition = .always) {
    jumps[Int(source)].append((target, condition))
  }

  /// One byte after another.
  mutating func path(
    _ source: Int32, _ bytes: some Sequence<ClosedRange<UInt8>>, to target: Int32
  ) throws(AutomatonTooLarge) {
    var here = source
    var last: ClosedRange<UInt8>?
    for range in bytes {
      if let last {
        let middle = try state()
        edge(here, last, middle)
        here = middle
      }
      last = range
    }
    if let last { edge(here, last, target) } else { jump(here, target) }
  }

  /// A deterministic automaton from one state to another.
  func determinised(from start: Int32, to end: Int32) throws(AutomatonTooLarge) -> ByteAutomaton {
    var isBoundary = [Bool](repeating: false, count: 257)
    for edge in edges.joined() {
      isBoundary[Int(edge.low)] = true
      isBoundary[Int(edge.high) + 1] = true
    }
    var classes = [UInt8](repeating: 0, count: 256)
    var samples: [UInt8] = [0]
    for byte in 1..<256 {
      if isBoundary[byte] { samples.append(UInt8(byte)) }
      classes[byte] = UInt8(samples.count - 1)
    }

    let first = closure(of: [start], passing: [.atStart])
    var names: [[Int32]: Int32] = [first: 0]
    var sets = [first]
    var table: [Int32] = []
    var isAccepting: [Bool] = []
    var index = 0
    var effort = 0
    while index < sets.count {
      let set = sets[index]
      effort += set.count * samples.count
      if effort > ConstraintLimits.effort { throw AutomatonTooLarge() }
      let ends = closure(of: set, passing: index == 0 ? [.atStart, .atEnd] : [.atEnd])
      isAccepting.append(ends.contains(end))
      for byte in samples {
        var targets: [Int32] = []
        for state in set {
          for edge in edges[Int(state)] where edge.low <= byte && byte <= edge.high {
            targets.append(edge.target)
          }
        }
        guard !targets.isEmpty else {
          table.append(-1)
          continue
        }
        let target = closure(of: targets, passing: [])
        if let name = names[target] {
          table.append(name)
        } else {
          if sets.count == ConstraintLimits.automatonStates { throw AutomatonTooLarge() }
          table.append(Int32(sets.count))
          names[target] = Int32(sets.count)
          sets.append(target)
        }
      }
      index += 1
    }
    return ByteAutomaton(classes: classes, classCount: samples.count, next: table, isAccepting: isAccepting)
  }

  /// All states that these lead to without a byte, sorted.
  private func closure(of states: [Int32], passing conditions: Set<Condition>) -> [Int32] {
    var seen = Set(states)
    var work = states
    while let state = work.popLast() {
      for jump in jumps[Int(state)] where jump.condition == .always || conditions.contains(jump.condition) {
        if seen.insert(jump.target).inserted { work.append(jump.target) }
      }
    }
    return seen.sorted()
  }
}
