package import Records

/// Blocks of tokens, one behind the other, with something kept for each of them: what sequences have in common from
/// their beginning is there once. The least recently used blocks go first.
///
/// A block is used whenever one behind it is, and counts as used later than it, so what goes first is always a block
/// that nothing stands behind.
package struct PrefixTree<Payload> {
  /// Tokens in a block.
  package let width: Int
  /// Blocks that are there.
  package private(set) var count = 0

  private struct Node {
    var block: [Int32]
    var parent: Int
    var children: [[Int32]: Int] = [:]
    var payload: Payload?
    var newer = none
    var older = none
  }
  private static var none: Int { -1 }
  private var nodes: [Node] = []
  private var free: [Int] = []
  private var roots: [PolicyName: Int] = [:]
  private var newest = Self.none
  private var oldest = Self.none

  package init(width: Int) {
    precondition(width > 0, "a block must have at least one token")
    self.width = width
  }

  /// What is kept of the whole blocks at the beginning of some tokens, as far as they are there; they count as used.
  package mutating func find(_ policy: PolicyName, _ tokens: ArraySlice<Int32>) -> [Payload] {
    let path = path(policy, tokens)
    touch(path)
    return path.compactMap { nodes[$0].payload }
  }

  /// How many whole blocks at the beginning of some tokens are there; nothing counts as used.
  package func depth(_ policy: PolicyName, _ tokens: ArraySlice<Int32>) -> Int { path(policy, tokens).count }

  /// Adds the blocks of some tokens from the one numbered `first` on, those before it being there; what is there
  /// already stays. Does nothing when one before `first` has gone.
  package mutating func insert(
    _ policy: PolicyName, _ tokens: ArraySlice<Int32>, from first: Int, _ payloads: [Payload]
  ) {
    var path = path(policy, tokens)
    guard path.count >= first else { return }
    for place in path.count..<max(path.count, first + payloads.count) {
      let start = tokens.startIndex + place * width
      let block = Array(tokens[start..<start + width])
      let parent = path.last ?? root(of: policy)
      let node = Node(block: block, parent: parent, payload: payloads[place - first])
      let index: Int
      if let reused = free.popLast() {
        index = reused
        nodes[index] = node
      } else {
        index = nodes.count
        nodes.append(node)
      }
      nodes[parent].children[block] = index
      count += 1
      link(index)
      path.append(index)
    }
    touch(path)
  }

  /// Lets the least recently used block go; false when there is none.
  package mutating func dropOldest() -> Bool {
    guard oldest != Self.none else { return false }
    let index = oldest
    precondition(nodes[index].children.isEmpty, "a block must outlive those behind it")
    nodes[nodes[index].parent].children[nodes[index].block] = nil
    release(index)
    return true
  }

  /// Lets everything of a policy go.
  package mutating func drop(_ policy: PolicyName) {
    guard let root = roots.removeValue(forKey: policy) else { return }
    var rest = Array(nodes[root].children.values)
    while let index = rest.popLast() {
      rest += nodes[index].children.values
      release(index)
    }
    nodes[root] = Node(block: [], parent: Self.none)
    free.append(root)
  }

  // MARK: Nodes

  private func path(_ policy: PolicyName, _ tokens: ArraySlice<Int32>) -> [Int] {
    guard var node = roots[policy] else { return [] }
    var path: [Int] = []
    var start = tokens.startIndex
    while tokens.endIndex - start >= width,
      let child = nodes[node].children[Array(tokens[start..<start + width])]
    {
      path.append(child)
      node = child
      start += width
    }
    return path
  }

  private mutating func root(of policy: PolicyName) -> Int {
    if let root = roots[policy] { return root }
    let index: Int
    if let reused = free.popLast() {
      index = reused
      nodes[index] = Node(block: [], parent: Self.none)
    } else {
      index = nodes.count
      nodes.append(Node(block: [], parent: Self.none))
    }
    roots[policy] = index
    return index
  }

  private mutating func release(_ index: Int) {
    unlink(index)
    nodes[index] = Node(block: [], parent: Self.none)
    free.append(index)
    count -= 1
  }

  // MARK: Order of use

  /// The last one first, so that every block is newer than those behind it.
  private mutating func touch(_ path: [Int]) {
    for index in path.reversed() {
      unlink(index)
      link(index)
    }
  }

  private mutating func link(_ index: Int) {
    nodes[index].older = newest
    nodes[index].newer = Self.none
    if newest == Self.none { oldest = index } else { nodes[newest].newer = index }
    newest = index
  }

  private mutating func unlink(_ index: Int) {
    let (newer, older) = (nodes[index].newer, nodes[index].older)
    if newer == Self.none { newest = older } else { nodes[newer].older = older }
    if older == Self.none { oldest = newer } else { nodes[older].newer = newer }
  }
}
