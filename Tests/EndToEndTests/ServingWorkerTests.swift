import Checkpoints
import Foundation
import Records
import Testing

/// A serving worker in a process of its own.
@Suite(
  .enabled(if: Project.missing == nil, "\(Project.missing ?? "")"), .serialized, .timeLimit(.minutes(30)))
struct ServingWorkerTests {
  static func request(_ folder: String) -> ServeRequest {
    ServeRequest(
      modelPath: folder + "/model", dtype: .bfloat16, device: .cpu, positions: 4096, maxRows: 8,
      cacheBytes: 1 << 24)
  }

  @Test func `answers stream, mistakes are told, and the end of the input ends it at once`() async throws {
    let project = try Project()
    let worker = try ServingProcess(Self.request(project.folder))
    try await worker.wait("not ready") { !worker.events.isEmpty }
    guard case .ready(let figures) = worker.events[0] else {
      Issue.record("expected ready, found \(worker.events[0])")
      return
    }
    // The model was made for no more.
    #expect(figures.positions == 256 && figures.vocabulary == 320)
    try worker.write("{")
    try worker.send(
      .complete(
        CompletionCommand(id: 1, prompt: [5, 6, 7], seeds: [1, 2], maxTokens: 20, stopIDs: [])))
    try await worker.wait("no end") { worker.hasEnded(1) && worker.tokens(1, 1).count == 20 }
    #expect(worker.tokens(1).count == 20)
    #expect(
      worker.events.contains { event in
        if case .refused("", _) = event { true } else { false }
      })
    // Work for a long time, of which the first tokens are seen.
    for id in UInt64(2)..<200 {
      try worker.send(
        .complete(
          CompletionCommand(
            id: id, prompt: [5, 6, 7], seeds: (0..<64).map { $0 }, maxTokens: 250, stopIDs: [])))
    }
    try await worker.wait("no token") { worker.tokens(2).count > 3 }
    try worker.closeInput()
    #expect(try await worker.exitCode() == 0)
    #expect(!worker.hasEnded(199))
  }

  @Test func `a model that is not there is its last word`() async throws {
    let project = try Project()
    let worker = try ServingProcess(Self.request(project.folder + "/nowhere"))
    #expect(try await worker.exitCode() == 1)
    let events = worker.events
    guard events.count == 1, case .failed(let failure) = events[0] else {
      Issue.record("expected one failure, found \(events)")
      return
    }
    #expect(failure.kind == .model && failure.message.contains("nowhere"))
  }

  @Test func `a run's adapter answers as generate does`() async throws {
    let project = try await FinishedRunTests.project()
    let output = try await FinishedRunTests.operant(
      "generate", "--raw", "Say something", "--run", "latest", "--temperature", "1", "--max-tokens", "30",
      "--seed", "7", "--json")
    let answer = try JSONValue(parsing: output)
    let expected = try #require(answer["ids"]?.array).compactMap(\.integer)
    let sampled = try #require(answer["logprobs"]?.array).compactMap(\.double)
    let score = try JSONValue(
      parsing: try await FinishedRunTests.operant("score", "--json", "Say something", "--run", "latest"))
    let prompt = try #require(score["ids"]?.array).compactMap(\.integer).map { Int32($0) }

    let worker = try ServingProcess(Self.request(project.folder))
    let name = PolicyName("latest")
    try worker.send(.load(name, .run(folder: try project.run().path, step: nil)))
    let stream = RandomStream(run: 7, step: 0, exampleID: "", index: 0)
    try worker.send(
      .complete(
        CompletionCommand(
          id: 1, policy: name, prompt: prompt, seeds: [stream.seed], maxTokens: 30, stopIDs: [0, 2])))
    try await worker.wait("no end") { worker.hasEnded(1) }
    let found = worker.tokens(1)
    #expect(found.map { Int($0.token) } == expected)
    #expect(found.map(\.logProbability) == sampled.map { Float($0) })
    try worker.closeInput()
    #expect(try await worker.exitCode() == 0)
  }
}
