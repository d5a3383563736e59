import Foundation
import Records
import Testing

@testable import Graders

/// A handler in Swift: what the function does with an event.
private struct ScriptedLambda: LocalLambda {
  let handle: @Sendable (JSONValue) throws(LambdaFailure) -> JSONValue
  func invoke(_ event: JSONValue) async throws(LambdaFailure) -> JSONValue { try handle(event) }
}

@Suite(.serialized) struct LambdaGraderTests {
  static func grader(
    _ server: TestServer, _ fields: String = "", function: String = "grade", timeout: Double = 30
  )
    throws
    -> any Grader
  {
    try compiled(
      """
      {"type": "lambda", "lambda": {"function": "\(function)", "endpoint_url": "\(server.url)",
        "retries": 0, "timeout": \(timeout)\(fields)}}
      """)
  }

  /// The score is the length of the answer.
  static func scores(_ event: JSONValue) -> [JSONValue] {
    (event.array ?? []).map { element in
      let text = element["messages"]?.array?.last?["content"]?.string ?? ""
      return [
        "id": element["id"] ?? .null, "aggregate_reward_score": .integer(text.utf8.count),
        "metrics_list": [
          ["name": "accuracy", "value": 1.0, "type": "Reward"],
          ["name": "chars", "value": "3", "type": "Metric"],
          ["name": "odd", "value": [], "type": "Metric"],
        ],
      ]
    }
  }

  static func answer(_ request: TestServer.Request) -> TestServer.Behaviour {
    .json(.array(scores((try? request.json) ?? .null)))
  }

  static func sample(_ text: String, _ id: String = "r", item: String = "{}") throws -> GradingSample {
    GradingSample(
      outputText: text, item: try JSONValue(parsing: item).object ?? JSONObject(), exampleID: id,
      messages: [Message(.user, "?")])
  }

  @Test func `an event has the conversation, and the row in both places`() async throws {
    try await withServer(Self.answer) { server in
      let arn = "arn:aws:lambda:us-west-2:111122223333:function:grade:$LATEST"
      let grader = try Self.grader(server, function: arn)
      let item = #"{"reference_answer": "42", "level": 2, "id": "mine", "metadata": {"key": "k"}}"#
      let grade = await grader.grade([try Self.sample("four", "rec-1", item: item)])[0]
      #expect(grade.reward == 4)
      #expect(grade.subRewards == [Grade.SubReward("accuracy", 1)])
      #expect(grade.metrics == ["chars": 3, "metrics_list_passed_over": 1, "batch_size": 1])
      let request = server.requests[0]
      #expect(
        request.path
          == "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-west-2%3A111122223333%3Afunction%3Agrade%3A%24LATEST/invocations"
      )
      #expect(request.headers["x-amz-invocation-type"] == "RequestResponse")
      #expect(
        try request.json == [
          [
            "id": "rec-1-0",
            "messages": [["role": "user", "content": "?"], ["role": "assistant", "content": "four"]],
            "reference_answer": "42", "level": 2,
            "metadata": ["reference_answer": "42", "level": 2, "id": "mine", "key": "k"],
          ]
        ])
    }
  }

  @Test func `a reference that is text can be wrapped, in both places`() async throws {
    try await withServer(Self.answer) { server in
      let grader = try Self.grader(server, #", "reference_form": "text_object""#)
      _ = await grader.grade([try Self.sample("x", item: #"{"reference_answer": "42"}"#)])
      _ = await grader.grade([try Self.sample("x", item: #"{"metadata": {"reference_answer": "42"}}"#)])
      _ = await grader.grade([try Self.sample("x", item: #"{"reference_answer": {"n": 1}}"#)])
      let sent = try server.requests.map { try $0.json.array?.first }
      for index in 0..<2 {
        #expect(sent[index]?["reference_answer"] == ["text": "42"])
        #expect(sent[index]?["metadata"]?["reference_answer"] == ["text": "42"])
      }
      #expect(sent[2]?["reference_answer"] == ["n": 1])
    }
  }

  @Test func `groups that are graded together share batches`() async throws {
    try await withServer(Self.answer) { server in
      let grader = try Self.grader(server, #", "batch_size": 16, "batch_wait": 0.2"#)
      let groups = try (1...6).map { group in
        try (0..<5).map { _ in try Self.sample(String(repeating: "x", count: group), "same") }
      }
      await withTaskGroup(of: (Int, [Double?]).self) { tasks in
        for (index, group) in groups.enumerated() {
          tasks.addTask { (index, await grader.grade(group).map(\.reward)) }
        }
        for await (index, rewards) in tasks {
          #expect(rewards == [Double?](repeating: Double(index + 1), count: 5))
        }
      }
      // 30 samples: one full batch, and what is left after the wait.
      let sizes = try server.requests.map { try $0.json.array?.count ?? 0 }
      #expect(sizes.reduce(0, +) == 30 && sizes.max() == 16 && sizes.count <= 3, "\(sizes)")
      for request in server.requests {
        let ids = try request.json.array?.compactMap { $0["id"]?.string } ?? []
        #expect(Set(ids).count == ids.count)
      }
    }
  }

  @Test(arguments: [false, true])
  func `an HTTP envelope is opened, its body a list or the text of one`(isText: Bool) async throws {
    try await withServer { request in
      let list = JSONValue.array(Self.scores((try? request.json) ?? .null))
      return .json(["statusCode": 200, "headers": [:], "body": isText ? .string(list.serialised()) : list])
    } _: { server in
      let grades = try await Self.grader(server).grade(try samples("abc", "a"))
      #expect(grades.map(\.reward) == [3, 1])
    }
  }

  @Test func `answers are matched by id, not by place`() async throws {
    try await withServer { request in
      .json(
        .array(
          Self.scores((try? request.json) ?? .null).reversed() + [
            ["id": "stranger", "aggregate_reward_score": 9]
          ]))
    } _: { server in
      let grades = try await Self.grader(server).grade(try samples("a", "bb", "ccc"))
      #expect(grades.map(\.reward) == [1, 2, 3])
    }
  }

  @Test(arguments: [
    (TestServer.Behaviour.hangUp, GradeFailure.Cause.unreachable),
    (.silence, .timeOut), (.answer(status: 500, "down"), .httpStatus), (.answer("[{"), .malformed),
    (.answer("{}"), .malformed), (.answer("[]"), .malformed), (.answer("3"), .malformed),
    (.answer(#"[{"aggregate_reward_score": 1}]"#), .malformed),
    (.answer(#"[{"id": "other-0", "aggregate_reward_score": 1}]"#), .malformed),
    (
      .answer(
        #"[{"id": "sample-0", "aggregate_reward_score": 1}, {"id": "sample-0", "aggregate_reward_score": 1}]"#
      ), .malformed
    ),
    (.answer(#"[{"id": "sample-0"}]"#), .wrongType),
    (.answer(#"[{"id": "sample-0", "aggregate_reward_score": "1"}]"#), .wrongType),
    (.answer(#"[{"id": "sample-0", "aggregate_reward_score": null}]"#), .wrongType),
    (.answer(#"{"statusCode": 500, "body": "boom"}"#), .httpStatus),
    (.answer(#"{"statusCode": 200, "body": "boom"}"#), .malformed),
    (
      .answer(
        headers: ["X-Amz-Function-Error": "Unhandled"], #"{"errorMessage": "boom", "errorType": "KeyError"}"#),
      .raised
    ),
    (.answer(#"{"errorMessage": "boom", "errorType": "KeyError"}"#), .raised),
  ])
  func `each way to fail has its name, and none is a zero`(
    behaviour: TestServer.Behaviour, cause: GradeFailure.Cause
  ) async throws {
    try await withServer { _ in
      behaviour
    } _: { server in
      let grade = try await Self.grader(server, timeout: cause == .timeOut ? 0.5 : 30).grade("x")
      #expect(grade.reward == nil)
      #expect(grade.failure?.cause == cause, "\(String(describing: grade.failure))")
      #expect(grade.failure?.grader == "lambda")
    }
  }

  @Test func `a sample that the function cannot bear does not take its batch with it`() async throws {
    try await withServer { request in
      request.body.contains("poison")
        ? .answer(
          headers: ["X-Amz-Function-Error": "Unhandled"],
          #"{"errorMessage": "poison", "errorType": "ValueError"}"#)
        : Self.answer(request)
    } _: { server in
      let texts = (0..<16).map { $0 == 5 ? "poison" : "ok" }
      let grades = try await Self.grader(server).grade(try texts.map { try Self.sample($0) })
      #expect(grades.map(\.reward) == texts.map { $0 == "ok" ? 2 : nil })
      #expect(grades[5].failure?.message == "the Lambda 'grade' failed with ValueError: poison")
    }
  }

  @Test func `whoever is cancelled does not wait for the batch`() async throws {
    try await withServer { _ in
      .silence
    } _: { server in
      let grader = try Self.grader(server, #", "batch_wait": 30"#)
      let samples = try samples("a", "b")
      let call = Task { await grader.grade(samples) }
      try await Task.sleep(for: .milliseconds(100))
      call.cancel()
      #expect(await call.value.map(\.reward) == [nil, nil])
    }
  }

  @Test func `a handler on this machine is a transport like the endpoint`() async throws {
    let handler = ScriptedLambda { event throws(LambdaFailure) in .array(Self.scores(event)) }
    let grader = LambdaGrader(
      .file(handler), identity: GraderIdentity(name: "l", type: "lambda", version: "1"), batchSize: 2,
      wait: .milliseconds(5), wrapsText: false)
    #expect(try await grader.grade(samples("a", "bb", "ccc")).map(\.reward) == [1, 2, 3])
  }

  @Test func `mistakes are found at their place, and a missing address is said when it is needed`()
    async throws
  {
    #expect(
      try problems(#"{"type": "lambda"}"#) == [
        "grader.lambda: expected an object with 'function' or 'file'; found nothing"
      ])
    let found = try problems(
      """
      {"type": "lambda", "lambda": {"function": "a b", "endpoint_url": "host:90", "batch_size": 0,
       "reference_form": "text", "endpoint": "x"}}
      """)
    #expect(found.count == 5, "\(found)")
    let unset = try await compiled(#"{"type": "lambda", "lambda": {"function": "grade"}}"#).grade("x").failure
    #expect(unset?.cause == .couldNotStart && unset?.message.contains("AWS_ENDPOINT_URL_LAMBDA") == true)
  }
}
