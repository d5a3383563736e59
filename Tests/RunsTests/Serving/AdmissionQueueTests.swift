import LanguageModels
import Records
import Testing

@testable import Runs

/// Who comes next.
struct AdmissionQueueTests {
  static func share(_ id: UInt64, _ policy: String, _ attempts: [Int] = [0]) -> BatchShare {
    let seeds = (0...UInt64(attempts.max() ?? 0)).map { $0 }
    return BatchShare(
      CompletionCommand(
        id: id, policy: PolicyName(policy), prompt: [1], seeds: seeds, maxTokens: 1, stopIDs: []),
      policy: ServedPolicy(PolicyName(policy), adapter: nil), attempts: attempts,
      announcement: PromptAnnouncement { _ in })
  }

  @Test func `policies take turns by the rows they have, and each keeps its order`() {
    var queue = AdmissionQueue()
    for id in UInt64(0)..<6 { queue.add(Self.share(id, "busy")) }
    queue.add(Self.share(10, "late"))
    queue.add(Self.share(11, "late"))
    var rows: [PolicyName: Int] = [:]
    var order: [UInt64] = []
    while let next = queue.next(rows: rows) {
      order.append(next.command.id)
      rows[next.policy.name, default: 0] += next.attempts.count
    }
    #expect(order == [0, 10, 1, 11, 2, 3, 4, 5])
    #expect(queue.count == 0)
  }

  @Test func `a cancelled attempt leaves, and the command with its last one`() {
    var queue = AdmissionQueue()
    queue.add(Self.share(1, "a", [0, 1, 2]))
    queue.add(Self.share(2, "a"))
    #expect(queue.count == 4)
    let one = queue.cancel(1, attempt: 1, of: PolicyName("a"))
    #expect(one == [1] && queue.count == 3)
    let again = queue.cancel(1, attempt: 1, of: PolicyName("a"))
    #expect(again.isEmpty)
    let rest = queue.cancel(1, attempt: nil, of: PolicyName("a"))
    #expect(rest == [0, 2] && queue.count == 1)
    let next = queue.next(rows: [:])
    #expect(next?.command.id == 2)
  }

  @Test(arguments: [
    (1, 2, 32, [1]), (16, 2, 32, [16]), (17, 2, 32, [9, 8]), (32, 2, 32, [16, 16]),
    (128, 2, 32, [32, 32, 32, 32]), (5, 1, 64, [5]), (3, 2, 1, [1, 1, 1]), (12, 4, 4, [3, 3, 3, 3]),
  ])
  func `attempts stay together unless they are many`(
    attempts: Int, shards: Int, rows: Int, expected: [Int]
  ) {
    let parts = AdmissionQueue.parts(of: attempts, shards: shards, rows: rows)
    #expect(parts.map(\.count) == expected)
    #expect(Array(parts.joined()) == Array(0..<attempts))
  }
}
