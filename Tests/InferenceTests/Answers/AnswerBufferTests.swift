import Testing

@testable import Inference

struct AnswerBufferTests {
  private static func text(_ text: String, choice: Int = 0) -> AnswerEvent {
    .text(choice: choice, text, tokens: [AnswerToken(id: 1, bytes: [], logProbability: nil)])
  }

  private static func all(_ buffer: AnswerBuffer) async throws -> [AnswerEvent] {
    var events: [AnswerEvent] = []
    while let event = try await buffer.next() { events.append(event) }
    return events
  }

  @Test func `what waits is joined within its choice`() async throws {
    let buffer = AnswerBuffer(mostTokens: 100)
    for piece in ["a", "b", "c"] {
      #expect(buffer.put([Self.text(piece), Self.text(piece.uppercased(), choice: 1)]))
    }
    #expect(buffer.put([.toolCallBegan(choice: 0, index: 0, id: "x", name: "f")]))
    #expect(
      buffer.put([.toolCallArguments(choice: 0, index: 0, "{"), .toolCallArguments(choice: 0, index: 0, "}")])
    )
    #expect(buffer.put([Self.text("d")]))
    buffer.finish(.success(()))
    let events = try await Self.all(buffer)
    let token = AnswerToken(id: 1, bytes: [], logProbability: nil)
    #expect(
      events == [
        .text(choice: 0, "abc", tokens: [token, token, token]),
        .text(choice: 1, "ABC", tokens: [token, token, token]),
        .toolCallBegan(choice: 0, index: 0, id: "x", name: "f"),
        .toolCallArguments(choice: 0, index: 0, "{}"), .text(choice: 0, "d", tokens: [token]),
      ])
  }

  @Test func `a reader who falls too far behind is told of`() async throws {
    let buffer = AnswerBuffer(mostTokens: 3)
    for _ in 0..<3 { #expect(buffer.put([Self.text("a")])) }
    #expect(!buffer.put([Self.text("a")]))
  }

  @Test func `an error comes after what was there before it`() async throws {
    let buffer = AnswerBuffer(mostTokens: 9)
    _ = buffer.put([Self.text("a")])
    buffer.finish(.failure(InferenceError(.failed, "gone")))
    #expect(try await buffer.next() == Self.text("a"))
    await #expect(throws: InferenceError(.failed, "gone")) { try await buffer.next() }
  }

  @Test func `a reader that is cancelled does not wait on`() async throws {
    let buffer = AnswerBuffer(mostTokens: 9)
    let reader = Task { try await buffer.next() }
    await Task.yield()
    reader.cancel()
    await #expect(throws: CancellationError.self) { try await reader.value }
  }

  @Test func `a reader that waits gets each event as it comes`() async throws {
    let buffer = AnswerBuffer(mostTokens: 9)
    let reader = Task { try await Self.all(buffer) }
    for piece in ["a", "b"] {
      _ = buffer.put([Self.text(piece)])
      await Task.yield()
    }
    buffer.finish(.success(()))
    let text = try await reader.value.reduce(into: "") { text, event in
      if case .text(_, let more, _) = event { text += more }
    }
    #expect(text == "ab")
  }
}
