import Foundation
import Inference
import Jobs
import Records
import Store
import Testing

@testable import BedrockShape

/// Invocations become logs, and logs become rows.
struct InvocationTests {
  static let foreign = [
    #"{"schemaType":"ModelInvocationLog","schemaVersion":"1.0","requestId":"aws-1","operation":"Converse","#
      + #""modelId":"amazon.nova-2-lite-v1:0","input":{"inputContentType":"application/json","inputBodyJson":"#
      + #"{"messages":[{"role":"user","content":[{"text":"from AWS"}]}],"inferenceConfig":{"maxTokens":5}}},"#
      + #""output":{"outputBodyJson":{"output":{"message":{"role":"assistant","content":[{"text":"yes"}]}}}}}"#,
    #"{"schemaType":"ModelInvocationLog","schemaVersion":"1.0","requestId":"aws-2","operation":"InvokeModel","#
      + #""errorCode":"ThrottlingException","input":{"inputBodyJson":{"messages":[{"role":"user","content":"x"}]}}}"#,
    #"{"schemaType":"ModelInvocationLog","schemaVersion":"1.0","requestId":"aws-3","operation":"InvokeModel","#
      + #""input":{"inputBodyS3Path":"s3://bucket/aws/data/aws-3.json.gz"}}"#,
    #"{"schemaType":"ModelInvocationLog","schemaVersion":"1.0","requestId":"aws-4","operation":"InvokeModel","#
      + #""input":{"inputBodyJson":{"inputText":"an embedding"}}}"#,
    "not JSON",
  ]

  @Test(.enabled(if: BotoScript.missing == nil, "\(BotoScript.missing ?? "")"))
  func `what was asked is logged as Bedrock logs it, and jobs are trained on it`() async throws {
    let service = try await TestService { _, _ throws(InferenceError) in
      ScriptedAnswering.stream(ScriptedAnswering.events([.text(choice: 0, "the answer", tokens: [])]))
    }
    try service.put("", "bucket/aws/data/x")
    let packed = Gzip.packed(Array(Self.foreign.joined(separator: "\n").utf8))
    try Data(packed).write(to: URL(filePath: service.folder + "/s3/bucket/aws/log.json.gz"))
    let large = #"{"messages":[{"role":"user","content":"a large one"}]}"#
    try Data(Gzip.packed(Array(large.utf8))).write(
      to: URL(filePath: service.folder + "/s3/bucket/aws/data/aws-3.json.gz"))
    let out = try await service.serve { port in
      try await BotoScript.run("invocations.py", service.arguments(port))
    }
    #expect(out["early"]?["class"] == "ValidationException")
    #expect(out["early"]?["message"]?.string?.contains("it has 0 rows") == true)
    #expect(out["none"]?["class"] == "ValidationException")
    #expect(out["two"]?["message"]?.string?.contains("exactly 1 pair") == true)
    try records(service)
    func rows(_ name: String) throws -> [JSONValue] {
      let order = try #require(service.jobs.submitted.first { $0.name == name })
      return try String(contentsOfFile: order.trainingPath, encoding: .utf8).split(separator: "\n").map {
        try JSONValue(parsing: String($0))
      }
    }
    func asked(_ name: String) throws -> [String] {
      try rows(name).compactMap { $0["messages"]?.array?.last?["content"]?.string }
    }
    #expect(try asked("all") == ["one", "two", "three", "four", "five"])
    #expect(try rows("all")[0]["messages"]?.array?.first == ["role": "system", "content": "be brief"])
    #expect(try rows("all")[0]["request_metadata"] == ["env": "dev", "project": "triage"])
    #expect(
      try rows("all").allSatisfy { $0["reference_answer"] == nil && $0["id"]?.string?.isEmpty == false })
    #expect(try rows("answers").map { $0["reference_answer"] } == Array(repeating: "the answer", count: 5))
    #expect(try asked("equals") == ["one", "two"])
    #expect(try asked("notequals") == ["three", "four", "five"])
    #expect(try asked("and") == ["two"])
    #expect(try asked("or") == ["one"])
    #expect(try asked("aws") == ["from AWS", "a large one"])
    let job = try #require(service.jobs.submitted.first { $0.name == "aws" })
    let events = try await service.store.events(of: job.id, PageRequest(limit: 9)).items
    #expect(
      events.map(\.message) == [
        "2 logged records were passed over: 1 because the request had failed; 1 because the body is no conversation"
      ])
    #expect(events.first?.level == .warn)
  }

  private func records(_ service: TestService) throws {
    let start = service.folder + "/s3/logs/mine/AWSLogs/000000000000/BedrockModelInvocationLogs/us-east-1"
    let files = try FileManager.default.subpathsOfDirectory(atPath: start).filter { $0.hasSuffix(".gz") }
    let path = try #require(files.first)
    #expect(files.count == 1)
    #expect(
      path.wholeMatch(of: #/\d{4}/\d\d/\d\d/\d\d/\d{8}T\d{9}Z_[a-z0-9]{16}\.json\.gz/#) != nil, "\(path)")
    let records = try LogFile.records("\(start)/\(path)")
    #expect(
      records.compactMap { $0["operation"]?.string } == [
        "Converse", "ConverseStream", "InvokeModel", "InvokeModel", "InvokeModelWithResponseStream",
      ])
    let first = try #require(records.first)
    #expect(first["schemaType"] == "ModelInvocationLog")
    #expect(first["schemaVersion"] == "1.0")
    #expect(first["accountId"] == "000000000000")
    #expect(first["region"] == "us-east-1")
    #expect(first["modelId"] == "operant.tiny")
    #expect(first["input"]?["inputTokenCount"] == 7)
    #expect(first["output"]?["outputTokenCount"] == 5)
    #expect(first["input"]?["inputBodyJson"]?["system"] == [["text": "be brief"]])
    #expect(first["output"]?["outputBodyJson"]?["stopReason"] == "end_turn")
    #expect(first["requestMetadata"] == ["env": "dev", "project": "triage"])
    #expect(first["identity"]?["arn"]?.string == "arn:aws:iam::000000000000:user/\(service.mine.id)")
    #expect(first["timestamp"]?.string?.hasSuffix("Z") == true)
  }
}
