import Checkpoints
import Foundation
import Graders
import Records
import Testing

/// Graders that misbehave in a real run: it goes on or ends with the cause, by its deadlines, and no failure becomes a zero.
@Suite(.enabled(if: Project.missing == nil, "\(Project.missing ?? "")"), .timeLimit(.minutes(30)))
struct ChaosRunTests {
  /// What the grader does to a row, by its number; the others get 0.5 and some for their vowels.
  private static let source = """
    import os, time
    def grade(sample, item):
        row = item['number'] % 12
        if row == 1: time.sleep(600)
        if row == 2: raise ValueError('no')
        if row == 3:
            while True: os.fork()
        if row == 4:
            held = []
            while True: held.append('x' * 1000000)
        if row == 5:
            while True: print('x' * 1000)
        if row == 6: return float('nan')
        if row == 7: return None
        if row == 8: os._exit(0)
        if row == 9: os.abort()
        return 0.5 + 0.1 * sum(sample['output_text'].count(vowel) for vowel in 'aeiou')
    """

  private static func project(limit: Double) throws -> Project {
    let project = try Project()
    let rows = (0..<12).map {
      #"{"id": "\#($0)", "messages": [{"role": "user", "content": "Say \#($0) things about the sea."}], "number": \#($0)}"#
    }
    try project.write(rows.joined(separator: "\n"), to: "train.jsonl")
    try project.write(
      """
      name: chaos
      seed: 3
      model: {source: model}
      data: {train: train.jsonl, held_out_share: 0}
      sampling: {prompts_per_step: 12, episodes_per_prompt: 2, max_tokens: 8}
      grader: {type: python, timeout: 2, memory_mb: 256, source: \(JSONValue.string(source).serialised())}
      training: {steps: 2, learning_rate: 0.01}
      evaluation: {every: 0}
      limits: {grader_errors: \(limit)}
      """, to: "plan.yaml")
    return project
  }

  /// Whether sandboxes run here; prints why not.
  private static func isPossible() async -> Bool {
    guard let reason = await SandboxPool.shared(.sandboxed).unavailability() else { return true }
    print("skipped: chaos in a run: \(reason)")
    return false
  }

  @Test func `a run goes on without the answers that were not graded, and counts why`() async throws {
    guard await Self.isPossible() else { return }
    let project = try Self.project(limit: 1)
    let result = try await project.operant.run("train", "plan.yaml", "--json")
    #expect(result.code == 0, "\(result.error)")
    let run = try project.run()
    let records = try run.journal().records
    #expect(records.count == 2)
    for record in records {
      #expect(record.failedGrades == 18, "nine rows of twelve, two answers each")
      #expect(record.signals.failures.reduce(0) { $0 + $1.count } == 18)
      let causes = Set(record.signals.failures.compactMap(\.cause))
      #expect(
        causes == [.timeOut, .raised, .memory, .outputLimit, .notFinite, .wrongType, .killed],
        "\(record.signals.failures)")
      #expect(record.reward >= 0.5, "no failure is a zero")
      let grades = try run.episodes(step: record.step).groups.flatMap(\.episodes).map(\.grade)
      #expect(grades.compactMap(\.reward).allSatisfy { $0 >= 0.5 })
      #expect(grades.count { $0.reward == nil } == 18)
    }
  }

  @Test func `beyond the limit it ends with the cause, the sample and the command that repeats it`()
    async throws
  {
    guard await Self.isPossible() else { return }
    let project = try Self.project(limit: 0.05)
    let result = try await project.operant.run("train", "plan.yaml", "--json")
    #expect(result.code == 1)
    #expect(result.error.contains("grading failed for 18 of 24 answers (75%); the plan allows 5%"))
    #expect(result.error.contains("operant grade run --grader"))
    let run = try project.run()
    #expect(try run.failure()?.kind == .limit)
    #expect(try run.journal().records.isEmpty)
  }
}
