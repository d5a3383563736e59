import Foundation
import Inference
import Logging
import Records
import Store
import Testing

@testable import BedrockShape

/// Where a job's figures go, and what is left on this machine.
struct JobOutputsTests {
  /// A storage that takes nothing.
  private struct Closed: ObjectStorage {
    func file(_ address: S3Address, copyInto folder: String) async throws(ObjectFailure) -> String? { nil }
    func put(_ path: String, at address: S3Address) async throws(ObjectFailure) {
      throw ObjectFailure("closed")
    }
    func objects(below address: S3Address) async throws(ObjectFailure) -> [S3Address] { [] }
  }

  private let folder = FileManager.default.temporaryDirectory.appending(path: "out-\(UUID().uuidString)").path
  private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  /// Jobs in these states, each with copies of its rows.
  private func outputs(_ states: [Job.Status]) async throws -> JobOutputs {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let store = try Store(path: folder + "/store.sqlite")
    let project = Project(name: "p")
    try await store.insert(project)
    let outputs = JobOutputs(store: store, storage: Closed(), folder: folder)
    for (index, status) in states.enumerated() {
      let model = CustomModel(
        id: "m\(index)", projectID: project.id, arn: "a\(index)", name: "n\(index)", jobID: "j\(index)",
        jobARN: "ja\(index)", baseModelARN: "b", foundationModelARN: "f")
      _ = try await store.reserve(model, token: nil)
      var job = Job(
        id: model.jobID, projectID: project.id, shape: .bedrock, name: model.id,
        request: JSONColumn(["outputDataConfig": ["s3Uri": "s3://bucket/out"]]), model: "m",
        trainingFile: nil,
        seed: 1)
      job.status = status
      try await store.insert(job)
      try FileManager.default.createDirectory(
        atPath: outputs.data(of: model.id), withIntermediateDirectories: true)
    }
    return outputs
  }

  private func data() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder + "/data").sorted()
  }

  @Test func `an address that takes nothing is tried less and less often, and for a week`() async throws {
    let outputs = try await outputs([.succeeded])
    let store = outputs.store
    func due(_ moment: UnixTime) async throws -> Int {
      try await store.jobsWithoutOutputs(limit: 9, attempts: JobOutputs.attempts, at: moment).count
    }
    await outputs.deliver(logger: logger)
    // Nobody reads the rows of a job that has ended.
    #expect(try data() == [])
    let now = UnixTime.now
    #expect(try await due(now - 100) == 0)
    #expect(try await due(now + 100) == 1)
    for attempt in 1..<JobOutputs.attempts {
      #expect(try await due(.max) == 1)
      try await store.noteOutputsFailed(of: "m0", next: now + JobOutputs.wait(after: attempt))
    }
    #expect(try await due(.max) == 0)
    let waits = (0..<JobOutputs.attempts).map(JobOutputs.wait)
    #expect(waits.prefix(3) == [2, 4, 8])
    #expect(waits.last == 3600)
    #expect((7 * 86_400...8 * 86_400).contains(waits.reduce(0, +)))
  }

  @Test func `copies of rows stay for jobs that go on, and for requests of now`() async throws {
    let outputs = try await outputs([.queued, .running, .failed])
    try FileManager.default.createDirectory(
      atPath: folder + "/data/nobodys", withIntermediateDirectories: true)
    await outputs.sweep(before: .now - 100, logger: logger)
    #expect(try data() == ["m0", "m1", "m2", "nobodys"])
    await outputs.sweep(before: .now + 100, logger: logger)
    #expect(try data() == ["m0", "m1"])
  }

  @Test func `copies of a repeated request lie with those of the first`() async throws {
    let outputs = try await outputs([.queued])
    let copies = outputs.data(of: "second")
    try FileManager.default.createDirectory(atPath: copies, withIntermediateDirectories: true)
    try "row".write(toFile: copies + "/a.jsonl", atomically: true, encoding: .utf8)
    let moved = try await outputs.move(
      TrainingData(training: copies + "/a.jsonl", validation: "/elsewhere/b.jsonl"), from: "second", to: "m0")
    #expect(moved.training.hasPrefix(outputs.data(of: "m0") + "/"))
    #expect(try String(contentsOfFile: moved.training, encoding: .utf8) == "row")
    #expect(moved.validation == "/elsewhere/b.jsonl")
    #expect(try data() == ["m0"])
  }
}
