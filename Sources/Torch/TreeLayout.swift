/// Token sequences that share a prefix, packed one after the other: each tree is its prefix, then its branches,
/// every branch seeing the prefix and itself.
///
/// The episodes of a group share their prompt, so a group is one tree and its prompt is computed once. A plain
/// sequence is a prefix without branches.
package struct TreeLayout: Sendable, Hashable {
  /// One shared prefix and the lengths of what follows it.
  package struct Tree: Sendable, Hashable {
    package var prefix: Int
    package var branches: [Int]

    package init(prefix: Int, branches: [Int] = []) {
      precondition(prefix >= 0 && branches.allSatisfy { $0 > 0 }, "a tree's branches must not be empty")
      self.prefix = prefix
      self.branches = branches
    }

    package var count: Int { prefix + branches.reduce(0, +) }
  }

  package let trees: [Tree]
  let encoded: [Int64]

  package init(_ trees: [Tree]) {
    self.trees = trees
    encoded = trees.flatMap { tree in
      [Int64(tree.prefix), Int64(tree.branches.count)] + tree.branches.map(Int64.init)
    }
  }

  /// Tokens in all trees.
  package var count: Int { trees.reduce(0) { $0 + $1.count } }

  /// The position of every packed token within its own sequence: branches go on where their prefix ends.
  package var positions: [Int] {
    trees.flatMap { tree in
      Array(0..<tree.prefix) + tree.branches.flatMap { Array(tree.prefix..<tree.prefix + $0) }
    }
  }
}
