import Records
import Testing

@testable import OpenAIShape

struct ResponseMemoryTests {
  private static func kept(_ text: String, project: String = "p") -> ResponseMemory.Kept {
    .init(projectID: project, body: ["text": .string(text)], messages: [Message(.user, text)])
  }

  @Test func `the newest responses are kept, by number`() {
    let memory = ResponseMemory(most: 2)
    for id in ["a", "b", "c"] { memory.keep(id, Self.kept(id)) }
    #expect(memory.find("a", projectID: "p") == nil)
    #expect(memory.find("b", projectID: "p") == Self.kept("b"))
    #expect(memory.find("c", projectID: "p") == Self.kept("c"))
    #expect(memory.find("c", projectID: "q") == nil)
  }

  @Test func `the newest responses are kept, by size`() {
    let memory = ResponseMemory(mostBytes: 5000)
    memory.keep("a", Self.kept(String(repeating: "x", count: 1500)))
    memory.keep("b", Self.kept(String(repeating: "y", count: 1500)))
    #expect(memory.find("a", projectID: "p") == nil)
    #expect(memory.find("b", projectID: "p") != nil)
    // One that is too large by itself is not kept, and leaves nothing behind.
    memory.keep("c", Self.kept(String(repeating: "z", count: 9000)))
    #expect(memory.find("b", projectID: "p") == nil)
    memory.keep("d", Self.kept("d"))
    #expect(memory.find("d", projectID: "p") != nil)
  }

  @Test func `a response is deleted by its project alone`() {
    let memory = ResponseMemory()
    memory.keep("a", Self.kept("a"))
    #expect(!memory.delete("a", projectID: "q"))
    #expect(memory.delete("a", projectID: "p"))
    #expect(!memory.delete("a", projectID: "p"))
  }
}
