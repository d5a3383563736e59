import Records
import Testing

/// The lines in which a serving worker reports tokens.
struct TokenLineTests {
  @Test func `a line gives back what was put into it, bit for bit`() {
    let entries = [
      TokenLine.Entry(id: 1, attempt: 0, token: 49_151, logProbability: -0.1),
      TokenLine.Entry(id: .max, attempt: 127, token: 0, logProbability: -.infinity),
    ]
    #expect(TokenLine.decode(Array(TokenLine.encode(entries).utf8)) == entries)
    #expect(TokenLine.decode(Array("t".utf8)) == [])
  }

  @Test(arguments: ["", "{}", "t 1 2 3", "t 1 2 x 4", "t 1 0 4294967296 0", "t 99999999999999999999 0 0 0"])
  func `a line of another kind is none`(_ line: String) {
    #expect(TokenLine.decode(Array(line.utf8)) == nil)
  }

  @Test func `a command and an event travel as one line`() throws {
    let command = ServeCommand.complete(
      CompletionCommand(
        id: 7, policy: PolicyName("run@3"), prompt: [1, 2], seeds: [5], maxTokens: 3, stopIDs: [2],
        constraint: .sequence([.text("<a>"), .schema(#"{"type":"object"}"#)])))
    let line = try WorkerLine.encode(command)
    #expect(!line.contains("\n"))
    #expect(try WorkerLine.decode(ServeCommand.self, from: line.utf8) == command)
    let event = ServeEvent.prompt(id: 7, cached: 0, scores: [TokenScore(token: 1, logProbability: nil)])
    #expect(try WorkerLine.decode(ServeEvent.self, from: WorkerLine.encode(event).utf8) == event)
  }
}
