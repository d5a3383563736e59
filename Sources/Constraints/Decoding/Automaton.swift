/// A grammar as a deterministic automaton over bytes whose states are made when they are first needed.
///
/// A state is all readings of what was written: each is a stack of frames, the topmost inside of a `ByteAutomaton`. Equal
/// stacks are one number, equal states too, so that steps and masks are looked up from the second time on.
struct Automaton {
  /// What remains to be done: the node from a point within it, then what is below.
  struct Frame: Hashable {
    var node: Grammar.Node
    /// The state within an automaton, the next part of a sequence, or how often a repetition was gone through.
    var progress: Int32
    var depth: Int32
    /// A place in `frames`; -1 where the document ends.
    var below: Int32
  }
  typealias State = Int32

  let grammar: Grammar
  private(set) var frames: [Frame] = []
  private var frameNames: [Frame: Int32] = [:]
  /// The topmost frames of each state; -1 at the end where the document is whole.
  private var readings: [[Int32]] = []
  private var stateNames: [[Int32]: State] = [:]
  /// A row of `classCount` for each state; `unknown` where nobody has been.
  private var next: [State] = []
  private var masks: [[UInt32]?] = []
  private var maskBytes = 0
  private(set) var start: State = 0

  /// The state from which nothing leads on.
  static let dead: State = 0
  private static let unknown: State = -1

  init(_ grammar: Grammar) {
    self.grammar = grammar
    _ = state([])
    var readings: [Int32] = []
    enter(Frame(node: grammar.root, progress: 0, depth: 0, below: -1), into: &readings)
    start = state(readings)
  }

  /// Whether it is time to begin anew.
  var isFull: Bool { masks.count > ConstraintLimits.states || frames.count > ConstraintLimits.frames }

  func isComplete(_ state: State) -> Bool { readings[Int(state)].last == -1 }
  func mustEnd(_ state: State) -> Bool { readings[Int(state)] == [-1] }

  // MARK: - Steps

  mutating func step(_ state: State, _ byte: UInt8) -> State {
    let kind = Int(grammar.classes[Int(byte)])
    let known = next[Int(state) * grammar.classCount + kind]
    return known != Self.unknown ? known : findStep(state, kind)
  }

  private mutating func findStep(_ state: State, _ kind: Int) -> State {
    var result: [Int32] = []
    for reading in readings[Int(state)] where reading >= 0 {
      let frame = frames[Int(reading)]
      guard case .bytes(let index) = grammar.nodes[Int(frame.node)] else {
        preconditionFailure("a reading stands inside an automaton")
      }
      let place =
        Int(frame.progress) * grammar.automata[Int(index)].classCount
        + Int(grammar.localClasses[Int(index)][kind])
      let target = grammar.automata[Int(index)].next[place]
      if target < 0 { continue }
      if target == frame.progress, !grammar.automata[Int(index)].isAccepting[Int(target)] {
        result.append(reading)
      } else {
        enter(
          Frame(node: frame.node, progress: target, depth: frame.depth, below: frame.below), into: &result)
      }
    }
    let target = self.state(result)
    next[Int(state) * grammar.classCount + kind] = target
    return target
  }

  /// The state after these bytes; `dead` where they are not allowed.
  mutating func step(_ state: State, _ bytes: [UInt8]) -> State {
    var state = state
    for byte in bytes where state != Self.dead { state = step(state, byte) }
    return state
  }

  /// Follows a frame to all automata that may read the next byte.
  private mutating func enter(_ frame: Frame, into readings: inout [Int32]) {
    var work = [frame]
    // Ways that meet are followed once; the first few are not worth the looking up.
    var seen: Set<Frame> = []
    var count = 0
    while let frame = work.popLast() {
      count += 1
      if count > 32, !seen.insert(frame).inserted { continue }
      switch grammar.nodes[Int(frame.node)] {
      case .bytes(let index):
        let automaton = grammar.automata[Int(index)]
        let row = Int(frame.progress) * automaton.classCount
        if automaton.next[row..<row + automaton.classCount].contains(where: { $0 >= 0 }) {
          readings.append(name(frame))
        }
        if automaton.isAccepting[Int(frame.progress)] { leave(frame.below, &work, &readings) }
      case .sequence(let parts):
        guard Int(frame.progress) < parts.count else {
          leave(frame.below, &work, &readings)
          continue
        }
        let part = parts[Int(frame.progress)]
        var below = frame.below
        if Int(frame.progress) + 1 < parts.count {
          var rest = frame
          rest.progress += 1
          below = name(rest)
        }
        work.append(Frame(node: part, progress: 0, depth: frame.depth, below: below))
      case .choice(let branches):
        // The last is taken first, so that the first is what `readings` begins with.
        for branch in branches.reversed() where fits(branch, frame.depth) {
          work.append(Frame(node: branch, progress: 0, depth: frame.depth, below: frame.below))
        }
      case .repetition(let first, let next, let range):
        let done = Int(frame.progress)
        if done >= range.least { leave(frame.below, &work, &readings) }
        let item = done == 0 ? first : next
        guard range.most.map({ done < $0 }) ?? true, fits(item, frame.depth) else { continue }
        var rest = frame
        rest.progress = Int32(range.most == nil ? min(done + 1, max(1, range.least)) : done + 1)
        // What cannot be gone on with leaves nothing on the stack.
        let below = range.most == done + 1 ? frame.below : name(rest)
        work.append(Frame(node: item, progress: 0, depth: frame.depth, below: below))
      case .nested(let node):
        work.append(Frame(node: node, progress: 0, depth: frame.depth + 1, below: frame.below))
      }
    }
  }

  private func leave(_ below: Int32, _ work: inout [Frame], _ readings: inout [Int32]) {
    if below < 0 { readings.append(-1) } else { work.append(frames[Int(below)]) }
  }

  private func fits(_ node: Grammar.Node, _ depth: Int32) -> Bool {
    grammar.depths[Int(node)] <= ConstraintLimits.depth - depth
  }

  private mutating func name(_ frame: Frame) -> Int32 {
    if let name = frameNames[frame] { return name }
    let name = Int32(frames.count)
    frames.append(frame)
    frameNames[frame] = name
    return name
  }

  private mutating func state(_ found: [Int32]) -> State {
    var readings = found
    if readings.count > 1 {
      readings.sort(by: >)
      var kept: [Int32] = []
      for reading in readings where kept.last != reading { kept.append(reading) }
      readings = kept
      if readings.count > ConstraintLimits.readings {
        let isComplete = readings.last == -1
        readings.removeSubrange(ConstraintLimits.readings...)
        if isComplete { readings.append(-1) }
      }
    }
    if let name = stateNames[readings] { return name }
    let name = State(masks.count)
    self.readings.append(readings)
    stateNames[readings] = name
    next.append(
      contentsOf: repeatElement(readings.isEmpty ? Self.dead : Self.unknown, count: grammar.classCount))
    masks.append(nil)
    return name
  }

  // MARK: - Masks

  /// One bit for each id: those that can come next.
  mutating func mask(_ state: State, _ vocabulary: IndexedVocabulary) -> [UInt32] {
    if let mask = masks[Int(state)] { return mask }
    let trie = vocabulary.trie
    var mask =
      isComplete(state) ? vocabulary.endMask : [UInt32](repeating: 0, count: vocabulary.words)
    var states = [State](repeating: Self.dead, count: trie.longest + 1)
    states[0] = state
    var index = 0
    let count = trie.places.count
    while index < count {
      let place = trie.places[index]
      let target = step(states[Int(place.length) - 1], place.byte)
      if target == Self.dead {
        index = Int(place.end)
        continue
      }
      states[Int(place.length)] = target
      for token in place.firstToken..<place.firstToken + place.tokenCount {
        let id = Int(trie.tokens[Int(token)])
        mask[id >> 5] |= 1 << UInt32(id & 31)
      }
      index += 1
    }
    if maskBytes > ConstraintLimits.maskBytes {
      masks = Array(repeating: nil, count: masks.count)
      maskBytes = 0
    }
    masks[Int(state)] = mask
    maskBytes += vocabulary.words * 4
    return mask
  }

  // MARK: - Moving house

  /// The readings of a state as stacks, the topmost frame first; `below` means nothing there.
  func stacks(of state: State) -> [[Frame]] {
    readings[Int(state)].map { reading in
      var stack: [Frame] = []
      var index = reading
      while index >= 0 {
        stack.append(frames[Int(index)])
        index = frames[Int(index)].below
      }
      return stack
    }
  }

  /// The state with these readings, which another automaton of the same grammar gave.
  mutating func state(of stacks: [[Frame]]) -> State {
    state(
      stacks.map { stack in
        stack.reversed().reduce(-1) { below, frame in
          var frame = frame
          frame.below = below
          return name(frame)
        }
      })
  }
}
