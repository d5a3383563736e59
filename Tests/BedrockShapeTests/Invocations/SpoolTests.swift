import Foundation
import Inference
import Logging
import OperantTesting
import Records
import Store
import Testing

@testable import BedrockShape

struct SpoolTests {
  @Test func `a store that does not answer does not keep invocations from being written down here`()
    async throws
  {
    let silent = try SilentServer()
    let service = try await TestService { _, _ throws(InferenceError) in
      ScriptedAnswering.stream([])
    } settings: {
      $0.objects = .endpoint(
        S3Endpoint(url: "http://127.0.0.1:\(silent.port)", accessKeyID: "k", secretAccessKey: "s"))
    }
    try await service.store.setInvocationLogging(
      ["s3Config": ["bucketName": "logs", "keyPrefix": ""]], projectID: service.mine.projectID)
    func record(_ name: String, _ text: String) async {
      await service.bedrock.invocations.record(
        InvocationRecord(
          projectID: service.mine.projectID, requestID: name, operation: .converse, modelID: "m",
          region: "us-east-1", keyID: nil, input: ["text": .string(text)], inputTokens: 1, output: [:],
          outputTokens: 1))
    }
    func places() throws -> [String] {
      let all = service.folder + "/made/invocations"
      return try FileManager.default.subpathsOfDirectory(atPath: all).map { "\(all)/\($0)" }
    }
    func until(_ condition: () throws -> Bool) async throws {
      for _ in 0..<6000 {
        if (try? condition()) == true { return }
        try await Task.sleep(for: .milliseconds(100))
      }
      Issue.record("ten minutes were not enough")
    }
    let running = Task {
      await service.bedrock.run(
        every: .milliseconds(20), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }
    // Large enough to be sent off at once, where it hangs.
    await record("large", String(repeating: "x", count: InvocationLog.bytes))
    try await until { try places().contains { $0.hasSuffix(".gz") } }
    await record("later", "y")
    try await until {
      try places().contains {
        try $0.hasSuffix("open.jsonl") && String(contentsOfFile: $0, encoding: .utf8).contains("later")
      }
    }
    silent.hangUp()
    running.cancel()
    await running.value
  }
}
