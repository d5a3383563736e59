import Foundation
import LanguageModels
import Records
import Testing
import Torch

/// The decoder over trees of tokens.
struct DecoderTests {
  @Test(arguments: Architecture.allCases)
  func `a tree's log-probabilities are those of its sequences`(family: Architecture) throws {
    let model = try TinyModel(family)
    let decoder = try model.decoder()
    let trees: [(prefix: [Int32], branches: [[Int32]])] = [
      (model.text(9, seed: 1), [model.text(4, seed: 2), model.text(11, seed: 3), model.text(1, seed: 4)]),
      (model.text(1, seed: 5), [model.text(70, seed: 6)]), (model.text(12, seed: 7), []),
    ]
    let ids = trees.flatMap { $0.prefix + $0.branches.joined() }
    let layout = TreeLayout(trees.map { .init(prefix: $0.prefix.count, branches: $0.branches.map(\.count)) })
    let hidden = try withoutGradients { () throws(TorchError) in try decoder.hidden(ids, layout: layout) }

    /// Log-probabilities of targets at these packed places.
    func scores(_ places: [Int], _ targets: [Int32]) throws -> [Float] {
      try withoutGradients { () throws(TorchError) in
        try decoder.logProbabilities(
          hidden.rows(at: Tensor.integers(places)), targets: targets, temperature: 1
        )
        .logProbabilities.floats()
      }
    }
    var start = 0
    for tree in trees {
      let prefix = Array(start..<start + tree.prefix.count)
      start += tree.prefix.count
      for branch in tree.branches.isEmpty ? [[]] : tree.branches {
        let own = Array(start..<start + branch.count)
        start += branch.count
        let sequence = tree.prefix + branch
        let found = try scores((prefix + own).dropLast(), Array(sequence.dropFirst()))
        let expected = try decoder.score(sequence)
        #expect(found == expected)
      }
    }
  }

  @Test func `a text of one token has no score`() throws {
    let decoder = try TinyModel().decoder()
    #expect(try decoder.score([5]) == [])
    #expect(try decoder.score([]) == [])
    #expect(try decoder.score([5, 6]).count == 1)
  }

  @Test func `positions beyond the table are an error`() throws {
    let model = try TinyModel()
    let decoder = try ModelLoader(huggingFace: model.folder).decoder(.float32, positions: 8)
    #expect(try decoder.score(model.text(8, seed: 1)).count == 7)
    let error = #expect(throws: TorchError.self) { try decoder.score(model.text(9, seed: 1)) }
    #expect(error?.kind == .index)
  }

  @Test func `an id outside the vocabulary is an error`() throws {
    let decoder = try TinyModel().decoder()
    let error = #expect(throws: TorchError.self) { try decoder.score([1, 128, 2]) }
    #expect(error?.kind == .index)
  }

  @Test func `the entropy is that of the distribution at the temperature`() throws {
    let model = try TinyModel()
    let decoder = try model.decoder()
    let ids = model.text(6, seed: 2)
    let hidden = try decoder.hidden(ids, layout: TreeLayout([.init(prefix: 6)])).rows(5..<6)
    let all = (0..<128).map(Int32.init)
    let spread = try hidden.rows(at: Tensor.integers([Int](repeating: 0, count: 128)))
    let steps = try decoder.logProbabilities(spread, targets: all, temperature: 0.6)
    let logs = try steps.logProbabilities.floats().map(Double.init)
    #expect(abs(logs.reduce(0) { $0 + exp($1) } - 1) < 1e-5)
    #expect(abs(Double(try steps.entropy.floats()[0]) + logs.reduce(0) { $0 + exp($1) * $1 }) < 1e-5)
  }
}
