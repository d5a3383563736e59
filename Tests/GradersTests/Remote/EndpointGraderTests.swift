import Foundation
import Records
import Testing

@testable import Graders

@Suite(.serialized) struct EndpointGraderTests {
  static func grader(_ server: TestServer, _ fields: String = "", timeout: Double = 30) throws -> any Grader {
    try compiled(
      #"{"type": "endpoint", "url": "\#(server.url)/grade", "retries": 0, "timeout": \#(timeout)\#(fields)}"#)
  }

  @Test func `sample, item and trace are sent, and the score comes back`() async throws {
    try await withServer { _ in
      .answer(#"{"score": 3.5, "why": "x"}"#)
    } _: { server in
      let grader = try Self.grader(server, #", "headers": {"api-key": "abc"}, "pass_threshold": 4"#)
      let call = ToolCall(id: "c", name: "add", arguments: "{}")
      let samples = ["1", "1"].map {
        GradingSample(
          outputText: $0, item: JSONObject([("answer", 1)]), exampleID: "row-9", toolCalls: [call],
          messages: [Message(.user, "1?")])
      }
      let grades = await grader.grade(samples)
      #expect(grades.map(\.reward) == [3.5, 3.5])
      #expect(grades[0].metrics == ["passed": 0])
      let request = try #require(server.requests.first)
      #expect(request.path == "/grade" && request.headers["api-key"] == "abc")
      let body = try request.json
      #expect(body.object?.keys == ["sample", "item", "trace_id"])
      #expect(body["item"] == ["answer": 1, "messages": [["role": "user", "content": "1?"]]])
      #expect(body["sample"]?["output_text"] == "1" && body["sample"]?["output_json"] == 1)
      #expect(body["sample"]?["output_tools"]?.array?.count == 1)
      #expect(body["sample"]?["choices"]?.array?.first?["finish_reason"] == "tool_calls")
      let traces = try server.requests.map { try $0.json["trace_id"]?.string }
      #expect(Set(traces).count == 2)
      _ = await grader.grade(samples)
      #expect(Set(try server.requests.map { try $0.json["trace_id"]?.string }) == Set(traces))
    }
  }

  @Test(arguments: [
    (TestServer.Behaviour.hangUp, GradeFailure.Cause.unreachable),
    (.silence, .timeOut), (.drip, .timeOut), (.slowly(30, #"{"score": 1}"#), .timeOut),
    (.flood, .outputLimit),
    (.answer(status: 500, "down"), .httpStatus), (.answer(status: 429, ""), .httpStatus),
    (.cutOff(#"{"score": 0.5}"#, after: 9), .unreachable),
    (.answer(#"{"score": 0."#), .malformed), (.answer(#"{"score": NaN}"#), .malformed),
    (.answer("0.5"), .wrongType), (.answer("{}"), .wrongType), (.answer(#"{"score": null}"#), .wrongType),
    (.answer(#"{"score": "0.5"}"#), .wrongType), (.answer(#"{"score": true}"#), .wrongType),
  ])
  func `what is no score is a failure, in time, and never a zero`(
    behaviour: TestServer.Behaviour, cause: GradeFailure.Cause
  ) async throws {
    try await withServer { _ in
      behaviour
    } _: { server in
      let grade = try await Self.grader(server, timeout: cause == .timeOut ? 0.5 : 30).grade("x")
      #expect(grade.reward == nil)
      #expect(
        grade.failure?.kind == .other && grade.failure?.cause == cause, "\(String(describing: grade.failure))"
      )
    }
  }

  @Test func `three retries are the default`() async throws {
    try await withServer {
      $0.number < 3 ? .answer(status: 503, "") : .answer(#"{"score": 1}"#)
    } _: { server in
      let grader = try compiled(#"{"type": "endpoint", "url": "\#(server.url)"}"#)
      #expect(try await grader.reward("x") == 1)
      #expect(server.requests.count == 4)
    }
  }

  @Test func `a request above a megabyte is not sent`() async throws {
    try await withServer { _ in
      .answer(#"{"score": 1}"#)
    } _: { server in
      let grade = try await Self.grader(server).grade(String(repeating: "x", count: 1_000_001))
      #expect(grade.failure?.message.contains("at most 1000000") == true)
      #expect(server.requests.isEmpty)
    }
  }

  @Test func `one bad sample leaves the others alone`() async throws {
    try await withServer { request in
      request.body.contains("poison") ? .hangUp : .answer(#"{"score": 1}"#)
    } _: { server in
      let grades = try await Self.grader(server).grade(try samples("a", "poison", "b"))
      #expect(grades.map(\.reward) == [1, nil, 1])
    }
  }

  @Test func `mistakes are found at their place`() throws {
    #expect(
      try problems(#"{"type": "endpoint", "headers": {"x": 1}, "rate_limit": 0, "ulr": "x"}"#) == [
        "grader.ulr: an endpoint grader has no key 'ulr'; did you mean 'url'?",
        "grader.url: missing; expected the address of the grader",
        "grader.headers.x: expected text, found a number",
        "grader.rate_limit: is 0; expected a number above 0",
      ])
    #expect(
      try problems(#"{"type": "endpoint", "url": "https://me:secret@host/x"}"#) == [
        "grader.url: holds a user or password; name the environment variable of the key instead"
      ])
    #expect(
      try problems(#"{"type": "endpoint", "url": "https://h/", "timeout": 60, "deadline": 30}"#) == [
        "grader.deadline: is 30 s for all tries, below the timeout of one (60 s); raise it or lower 'timeout'"
      ])
  }
}
