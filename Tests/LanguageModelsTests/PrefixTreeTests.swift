import LanguageModels
import Records
import Testing

/// The tree against lists of blocks that are looked through from the beginning.
struct PrefixTreeTests {
  static let policies: [PolicyName] = [.base, PolicyName("one"), PolicyName("two")]

  /// A text of a small alphabet, so that beginnings agree often.
  static func text(_ random: inout SplitMix64) -> [Int32] {
    (0..<Int.random(in: 0...20, using: &random)).map { _ in Int32.random(in: 0...1, using: &random) }
  }

  /// What is found, without being used.
  static func look<Payload>(
    _ tree: PrefixTree<Payload>, _ policy: PolicyName, _ tokens: ArraySlice<Int32>
  ) -> [Payload] {
    var copy = tree
    return copy.find(policy, tokens)
  }

  @Test func `blocks are found as far as they are there, by policy`() {
    var tree = PrefixTree<String>(width: 2)
    tree.insert(.base, [1, 2, 3, 4, 5], from: 0, ["12", "34"])
    #expect(tree.count == 2)
    #expect(Self.look(tree, .base, [1, 2, 3, 4, 9, 9]) == ["12", "34"])
    #expect(Self.look(tree, .base, [1, 2, 3]) == ["12"])
    #expect(Self.look(tree, .base, [1, 2, 3, 5]) == ["12"])
    #expect(Self.look(tree, .base, [2, 2]).isEmpty)
    #expect(Self.look(tree, PolicyName("other"), [1, 2]).isEmpty)
    tree.insert(.base, [1, 2, 7, 7], from: 1, ["77"])
    #expect(Self.look(tree, .base, [1, 2, 7, 7]) == ["12", "77"])
    #expect(tree.count == 3)
  }

  @Test func `what is there stays, and what lost its beginning is not added`() {
    var tree = PrefixTree<String>(width: 1)
    tree.insert(.base, [1, 2], from: 0, ["a", "b"])
    tree.insert(.base, [1, 2, 3], from: 0, ["x", "y", "z"])
    #expect(Self.look(tree, .base, [1, 2, 3]) == ["a", "b", "z"])
    tree.insert(.base, [9, 8], from: 1, ["lost"])
    #expect(Self.look(tree, .base, [9, 8]).isEmpty)
    #expect(tree.count == 3)
  }

  @Test func `the least recently used end goes first`() {
    var tree = PrefixTree<Int>(width: 1)
    tree.insert(.base, [1, 2, 3], from: 0, [1, 2, 3])
    tree.insert(.base, [1, 5], from: 1, [5])
    _ = tree.find(.base, [1, 2])
    // 3 was used before 5, and 5 before 2.
    for gone: [Int32] in [[1, 2, 3], [1, 5], [1, 2], [1]] {
      #expect(tree.depth(.base, gone[...]) == gone.count)
      let hasDropped = tree.dropOldest()
      #expect(hasDropped)
      #expect(tree.depth(.base, gone[...]) == gone.count - 1)
    }
    let hasMore = tree.dropOldest()
    #expect(!hasMore && tree.count == 0)
  }

  @Test(arguments: 0..<20)
  func `random use agrees with a list`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let width = 1 + Int(seed % 3)
    var tree = PrefixTree<Int>(width: width)
    // Beginnings that are whole blocks, each with what is kept and when it was used last.
    var list: [PolicyName: [[Int32]: (payload: Int, used: Int)]] = [:]
    var clock = 0
    var made = 0
    func beginnings(_ text: [Int32]) -> [[Int32]] {
      stride(from: width, through: text.count, by: width).map { Array(text[..<$0]) }
    }
    func touch(_ policy: PolicyName, _ found: [[Int32]]) {
      for beginning in found.reversed() {
        clock += 1
        list[policy]?[beginning]?.used = clock
      }
    }
    for _ in 0..<400 {
      let policy = Self.policies.randomElement(using: &random) ?? .base
      let text = Self.text(&random)
      let all = beginnings(text)
      let known = all.prefix { list[policy]?[$0] != nil }
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<4:
        let found = tree.find(policy, text[...])
        #expect(found == known.compactMap { list[policy]?[$0]?.payload })
        touch(policy, Array(known))
      case 4..<7:
        let payloads = all.dropFirst(known.count).map { _ in
          made += 1
          return made
        }
        #expect(tree.depth(policy, text[...]) == known.count)
        tree.insert(policy, text[...], from: known.count, payloads)
        for (beginning, payload) in zip(all.dropFirst(known.count), payloads) {
          clock += 1
          list[policy, default: [:]][beginning] = (payload, clock)
        }
        touch(policy, all)
      case 7..<9:
        let oldest = list.flatMap { policy, blocks in blocks.map { (policy, $0.key, $0.value.used) } }
          .min { $0.2 < $1.2 }
        let hasDropped = tree.dropOldest()
        #expect(hasDropped == (oldest != nil))
        if let oldest { list[oldest.0]?[oldest.1] = nil }
      default:
        if Int.random(in: 0..<4, using: &random) == 0 {
          tree.drop(policy)
          list[policy] = nil
        }
      }
      #expect(tree.count == list.values.reduce(0) { $0 + $1.count })
    }
  }
}
