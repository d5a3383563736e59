import OperantTesting
import Records
import Testing

/// Clients that do not wait for their answer.
@Suite(.timeLimit(.minutes(30)))
struct GoneClientTests {
  struct Question: Sendable, CustomTestStringConvertible {
    let path: String
    let body: JSONValue
    var testDescription: String { path }

    init(_ path: String, _ body: JSONValue) {
      self.path = path
      self.body = body
    }
  }

  private static func messages(_ text: String) -> JSONValue { [["role": "user", "content": .string(text)]] }

  static let questions = [
    Question("/v1/chat/completions", ["model": "tiny", "messages": messages("endless")]),
    Question("/v1/chat/completions", ["model": "tiny", "messages": messages("unread")]),
    Question("/v1/chat/completions", ["model": "tiny", "messages": messages("unread"), "stream": true]),
    Question("/v1/completions", ["model": "tiny", "prompt": "endless"]),
    Question("/v1/completions", ["model": "tiny", "prompt": "unread"]),
    Question("/v1/responses", ["model": "tiny", "input": "endless"]),
    Question("/openai/deployments/tiny/chat/completions", ["messages": messages("endless")]),
  ]

  @Test(arguments: questions)
  func `nothing more is computed for a client that has gone`(_ question: Question) async throws {
    let models = ScriptedModels()
    let service = try await InferenceService(models)
    try await service.serve { client in
      let body = question.body.serialised()
      let connection = try HalfRequest(port: client.port)
      connection.send(
        "POST \(question.path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(client.key)\r\n"
          + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
      while models.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
      #expect(models.abandoned == 0)
      connection.hangUp()
      while models.abandoned == 0 { try await Task.sleep(for: .milliseconds(5)) }
      // Who comes next is served.
      let next = try await client.post(
        "/v1/chat/completions", ["model": "tiny", "messages": Self.messages("Hi")])
      #expect(next.status == 200)
      #expect(models.abandoned == 1)
    }
  }
}
