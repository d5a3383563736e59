import Foundation
import Records
import Testing

@testable import Graders

/// Bedrock's `lambda` with a handler file in place of a function's name.
@Suite(.enabled(if: TestPools.isSandboxPossible, "sandboxes cannot run here"))
struct LambdaHandlerFileTests {
  /// A grader whose handler has `body`; samples come as `event`.
  private static func grader(_ body: String, fields: String = "") throws -> (any Grader, URL) {
    let folder = FileManager.default.temporaryDirectory.appending(path: "handler-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appending(path: "handler.py")
    try "import json\ndef lambda_handler(event, context):\n\(body)\n"
      .write(to: file, atomically: true, encoding: .utf8)
    return (try compiled(#"{"type": "lambda", "lambda": {"file": "\#(file.path)"\#(fields)}}"#), folder)
  }

  private static let score = """
        grades = []
        for sample in event:
          answer = sample['messages'][-1]['content']
          right = answer == sample['metadata']['reference_answer'] == sample['reference_answer']
          grades.append({'id': sample['id'], 'aggregate_reward_score': 1.0 if right else 0.25,
            'metrics_list': [{'name': 'exact', 'value': float(right), 'type': 'Reward'},
                             {'name': 'length', 'value': len(answer), 'type': 'Metric'}]})
    """

  @Test(arguments: [
    "    return grades", "    return {'statusCode': 200, 'body': json.dumps(grades)}",
  ]) func `a group is one event, and both forms of the answer are read`(ending: String) async throws {
    let (grader, folder) = try Self.grader(Self.score + "\n" + ending)
    defer { try? FileManager.default.removeItem(at: folder) }
    let item = #"{"reference_answer": "42"}"#
    let grades = await grader.grade([try sample("42", item: item), try sample("no", item: item)])
    #expect(grades.map(\.reward) == [1, 0.25])
    #expect(grades.map { $0.subRewards.map(\.value) } == [[1], [0]])
    #expect(grades.map { $0.metrics["length"] } == [2, 2])
  }

  @Test func `a sample that makes the handler raise is a failure, the others are graded`() async throws {
    let (grader, folder) = try Self.grader(
      "    if any(s['messages'][-1]['content'] == 'bad' for s in event): raise ValueError('no')\n"
        + "    return [{'id': s['id'], 'aggregate_reward_score': 0.5} for s in event]")
    defer { try? FileManager.default.removeItem(at: folder) }
    let grades = await grader.grade(try ["a", "bad", "b"].map { try sample($0) })
    #expect(grades.map(\.reward) == [0.5, nil, 0.5])
    #expect(grades[1].failure?.cause == .raised)
  }

  @Test func `a file without a handler is told before a run`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "handler-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "empty.py")
    try "x = 1\n".write(to: file, atomically: true, encoding: .utf8)
    let found = try problems(
      #"{"type": "lambda", "lambda": {"file": "\#(file.path)", "function": "f", "timeout": 1000}}"#)
    #expect(found.contains { $0.contains("given beside 'function'") })
    #expect(found.contains { $0.contains("expected at most 900") })
    let alone = try problems(#"{"type": "lambda", "lambda": {"file": "\#(file.path)"}}"#)
    #expect(alone.contains { $0.contains("lambda_handler") }, "\(alone)")
  }
}
