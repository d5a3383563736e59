import BedrockShape
import Inference
import Records
import Store
import Synchronization
import Testing

struct VanishingClientTests {
  /// How often the work behind an answer was called off.
  private final class Tally: Sendable {
    let count = Mutex(0)
  }

  @Test(.enabled(if: BotoScript.missing == nil, "\(BotoScript.missing ?? "")"))
  func `the work behind a stream ends when its client is gone`() async throws {
    let tally = Tally()
    let service = try await TestService { _, _ throws(InferenceError) in
      AsyncThrowingStream { continuation in
        let work = Task {
          continuation.yield(.prompt(PromptReport(tokens: [1, 2], cached: 0)))
          while !Task.isCancelled {
            continuation.yield(
              .text(choice: 0, "more ", tokens: [AnswerToken(id: 1, bytes: [32], logProbability: nil)]))
            try? await Task.sleep(for: .milliseconds(20))
          }
        }
        continuation.onTermination = { _ in
          work.cancel()
          tally.count.withLock { $0 += 1 }
        }
      }
    }
    try await service.serve { port in
      #expect(try await BotoScript.run("vanish.py", service.arguments(port)) == 3)
      for _ in 0..<600 where tally.count.withLock({ $0 }) == 0 {
        try await Task.sleep(for: .milliseconds(100))
      }
      #expect(tally.count.withLock { $0 } == 1)
      // What was drawn until then is counted all the same.
      var used: Int?
      for _ in 0..<600 where used == nil {
        used = try await service.store.usage(of: service.mine.projectID, day: UnixTime.now / 86_400)?
          .completionTokens
        try await Task.sleep(for: .milliseconds(100))
      }
      #expect(used ?? 0 > 0)
    }
  }
}
