/// A grammar as a deterministic automaton over bytes whose states are made when they are first needed.
///
/// A state is all readings of what was written: each is a stack of frames, the topmost inside of a `ByteAutomaton`. Equal
/// stacks are one number, equal states too, so that steps and masks are looked up from the second time on.
struct Automaton {
  /// What remains to be done: the node from a point within it, then what is below.
  struct Frame: Hashable {
    var node: Grammar.Node
    /// The state within an automaton, the next part of a sequence, or how often a repetition was gone through; below 0
    /// for a repetition that a single token does not bring to its bounds, see `Automaton.nearby(_:)`.
    var progress: Int32
    var depth: Int32
    /// A place in `frames`; -1 where the document ends.
    var below: Int32
  }
  typealias State = Int32

  let grammar: Grammar
  /// Bytes of the longest token.
  private let reach: Int32
  private(set) var frames: [Frame] = []
  private var frameNames: [Frame: Int32] = [:]
  /// The state that is one reading; -1 where there is none yet.
  private var stateOfFrame: [State] = []
  /// The topmost frames of all states behind each other, each state's in falling order; -1 at the end of those where the
  /// document is whole.
  private var readings: [Int32] = []
  private var firstReading: [Int] = [0]
  private var stateNames: [[Int32]: State] = [:]
  /// A row of `classCount` for each state; `unknown` where nobody has been.
  private var next: [State] = []
  private var masks: [[UInt32]?] = []
  private var maskBytes = 0
  private(set) var start: State = 0
  /// Readings that were gone on with by one byte so far.
  private(set) var effort = 0
  /// Kept to save the allocation.
  private var work: [Frame] = []
  private var found: [Int32] = []

  /// The state from which nothing leads on.
  static let dead: State = 0
  private static let unknown: State = -1

  /// - Parameter reach: bytes of the longest token that masks will be made for.
  init(_ grammar: Grammar, reach: Int) {
    self.grammar = grammar
    self.reach = Int32(reach)
    _ = foundState()
    enter(Frame(node: grammar.root, progress: 0, depth: 0, below: -1))
    start = foundState()
  }

  /// Whether it is time to begin anew.
  var isFull: Bool { masks.count > ConstraintLimits.states || frames.count > ConstraintLimits.frames }

  private func readings(of state: State) -> ArraySlice<Int32> {
    readings[firstReading[Int(state)]..<firstReading[Int(state) + 1]]
  }

  func isComplete(_ state: State) -> Bool { readings(of: state).last == -1 }
  func mustEnd(_ state: State) -> Bool { readings(of: state).first == -1 }

  // MARK: - Steps

  mutating func step(_ state: State, _ byte: UInt8) -> State {
    let kind = Int(grammar.classes[Int(byte)])
    let known = next[Int(state) * grammar.classCount + kind]
    return known != Self.unknown ? known : findStep(state, kind)
  }

  private mutating func findStep(_ state: State, _ kind: Int) -> State {
    found.removeAll(keepingCapacity: true)
    effort += firstReading[Int(state) + 1] - firstReading[Int(state)]
    for index in firstReading[Int(state)]..<firstReading[Int(state) + 1] where readings[index] >= 0 {
      var frame = frames[Int(readings[index])]
      guard case .bytes(let automaton) = grammar.nodes[Int(frame.node)] else {
        preconditionFailure("a reading stands inside an automaton")
      }
      let machine = grammar.machines[Int(automaton)]
      let column = Int(grammar.localClasses[Int(automaton) * grammar.classCount + kind])
      let target = grammar.targets[machine.firstTarget + Int(frame.progress) * machine.width + column]
      if target < 0 { continue }
      if target == frame.progress, !grammar.isAccepting[machine.firstState + Int(target)] {
        found.append(readings[index])
      } else {
        frame.progress = target
        enter(frame)
      }
    }
    let target = foundState()
    next[Int(state) * grammar.classCount + kind] = target
    return target
  }

  /// The state after these bytes; `dead` where they are not allowed.
  mutating func step(_ state: State, _ bytes: [UInt8]) -> State {
    var state = state
    for byte in bytes where state != Self.dead { state = step(state, byte) }
    return state
  }

  /// Follows a frame to all automata that may read the next byte, and adds those to what was found.
  private mutating func enter(_ frame: Frame) {
    work.append(frame)
    // Ways that meet are followed once; the first few are not worth the looking up.
    var seen: Set<Frame> = []
    var count = 0
    while let frame = work.popLast() {
      count += 1
      if count > 32, !seen.insert(frame).inserted { continue }
      switch grammar.nodes[Int(frame.node)] {
      case .bytes(let automaton):
        let state = grammar.machines[Int(automaton)].firstState + Int(frame.progress)
        if grammar.isOpen[state] { found.append(name(frame)) }
        if grammar.isAccepting[state] { leave(frame.below) }
      case .sequence(let parts):
        guard Int(frame.progress) < parts.count else {
          leave(frame.below)
          continue
        }
        var below = frame.below
        if Int(frame.progress) + 1 < parts.count {
          var rest = frame
          rest.progress += 1
          below = name(rest)
        }
        work.append(
          Frame(node: parts[Int(frame.progress)], progress: 0, depth: frame.depth, below: below))
      case .choice(let branches):
        // The last is taken first, so that the first is what the readings begin with.
        for branch in branches.reversed() where fits(branch, frame.depth) {
          work.append(Frame(node: branch, progress: 0, depth: frame.depth, below: frame.below))
        }
      case .repetition(let first, let next, let range): repeated(frame, first, next, range)
      case .nested(let node):
        work.append(Frame(node: node, progress: 0, depth: frame.depth + 1, below: frame.below))
      }
    }
  }

  private mutating func repeated(
    _ frame: Frame, _ first: Grammar.Node, _ next: Grammar.Node, _ range: CountRange
  ) {
    let done = Int(frame.progress)
    if done < 0 ? done == -1 : done >= range.least { leave(frame.below) }
    let item = done == 0 ? first : next
    guard done < 0 || range.most.map({ done < $0 }) ?? true, fits(item, frame.depth) else { return }
    // What cannot be gone on with leaves nothing on the stack.
    if range.most == done + 1 {
      work.append(Frame(node: item, progress: 0, depth: frame.depth, below: frame.below))
      return
    }
    var rest = frame
    if done < 0 {
      rest.progress = done == -1 || done < -reach ? frame.progress : frame.progress + 1
    } else {
      rest.progress = Int32(range.most == nil ? min(done + 1, max(1, range.least)) : done + 1)
    }
    work.append(Frame(node: item, progress: 0, depth: frame.depth, below: name(rest)))
  }

  private mutating func leave(_ below: Int32) {
    if below < 0 { found.append(-1) } else { work.append(frames[Int(below)]) }
  }

  private func fits(_ node: Grammar.Node, _ depth: Int32) -> Bool {
    grammar.depths[Int(node)] <= ConstraintLimits.depth - depth
  }

  private mutating func name(_ frame: Frame) -> Int32 {
    if let name = frameNames[frame] { return name }
    let name = Int32(frames.count)
    frames.append(frame)
    stateOfFrame.append(Self.unknown)
    frameNames[frame] = name
    return name
  }

  /// The state of the readings found, which are forgotten.
  private mutating func foundState() -> State {
    defer { found.removeAll(keepingCapacity: true) }
    if found.count > 1 {
      found.sort(by: >)
      var count = 1
      for index in 1..<found.count where found[index] != found[count - 1] {
        found[count] = found[index]
        count += 1
      }
      found.removeSubrange(count...)
      if found.count > ConstraintLimits.readings {
        let isComplete = found.last == -1
        found.removeSubrange(ConstraintLimits.readings...)
        if isComplete { found.append(-1) }
      }
    }
    // Most states are a single reading, and need no looking up.
    if found.count == 1, found[0] >= 0 {
      let known = stateOfFrame[Int(found[0])]
      if known != Self.unknown { return known }
      let name = newState()
      stateOfFrame[Int(found[0])] = name
      return name
    }
    if let name = stateNames[found] { return name }
    let name = newState()
    stateNames[found] = name
    return name
  }

  private mutating func newState() -> State {
    let name = State(masks.count)
    readings += found
    firstReading.append(readings.count)
    next.append(
      contentsOf: repeatElement(found.isEmpty ? Self.dead : Self.unknown, count: grammar.classCount))
    masks.append(nil)
    return name
  }

  // MARK: - Masks

  /// One bit for each id: those that can come next.
  mutating func mask(_ state: State, _ vocabulary: IndexedVocabulary) -> [UInt32] {
    if let mask = masks[Int(state)] { return mask }
    let nearby = nearby(state)
    if let mask = masks[Int(nearby)] {
      masks[Int(state)] = mask
      return mask
    }
    let mask = walk(nearby, vocabulary)
    if maskBytes > ConstraintLimits.maskBytes {
      masks = Array(repeating: nil, count: masks.count)
      maskBytes = 0
    }
    masks[Int(state)] = mask
    masks[Int(nearby)] = mask
    maskBytes += vocabulary.words * 4
    return mask
  }

  /// The tokens that lead on from a state, or where that takes too long, from fewer of its readings: half of them, or as
  /// many as the walk would have come to its end with.
  private mutating func walk(_ state: State, _ vocabulary: IndexedVocabulary) -> [UInt32] {
    var narrowed = state
    while true {
      var mask =
        isComplete(state) ? vocabulary.endMask : [UInt32](repeating: 0, count: vocabulary.words)
      let part = walk(narrowed, vocabulary.trie, &mask)
      if part == 1 { return mask }
      let all = readings(of: narrowed)
      found = Array(all.prefix(max(1, Int(Double(all.count) * min(0.5, part * 0.8)))))
      narrowed = foundState()
    }
  }

  /// Adds the tokens that lead on from a state.
  ///
  /// - Returns: which part of the vocabulary was gone through before there was too much to do; 1 for all of it, as always
  ///   where there is one reading.
  private mutating func walk(
    _ state: State, _ trie: VocabularyTrie, _ mask: inout [UInt32]
  ) -> Double {
    let most = readings(of: state).count > 1 ? effort + ConstraintLimits.maskEffort : .max
    // The state after so many bytes of the place that the walk is at.
    var states = [State](repeating: Self.dead, count: trie.longest + 1)
    states[0] = state
    var index = 0
    let count = trie.places.count
    while index < count {
      if effort > most { return Double(index) / Double(count) }
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
    return 1
  }

  /// A state with the same mask for all counts that one token cannot bring to a bound: the 40th character of at most 500
  /// is like the 41st.
  private mutating func nearby(_ state: State) -> State {
    guard grammar.hasCounts else { return state }
    var hasChanged = false
    var tops: [Int32] = []
    for index in firstReading[Int(state)]..<firstReading[Int(state) + 1] {
      var stack: [Frame] = []
      var place = readings[index]
      var isDifferent = false
      while place >= 0 {
        var frame = frames[Int(place)]
        place = frame.below
        if let progress = nearby(frame) {
          frame.progress = progress
          isDifferent = true
        }
        stack.append(frame)
      }
      tops.append(isDifferent ? self.name(stack) : readings[index])
      hasChanged = hasChanged || isDifferent
    }
    guard hasChanged else { return state }
    found = tops
    return foundState()
  }

  private func nearby(_ frame: Frame) -> Int32? {
    guard case .repetition(let first, let next, let range) = grammar.nodes[Int(frame.node)],
      frame.progress > 0 || first == next, frame.progress >= 0
    else { return nil }
    let missing = max(0, range.least - Int(frame.progress))
    if let most = range.most, most - Int(frame.progress) <= Int(reach) { return nil }
    if range.most == nil, missing <= Int(reach) { return nil }
    return -1 - Int32(min(missing, Int(reach) + 1))
  }

  // MARK: - Moving house

  /// The readings of a state as stacks, the topmost frame first; `below` means nothing there.
  func stacks(of state: State) -> [[Frame]] {
    readings(of: state).map { reading in
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
    found = stacks.map { name($0) }
    return foundState()
  }

  private mutating func name(_ stack: [Frame]) -> Int32 {
    var below: Int32 = -1
    for var frame in stack.reversed() {
      frame.below = below
      below = name(frame)
    }
    return below
  }
}
