import Foundation
import Gateway
import Inference
import Logging
import OperantTesting
import Records
import Store
import Synchronization
import Testing

@testable import BedrockShape

/// Clients that go away: the work ends, and what it has taken is counted and logged as what it is.
struct VanishingClientTests {
  /// How often the work behind an answer was called off, and begun.
  private final class Tally: Sendable {
    let ended = Atomic(0)
    let begun = Atomic(0)
  }

  /// A service whose models go on for ever, and whose first project logs what it asks.
  private func service(_ tally: Tally) async throws -> TestService {
    let service = try await TestService { _, _ throws(InferenceError) in
      AsyncThrowingStream { continuation in
        let work = Task {
          continuation.yield(.prompt(PromptReport(tokens: [1, 2], cached: 0)))
          while !Task.isCancelled {
            continuation.yield(
              .text(choice: 0, "more ", tokens: [AnswerToken(id: 1, bytes: [32], logProbability: nil)]))
            tally.begun.add(1, ordering: .relaxed)
            try? await Task.sleep(for: .milliseconds(20))
          }
        }
        continuation.onTermination = { _ in
          work.cancel()
          tally.ended.add(1, ordering: .relaxed)
        }
      }
    }
    try await service.store.setInvocationLogging(
      ["s3Config": ["bucketName": "logs", "keyPrefix": ""]], projectID: service.mine.projectID)
    return service
  }

  /// Waits for what is sure to come.
  private func until(_ condition: () async throws -> Bool) async throws {
    for _ in 0..<6000 {
      if try await condition() { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    Issue.record("ten minutes were not enough")
  }

  /// What was drawn until then is counted all the same, and logged as broken off: no row of a job.
  private func check(_ service: TestService, _ tally: Tally) async throws {
    try await until { tally.ended.load(ordering: .relaxed) == 1 }
    try await until { try await service.usage().completion > 0 }
    await service.bedrock.drain(logger: Logger(label: "test"))
    let files = try FileManager.default.subpathsOfDirectory(atPath: service.folder + "/s3/logs")
      .filter { $0.hasSuffix(".gz") }
    var records: [JSONValue] = []
    for file in files {
      records += try LogFile.records("\(service.folder)/s3/logs/\(file)")
    }
    #expect(records.count == 1)
    let record = try #require(records.first)
    #expect(record["errorCode"] == "ClientDisconnectedException")
    #expect(record["output"]?["outputBodyJson"]?["stopReason"] == nil)
    #expect(record["output"]?["outputTokenCount"]?.integer ?? 0 > 0)
  }

  @Test(.enabled(if: BotoScript.missing == nil, "\(BotoScript.missing ?? "")"))
  func `the work behind a stream ends when its client is gone`() async throws {
    let tally = Tally()
    let service = try await service(tally)
    try await service.serve { port in
      #expect(try await BotoScript.run("vanish.py", service.arguments(port)) == 3)
      try await check(service, tally)
    }
  }

  @Test func `an answer that nobody waits for any more is counted`() async throws {
    let tally = Tally()
    let service = try await service(tally)
    try await service.serve { port in
      let body = #"{"messages":[{"role":"user","content":[{"text":"go on for ever"}]}]}"#
      let signer = RequestSigner(
        accessKeyID: service.mine.accessKeyID, secret: service.secrets.secret(of: service.mine.accessKeyID),
        region: "us-east-1", service: "bedrock")
      let host = SignableRequest.Field("host", "127.0.0.1:\(port)")
      let request = SignableRequest(method: "POST", target: "/model/operant.tiny/converse", fields: [host])
      let fields = signer.fields(for: request, payload: Digest.hex(Digest.sha256(Array(body.utf8))))
      let head = ([host] + fields).map { "\($0.name): \($0.value)\r\n" }.joined()
      let connection = try HalfRequest(port: port)
      connection.send(
        "POST \(request.path) HTTP/1.1\r\n\(head)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
      try await until { tally.begun.load(ordering: .relaxed) > 0 }
      connection.hangUp()
      try await check(service, tally)
    }
  }
}
