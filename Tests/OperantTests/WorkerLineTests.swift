import Records
import Testing

@testable import operant

@Suite struct `Worker lines` {
  static let events: [WorkerEvent] = [
    .phase(.loading, detail: "a \"model\"\n"), .modelLoaded(Samples.model), .runStarted(Samples.run),
    .progress(.grading, done: 1, of: 2),
    .step(Samples.step(1), Samples.timing(1), tokensPerSecond: .infinity, sample: Samples.sample),
    .step(Samples.step(2, update: false), Samples.timing(2), tokensPerSecond: 1, sample: nil),
    .evaluation(step: 3, Samples.summary(0.5)), .checkpoint(step: 4, path: "/c"), .warning("w"),
    .runEnded(
      RunEnd(reason: .allSteps, step: 5, folder: "/f", exports: ["peft": "p"], seconds: 1, peakMemoryBytes: 2)
    ),
    .comparison(Samples.comparison), .evaluated(Samples.summary(0.1)), .text(index: 1, "é"),
    .generated(
      GeneratedText(
        index: 0, prompt: 0, text: "t", tokens: [1], logProbabilities: [-.infinity], stopReason: .truncated)),
    .scored(ScoredText(ids: [1, 2], logProbabilities: [nil, -0.5])), .exported(path: "/x", format: .peft),
    .failed(WorkerFailure(.memory, "too little")),
  ]

  @Test(arguments: events)
  func `carry every event there and back on one line`(event: WorkerEvent) throws {
    let line = try WorkerLine.encode(event)
    #expect(!line.contains("\n"))
    #expect(line.contains("\"event\":\""))
    #expect(!line.contains("\"_0\""))
    #expect(try WorkerLine.decode(WorkerEvent.self, from: line.utf8) == event)
  }

  @Test func `keep the order of a grader's keys in a request`() throws {
    let plan = Plan(
      name: "n", data: DataPlan(train: .file("/x")), grader: ["z": 1.0, "a": ["y": 1, "b": nil]])
    let request = WorkerRequest.evaluate(
      EvaluationRequest(
        policy: PolicySource(modelPath: "/m", dtype: .float32), plan: plan, compareWithBase: true))
    let back = try WorkerLine.decode(WorkerRequest.self, from: try WorkerLine.encode(request).utf8)
    guard case .evaluate(let evaluation) = back else {
      Issue.record("another request came back")
      return
    }
    #expect(evaluation.plan == plan)
    #expect(evaluation.plan.grader.serialised() == #"{"z":1.0,"a":{"y":1,"b":null}}"#)
  }

  @Test func `are cut from a stream wherever its pieces end`() {
    var splitter = LineSplitter()
    #expect(splitter.take(Array("ab".utf8)) == [])
    #expect(splitter.take(Array("c\n\nd".utf8)) == [Array("abc".utf8), []])
    #expect(splitter.finish() == Array("d".utf8))
    #expect(splitter.finish() == nil)
  }
}
