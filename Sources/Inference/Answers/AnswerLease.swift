/// Lives as long as somebody may read an answer; its end calls the work off.
final class AnswerLease: Sendable {
  private let feed: CompletionFeed

  init(_ feed: CompletionFeed) { self.feed = feed }

  deinit { feed.abandon() }

  func next() async throws -> AnswerEvent? { try await feed.buffer.next() }

  /// The answer as a stream, which calls the work off when it is dropped.
  static func stream(_ feed: CompletionFeed) -> AsyncThrowingStream<AnswerEvent, any Error> {
    let lease = AnswerLease(feed)
    return AsyncThrowingStream { try await lease.next() }
  }
}
