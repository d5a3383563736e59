/// What a document may be, as rules over automata: a machine with a stack, run by `Automaton`.
struct Grammar: Sendable {
  /// A place in `nodes`.
  typealias Node = Int32

  enum Rule: Sendable {
    /// A place in `automata`.
    case bytes(Int32)
    case sequence([Node])
    case choice([Node])
    /// `first`, then `next` again and again.
    case repetition(first: Node, next: Node, CountRange)
    /// One level of lists and objects deeper.
    case nested(Node)
  }

  private(set) var nodes: [Rule]
  private(set) var machines: [Machine] = []
  /// The tables of all automata behind each other.
  private(set) var targets: [Int32] = []
  /// Of each state of each automaton: whether it accepts, and whether anything can follow.
  private(set) var isAccepting: [Bool] = []
  private(set) var isOpen: [Bool] = []
  /// Levels that the shortest way through a node goes down. A choice only has branches that lead somewhere.
  private(set) var depths: [Int32]
  let root: Node
  /// Bytes that no automaton tells apart have the same class.
  private(set) var classes: [UInt8] = []
  private(set) var classCount = 0
  /// The automata's own class of each class, `classCount` for each.
  private(set) var localClasses: [Int32] = []
  /// Whether a repetition has a bound that is worth forgetting about while it is far.
  private(set) var hasCounts = false

  /// Where an automaton's parts lie in the arrays of all.
  struct Machine: Sendable {
    var firstTarget: Int
    var width: Int
    var firstState: Int
  }

  /// Nil when nothing is a whole document, or only what is nested too deep.
  init?(nodes: [Rule], automata: [ByteAutomaton], root: Node) {
    (self.nodes, self.root) = (nodes, root)
    depths = Self.depths(of: nodes, automata)
    guard depths[Int(root)] <= ConstraintLimits.depth else { return nil }
    for index in nodes.indices {
      if case .choice(let branches) = nodes[index] {
        self.nodes[index] = .choice(branches.filter { depths[Int($0)] <= ConstraintLimits.depth })
      } else if case .repetition(_, _, let range) = nodes[index] {
        hasCounts = hasCounts || range.least > 8 || range.most ?? 0 > 8
      }
    }
    findClasses(automata)
    for automaton in automata {
      machines.append(
        Machine(firstTarget: targets.count, width: automaton.classCount, firstState: isAccepting.count))
      targets += automaton.next
      isAccepting += automaton.isAccepting
      for state in 0..<automaton.stateCount {
        let row = automaton.next[state * automaton.classCount..<(state + 1) * automaton.classCount]
        isOpen.append(row.contains { $0 >= 0 })
      }
    }
  }

  private static let never = Int32.max

  /// The least solution, found by going round until nothing changes; each round but the last settles a node.
  private static func depths(of nodes: [Rule], _ automata: [ByteAutomaton]) -> [Int32] {
    var depths = [Int32](repeating: never, count: nodes.count)
    // Who must be looked at again when a node has changed.
    var users: [[Node]] = Array(repeating: [], count: nodes.count)
    var work: [Node] = []
    for (index, node) in nodes.enumerated() {
      work.append(Node(index))
      switch node {
      case .bytes: break
      case .sequence(let parts), .choice(let parts):
        for part in parts { users[Int(part)].append(Node(index)) }
      case .repetition(let first, let next, _):
        users[Int(first)].append(Node(index))
        users[Int(next)].append(Node(index))
      case .nested(let node): users[Int(node)].append(Node(index))
      }
    }
    var isWaiting = [Bool](repeating: true, count: nodes.count)
    var begin = 0
    while begin < work.count {
      let index = Int(work[begin])
      begin += 1
      isWaiting[index] = false
      let depth = depth(of: nodes[index], automata, depths)
      guard depth < depths[index] else { continue }
      depths[index] = depth
      for user in users[index] where !isWaiting[Int(user)] {
        isWaiting[Int(user)] = true
        work.append(user)
      }
    }
    return depths
  }

  private static func depth(of rule: Rule, _ automata: [ByteAutomaton], _ depths: [Int32]) -> Int32 {
    switch rule {
    case .bytes(let automaton): automata[Int(automaton)].isEmpty ? never : 0
    case .sequence(let parts): parts.reduce(0) { max($0, depths[Int($1)]) }
    case .choice(let branches): branches.reduce(never) { min($0, depths[Int($1)]) }
    case .repetition(let first, let next, let range):
      range.isEmpty
        ? never
        : range.least == 0
          ? 0 : range.least == 1 ? depths[Int(first)] : max(depths[Int(first)], depths[Int(next)])
    case .nested(let node): depths[Int(node)] == never ? never : depths[Int(node)] + 1
    }
  }

  private mutating func findClasses(_ automata: [ByteAutomaton]) {
    // Refine one partition by one automaton after the other.
    var current = [Int](repeating: 0, count: 256)
    var count = 1
    for automaton in automata where count < 256 {
      var names: [Int: Int] = [:]
      for byte in 0..<256 {
        let key = current[byte] << 8 | Int(automaton.classes[byte])
        let name = names[key] ?? names.count
        names[key] = name
        current[byte] = name
      }
      count = names.count
    }
    classes = current.map(UInt8.init)
    classCount = count
    var samples = [Int](repeating: 0, count: count)
    for byte in 0..<256 { samples[current[byte]] = byte }
    localClasses = automata.flatMap { automaton in samples.map { Int32(automaton.classes[$0]) } }
  }
}
