import Foundation
import Gateway
import Inference
import Records
import Store
import Testing

@testable import BedrockShape

struct InvocationLogReaderTests {
  private func service() async throws -> TestService {
    try await TestService { _, _ throws(InferenceError) in ScriptedAnswering.stream([]) }
  }

  private static func record(_ number: Int, more: String = "") -> String {
    #"{"schemaType":"ModelInvocationLog","requestId":"r\#(number)","#
      + #""input":{"inputBodyJson":{"messages":[{"role":"user","content":"\#(number)"}]}}\#(more)}"#
  }

  private func read(_ service: TestService, limit: Int, budget: Int, usesResponse: Bool = false) async throws
    -> (InvocationLogReader.Outcome, [JSONValue])
  {
    let text = #"{"usePromptResponse":\#(usesResponse),"invocationLogSource":{"s3Uri":"s3://bucket/logs"}}"#
    let object = try #require(try JSONValue(parsing: text).object)
    let source = try #require(InvocationSource(WireReader(object)))
    var reader = InvocationLogReader(source: source, limit: limit)
    reader.budget = budget
    let project = try #require(try await service.store.project(service.mine.projectID))
    let path = service.folder + "/rows.jsonl"
    let outcome = try await reader.write(path, service.bedrock.objects, project, service.folder + "/copies")
    return (outcome, try LogFile.records(path))
  }

  @Test func `reading ends with the row that is one too many`() async throws {
    let service = try await service()
    let rest = String(repeating: String(repeating: " ", count: 999) + "\n", count: 3000)
    try service.put((1...9).map { Self.record($0) + "\n" }.joined() + rest, "bucket/logs/a.json")
    try service.put(Self.record(10), "bucket/logs/b.json")
    // All of it would be more than the budget.
    let (outcome, rows) = try await read(service, limit: 3, budget: 1 << 20)
    #expect(outcome.rows == 4)
    #expect(rows.compactMap { $0["id"]?.string } == ["r1", "r2", "r3", "r4"])
    await #expect(throws: APIFailure.self) { try await read(service, limit: 100, budget: 1 << 20) }
  }

  @Test func `a file goes on after rows whose bodies lie apart, with those that are missing told of`()
    async throws
  {
    let service = try await service()
    func apart(_ number: Int) -> String {
      #"{"schemaType":"ModelInvocationLog","requestId":"r\#(number)","#
        + #""input":{"inputBodyS3Path":"s3://bucket/bodies/\#(number).json"}}"#
    }
    try service.put(
      [apart(1), Self.record(2), apart(3), Self.record(4, more: #","errorCode":"X""#), Self.record(5)]
        .joined(separator: "\n"), "bucket/logs/a.json")
    try service.put(#"{"messages":[{"role":"user","content":"3"}]}"#, "bucket/bodies/3.json")
    let (outcome, rows) = try await read(service, limit: 2, budget: 1 << 20)
    #expect(rows.compactMap { $0["id"]?.string } == ["r2", "r3", "r5"])
    #expect(
      outcome.passedOver.sentence
        == "2 logged records were passed over: 1 because the request had failed; "
        + "1 because the body's own object is missing")
  }

  @Test func `a file that is taken in many goes is charged once`() async throws {
    let service = try await service()
    let missing = (1...60).map {
      #"{"schemaType":"ModelInvocationLog","requestId":"r\#($0)","#
        + #""input":{"inputBodyS3Path":"s3://bucket/bodies/\#($0).json"}}"#
    }
    let text = missing.joined(separator: "\n")
    try service.put(text, "bucket/logs/a.json")
    let (outcome, rows) = try await read(service, limit: 1, budget: text.utf8.count * 2)
    #expect(rows.isEmpty)
    #expect(outcome.passedOver.sentence?.hasPrefix("60 logged records were passed over") == true)
  }

  @Test func `an answer without a text is no reference`() async throws {
    let service = try await service()
    let answer = #","output":{"outputBodyJson":{"choices":[{"message":{"content":"a"}}]}}"#
    try service.put(
      Self.record(1) + "\n" + Self.record(2, more: answer), "bucket/logs/a.json")
    let (outcome, rows) = try await read(service, limit: 9, budget: 1 << 20, usesResponse: true)
    #expect(rows.map { $0["reference_answer"] } == ["a"])
    #expect(
      outcome.passedOver.sentence
        == "1 logged record was passed over: 1 because the answer has no text")
  }
}
