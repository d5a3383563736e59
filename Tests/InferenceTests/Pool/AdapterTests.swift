import Cluster
import Foundation
import Records
import Testing

@testable import Inference

struct AdapterTests {
  private static func read(_ pool: InferencePool, _ policy: PolicyReference) async throws {
    for try await _ in try await pool.answer(.chat("Hi"), policy) {}
  }

  private static func policy(_ run: String, _ step: Int? = 1) -> PolicyReference {
    PolicyReference(base: "tiny", adapter: .init(runFolder: run, step: step))
  }

  @Test func `an adapter is loaded once, and the least used makes room`() async throws {
    let workers = ScriptedWorkers(ScriptedWorkers.answering("x"))
    let pool = try TestPool.make(workers) { $0.mostAdapters = 2 }
    for run in ["/a", "/b", "/a", "/c", "/b"] { try await Self.read(pool, Self.policy(run)) }
    let told = workers.launched[0].commands.compactMap { command -> String? in
      switch command {
      case .load(let name, .run(let folder, let step)):
        "load \(name.rawValue) \(folder) \(step.map(String.init) ?? "newest")"
      case .unload(let name): "unload \(name.rawValue)"
      case .complete(let command): "ask \(command.policy.rawValue)"
      case .cancel: nil
      }
    }
    #expect(
      told == [
        "load /a#1 /a 1", "ask /a#1", "load /b#1 /b 1", "ask /b#1", "ask /a#1", "unload /b#1",
        "load /c#1 /c 1",
        "ask /c#1", "unload /a#1", "load /b#1 /b 1", "ask /b#1",
      ])
  }

  @Test func `a run's newest checkpoint is named by its step`() async throws {
    let run = FileManager.default.temporaryDirectory.appending(path: "run-\(UUID().uuidString)").path
    func checkpoint(_ name: String) throws {
      try FileManager.default.createDirectory(
        atPath: "\(run)/checkpoints/\(name)", withIntermediateDirectories: true)
    }
    let workers = ScriptedWorkers(ScriptedWorkers.answering("x"))
    let pool = try TestPool.make(workers)
    let error = await #expect(throws: InferenceError.self) {
      try await Self.read(pool, Self.policy(run, nil))
    }
    #expect(error?.kind == .unknownModel)
    try checkpoint("step-000002")
    try await Self.read(pool, Self.policy(run, nil))
    try checkpoint("step-000010")
    try await Self.read(pool, Self.policy(run, nil))
    let asked = workers.launched[0].commands.compactMap { command -> String? in
      if case .complete(let command) = command { command.policy.rawValue } else { nil }
    }
    #expect(asked == ["\(run)#2", "\(run)#10"])
  }

  @Test func `an adapter that cannot be loaded fails its request alone`() async throws {
    let workers = ScriptedWorkers { worker, command in
      guard case .load(let name, _) = command else {
        return ScriptedWorkers.answering("x")(worker, command)
      }
      worker.say(.refused(subject: name.rawValue, WorkerFailure(.model, "the adapter is of another model")))
    }
    let pool = try TestPool.make(workers)
    let error = await #expect(throws: InferenceError.self) { try await Self.read(pool, Self.policy("/a")) }
    #expect(error?.message == "the adapter is of another model")
    try await Self.read(pool, PolicyReference(base: "tiny"))
    #expect(workers.launched.count == 1)
  }

  @Test func `an adapter that takes longer than a request waits is there for the next one`() async throws {
    let workers = ScriptedWorkers { worker, command in
      if case .load = command { return }
      ScriptedWorkers.answering("x")(worker, command)
    }
    let pool = try TestPool.make(workers) { $0.adapterLimit = .milliseconds(1) }
    // The second one asks for it again, as the worker answers for what it is loading.
    for _ in 0..<2 {
      let error = await #expect(throws: InferenceError.self) { try await Self.read(pool, Self.policy("/a")) }
      #expect(error?.message.contains("was not loaded within") == true)
      #expect(error?.retryAfter != nil)
    }
    let loads: [ServeCommand] = Array(
      repeating: .load(PolicyName("/a#1"), .run(folder: "/a", step: 1)), count: 2)
    let worker = workers.launched[0]
    #expect(worker.commands == loads)
    worker.say(.loaded(PolicyName("/a#1"), updates: 1, bytes: 1, seconds: 70))
    // Lines are read in order, so that a request which has been answered shows that it was taken note of.
    try await Self.read(pool, PolicyReference(base: "tiny"))
    try await Self.read(pool, Self.policy("/a"))
    #expect(worker.commands.count == 4)
    #expect(!worker.commands.contains { if case .unload = $0 { true } else { false } })
  }

  @Test func `where all adapters are in use, another has to wait`() async throws {
    let workers = ScriptedWorkers { worker, command in
      if case .load(let name, _) = command { worker.say(.loaded(name, updates: 1, bytes: 1, seconds: 0)) }
    }
    let pool = try TestPool.make(workers) { $0.mostAdapters = 1 }
    let stream = try await pool.answer(.chat("Hi"), Self.policy("/a"))
    let error = await #expect(throws: InferenceError.self) {
      try await pool.answer(.chat("Hi"), Self.policy("/b"))
    }
    guard case .overloaded = error?.kind else {
      Issue.record("expected .overloaded, got \(String(describing: error))")
      return
    }
    _ = stream
  }
}
