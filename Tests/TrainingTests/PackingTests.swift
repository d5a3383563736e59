import Records
import Testing
import Torch

@testable import Training

/// How a step's groups are dealt to micro-batches.
@Suite struct PackingTests {
  /// A group whose answers are as long as the prompt is not: `answers` tokens each.
  private static func group(prompt: Int, answers: [Int]) -> [CreditedEpisode] {
    answers.enumerated().map { index, count in
      let length = prompt + count
      let mask = (0..<length).map { $0 >= prompt }
      let episode = Episode(
        exampleID: "a", index: index, turns: [],
        tokens: (0..<length).map { Int32($0 < prompt ? $0 % 50 : 50 + index) }, lossMask: mask,
        logProbabilities: mask.map { $0 ? -1 : 0 }, policyVersions: mask.map { $0 ? 0 : -1 },
        stopReason: .endOfTurn)
      let weights = mask.map { Float($0 ? 1 : 0) }
      return CreditedEpisode(episode: episode, credit: Credit(policy: weights, regularisation: weights))
    }
  }

  private static func pack(_ groups: [[CreditedEpisode]], _ limit: Int) -> [[Int]] {
    MicroBatch.pack(groups, tokens: limit).map { $0.trees.map(\.branches.count) }
  }

  @Test func `a prompt as long as the budget is computed for many answers at once`() {
    let long = Self.group(prompt: 2000, answers: [Int](repeating: 64, count: 16))
    // 2,000 and 16 answers of 64: half of 2,048 in answers each time.
    #expect(Self.pack([long], 2048) == [[16]])
    let longer = Self.group(prompt: 2000, answers: [Int](repeating: 256, count: 16))
    #expect(Self.pack([longer], 2048) == [[4], [4], [4], [4]])
  }

  @Test func `short prompts fill the budget and no more`() {
    let groups = (0..<4).map { _ in Self.group(prompt: 20, answers: [Int](repeating: 60, count: 8)) }
    for batch in MicroBatch.pack(groups, tokens: 500) { #expect(batch.ids.count <= 520) }
    #expect(Self.pack(groups, 10_000) == [[8, 8, 8, 8]])
  }

  @Test func `an answer longer than the budget goes alone`() {
    #expect(Self.pack([Self.group(prompt: 3, answers: [90, 4, 90])], 40) == [[1], [1], [1]])
  }
}
