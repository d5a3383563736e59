import Checkpoints
import Foundation
import LanguageModels
import Records
import Testing
import Tokenization
import Torch
import Training

@testable import Runs

/// The serving worker over a tiny model, through its lines.
@Suite(.timeLimit(.minutes(30)))
struct ServingWorkerTests {
  let folder: TemporaryExports
  let base: ExportedModel
  static let end: Int32 = 101

  init() throws {
    folder = try TemporaryExports()
    base = try ExportedModel.random(.tiny(.qwen3), in: folder / "base")
  }

  func door(maxRows: Int = 16, shards: Int = 2, cacheBytes: Int = 1 << 24) throws -> ServedDoor {
    try ServedDoor(
      ServeRequest(
        modelPath: base.location.path, dtype: .bfloat16, device: .cpu, positions: 200, maxRows: maxRows,
        cacheBytes: cacheBytes), shards: shards)
  }

  static func prompt(_ count: Int, _ seed: UInt64) -> [Int32] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in Int32.random(in: 0..<94, using: &random) }
  }

  static func command(
    _ id: UInt64, _ prompt: [Int32], seeds: [UInt64] = [1], maxTokens: Int = 20, policy: PolicyName = .base
  ) -> CompletionCommand {
    CompletionCommand(
      id: id, policy: policy, prompt: prompt, seeds: seeds, maxTokens: maxTokens, stopIDs: [end])
  }

  /// What the model that evaluates and chats makes of a command.
  func expected(_ command: CompletionCommand, _ run: String? = nil) async throws -> [ServedDoor.Attempt] {
    let model = try ServedModel(
      PolicySource(modelPath: base.location.path, dtype: .bfloat16, device: .cpu, runFolder: run),
      opened: OpenedModel(source: base.location.path), positions: 200)
    let answers = try await model.sample(
      [SampleRequest(prompt: command.prompt, streams: command.seeds.map { RandomStream(seed: $0) })],
      SamplerOptions(maxTokens: command.maxTokens, stopIDs: [Self.end]), observer: SamplingObserver())
    return answers[0].map {
      .init(
        tokens: $0.tokens, logProbabilities: $0.logProbabilities,
        end: $0.stopReason == .endOfTurn ? .stop : .length)
    }
  }

  /// A run with a checkpoint of step 3, made by six updates.
  func run(_ method: TrainingMethod) throws -> RunFolder {
    var plan = ModelCard.sample().plan
    plan.model = ModelPlan(source: base.location.path, dtype: .bfloat16)
    plan.training.method = method
    plan.training.lora = LoRAPlan(rank: 2, alpha: 4, targets: [.q, .up, .down])
    let trainer = try Trainer(
      base.loader.decoder(.bfloat16, positions: 8), plan: plan.training,
      loss: PolicyLoss(clipLow: 0.2, clipHigh: 0.2, kl: KLPlan()), temperature: 1, seed: 1,
      shards: Shards(count: 1))
    var random = SplitMix64(seed: 3)
    for parameter in trainer.parameters {
      let values = (0..<parameter.master.count).map { _ in Float.random(in: -0.3...0.3, using: &random) }
      try parameter.master.add(Tensor.floats(values, parameter.master.shape))
    }
    trainer.updates = 6
    let run = try RunFolder.create(plan, under: folder / "runs")
    try run.checkpoints.write(step: 3) { try trainer.save(to: $0) }
    return run
  }

  @Test func `it says that it is ready and answers as the other model does, bit for bit`() async throws {
    let door = try door()
    defer { door.close() }
    try await door.wait("not ready") { !door.events.isEmpty }
    guard case .ready(let figures) = door.events[0] else {
      Issue.record("expected ready, found \(door.events[0])")
      return
    }
    #expect(figures.vocabulary == 128 && figures.positions == 200 && figures.architecture == "qwen3")
    for id in UInt64(1)...3 {
      // The third has the first one's prompt.
      let command = Self.command(id, Self.prompt(50, id % 2), seeds: [4, 5, id], maxTokens: 40)
      try door.send(.complete(command))
      #expect(try await door.ended(id, 3) == expected(command))
    }
    let cached = door.events.compactMap { event in
      if case .prompt(_, let cached, _) = event { cached } else { nil }
    }
    #expect(cached == [0, 0, 48])
    #expect(door.broken == [])
  }

  @Test func `a run's adapter has the bits of its own sampler`() async throws {
    let run = try run(.lora)
    let door = try door()
    defer { door.close() }
    let name = PolicyName("tuned/3")
    let command = Self.command(1, Self.prompt(30, 1), seeds: [1, 2], maxTokens: 40, policy: name)
    // Before the adapter is there: the command waits for it.
    try door.send(.load(name, .run(folder: run.path, step: nil)))
    try door.send(.complete(command))
    try door.send(.complete(Self.command(2, Self.prompt(30, 1), seeds: [1, 2], maxTokens: 40)))
    let tuned = try await door.ended(1, 2)
    #expect(try await tuned == expected(command, run.path))
    let plain = try await door.ended(2, 2)
    #expect(plain != tuned)
    #expect(try await plain == expected(command))
    let loaded = door.events.compactMap { event -> (Int, Int)? in
      if case .loaded(name, let updates, let bytes, _) = event { (updates, bytes) } else { nil }
    }
    #expect(loaded.count == 1 && loaded[0].0 == 6 && loaded[0].1 > 0)
    // A step that there is, and one that there is not.
    try door.send(.load(PolicyName("third"), .run(folder: run.path, step: 3)))
    try door.send(.load(PolicyName("fourth"), .run(folder: run.path, step: 4)))
    #expect(try await door.refusal("fourth").kind == .storage)
    #expect(door.broken == [])
  }

  @Test func `an adapter that is wanted again while it is loaded, or when it is there, is answered for`()
    async throws
  {
    let run = try run(.lora)
    let door = try door()
    defer { door.close() }
    let name = PolicyName("tuned")
    func loaded() -> [ServeEvent] {
      door.events.filter { if case .loaded(name, 6, _, _) = $0 { true } else { false } }
    }
    // Given up and wanted again before it is there: it stays.
    for _ in 0..<2 {
      try door.send(.load(name, .run(folder: run.path, step: nil)))
      try door.send(.unload(name))
    }
    try door.send(.load(name, .run(folder: run.path, step: nil)))
    try await door.wait("not loaded") { !loaded().isEmpty }
    let count = loaded().count
    try door.send(.load(name, .run(folder: run.path, step: nil)))
    try await door.wait("not answered for") { loaded().count > count }
    guard case .loaded(_, _, let first, _) = loaded().first, case .loaded(_, _, let last, _) = loaded().last
    else { return }
    #expect(first == last && last > 0)
    try door.send(.complete(Self.command(1, [1, 2], policy: name)))
    #expect(try await door.ended(1).count == 1)
    #expect(!door.events.contains { if case .refused = $0 { true } else { false } })
  }

  @Test func `a run of all weights is no adapter, and those that waited for it hear so`() async throws {
    let run = try run(.full)
    let door = try door()
    defer { door.close() }
    let name = PolicyName("full")
    try door.send(.load(name, .run(folder: run.path, step: nil)))
    try door.send(.complete(Self.command(1, [1, 2], policy: name)))
    #expect(try await door.refusal("full").message.contains("export"))
    let late = try await door.refusal("1")
    #expect(late.kind == .usage)
    // The name is free again, and nothing of the command is left.
    try door.send(.unload(name))
    try door.send(.complete(Self.command(1, [1, 2])))
    #expect(try await door.ended(1).count == 1)
  }

  @Test func `an adapter goes when nothing uses it any more`() async throws {
    let run = try run(.lora)
    let door = try door()
    defer { door.close() }
    let name = PolicyName("tuned")
    try door.send(.load(name, .run(folder: run.path, step: nil)))
    var long = Self.command(1, Self.prompt(20, 1), seeds: [1, 2, 3, 4], maxTokens: 150, policy: name)
    long.stopIDs = []
    try door.send(.complete(long))
    try await door.wait("no token") { !door.attempts(1).isEmpty }
    try door.send(.unload(name))
    try door.send(.complete(Self.command(2, [1, 2], policy: name)))
    #expect(try await door.refusal("2").message == "the policy 'tuned' is not loaded")
    _ = try await door.ended(1, 4)
    try await door.wait("not unloaded") { door.events.contains(.unloaded(name)) }
    let last = door.events.lastIndex { event in
      if case .ended(1, _, _) = event { true } else { false }
    }
    #expect(try #require(last) < #require(door.events.firstIndex(of: .unloaded(name))))
    try door.send(.unload(name))
    #expect(try await door.refusal("tuned").message.contains("no policy"))
    // The same name may come again.
    try door.send(.load(name, .run(folder: run.path, step: nil)))
    try door.send(.complete(Self.command(3, [1, 2], policy: name)))
    #expect(try await door.ended(3).count == 1)
    try door.send(.unload(.base))
    #expect(try await door.refusal("").message.contains("base"))
  }

  @Test func `what cannot be done is refused with a sentence, and the others go on`() async throws {
    let door = try door()
    defer { door.close() }
    func bad(_ id: UInt64, _ change: (inout CompletionCommand) -> Void) throws {
      var command = Self.command(id, [1, 2, 3])
      change(&command)
      try door.send(.complete(command))
    }
    try door.send(.complete(Self.command(1, Self.prompt(9, 1), maxTokens: 100)))
    door.worker.take("nonsense")
    door.worker.take(#"{"complete": {"_0": {"id": 7}}}"#)
    try bad(10) { $0.prompt = [] }
    try bad(11) { $0.prompt = Self.prompt(200, 1) }
    try bad(12) { $0.prompt = [128, -1] }
    try bad(13) { $0.temperature = -1 }
    try bad(14) {
      $0.topP = 0
      $0.minP = 2
      $0.topK = -1
      $0.seeds = []
      $0.topCount = 65
      $0.repetitionPenalty = 0
      $0.bias = [TokenBias(token: 1, bias: .nan), TokenBias(token: 500, bias: 1)]
    }
    try bad(15) { $0.policy = PolicyName("nobody") }
    try bad(16) { $0.constraint = .schema(#"{"type": "nonsense"}"#) }
    #expect(try await door.refusal("").message.contains("cannot be read"))
    let sentences: [(String, String)] = [
      ("10", "the prompt is empty; give at least one token"),
      ("11", "the prompt has 200 tokens; the longest that fits is 199, which leaves room for one more"),
      ("12", "prompt has the token id 128; the model's ids are 0 to 127"),
      ("13", "temperature is -1.0; expected 0 or more"), ("15", "the policy 'nobody' is not loaded"),
    ]
    for (id, sentence) in sentences {
      let failure = try await door.refusal(id)
      #expect(failure.message == sentence && failure.kind == .usage)
    }
    #expect(try await door.refusal("12").field == "prompt")
    let many = try await door.refusal("14").message
    #expect(try await door.refusal("14").field == "bias")
    #expect(try await door.refusal("16").field == "constraint")
    for name in ["seeds", "topP", "topK", "minP", "repetitionPenalty", "bias", "500", "topCount"] {
      #expect(many.contains(name))
    }
    #expect(try await door.refusal("16").message.contains("#/type"))
    #expect(try await door.ended(1).count == 1)
    // An id that is in use.
    try door.send(
      .complete(Self.command(2, Self.prompt(9, 1), seeds: (0..<800).map { $0 }, maxTokens: 150)))
    try door.send(.complete(Self.command(2, [1])))
    #expect(try await door.refusal("2").message.contains("in use"))
    try door.send(.cancel(id: 2, attempt: nil))
    _ = try await door.ended(2, 800)
    // Longer than there is room for: as long as there is.
    var command = Self.command(3, Self.prompt(190, 2), maxTokens: 1000)
    command.stopIDs = []
    try door.send(.complete(command))
    #expect(try await door.ended(3)[0].tokens.count == 10)
    #expect(door.broken == [])
  }

  @Test func `cancelled attempts end, whether they run or wait`() async throws {
    let door = try door(maxRows: 2)
    defer { door.close() }
    // Work for many minutes, so that what comes behind it waits, however slow this test is.
    var long = Self.command(1, Self.prompt(20, 1), seeds: (0..<20_000).map { $0 }, maxTokens: 150)
    long.stopIDs = []
    try door.send(.complete(long))
    try door.send(.complete(Self.command(2, Self.prompt(20, 1), seeds: [1, 2, 3])))
    try door.send(.cancel(id: 2, attempt: 1))
    try door.send(.cancel(id: 2, attempt: nil))
    #expect(try await door.ended(2, 3).map(\.end) == [.cancelled, .cancelled, .cancelled])
    try await door.wait("no token") { door.attempts(1).values.contains { !$0.tokens.isEmpty } }
    try door.send(.cancel(id: 99, attempt: nil))
    try door.send(.cancel(id: 1, attempt: nil))
    let ended = try await door.ended(1, 20_000)
    let cut = ended.filter { $0.end == .cancelled && !$0.tokens.isEmpty }
    #expect(ended.last?.end == .cancelled && cut.count <= 2)
    #expect(ended.allSatisfy { $0.end == .cancelled || $0.tokens.count == 150 })
    // The worker goes on.
    let command = Self.command(3, Self.prompt(20, 1), seeds: [0], maxTokens: 150)
    try door.send(.complete(command))
    #expect(try await door.ended(3) == expected(command))
    #expect(door.broken == [])
  }

  @Test func `answers are held to JSON`() async throws {
    let door = try door()
    defer { door.close() }
    let tokenizer = base.text.tokenizer
    for id in UInt64(1)...6 {
      var command = Self.command(id, Self.prompt(12, id), seeds: [id, id + 50], maxTokens: 150)
      command.constraint = .schema(
        #"{"type": "object", "properties": {"a": {"enum": [1, 22, 333]}}, "required": ["a"], "additionalProperties": false}"#
      )
      try door.send(.complete(command))
    }
    for id in UInt64(1)...6 {
      for attempt in try await door.ended(id, 2) {
        #expect(attempt.end == .complete)
        let document = try JSONValue(parsing: tokenizer.decode(attempt.tokens, skippingSpecial: true))
        #expect([1, 22, 333].contains(document["a"]?.integer))
      }
    }
    #expect(door.broken == [])
  }

  @Test(arguments: [(1, 1), (2, 3), (2, 12), (3, 64)])
  func `under load every attempt ends once, and the figures add up`(shards: Int, maxRows: Int) async throws {
    let door = try door(maxRows: maxRows, shards: shards, cacheBytes: 1 << 18)
    defer { door.close() }
    let run = try run(.lora)
    let name = PolicyName("tuned")
    try door.send(.load(name, .run(folder: run.path, step: nil)))
    var random = SplitMix64(seed: UInt64(maxRows))
    var commands: [CompletionCommand] = []
    for id in UInt64(0)..<40 {
      let attempts = id % 10 == 0 ? 30 : Int.random(in: 1...4, using: &random)
      let command = Self.command(
        id, Self.prompt(Int.random(in: 1...120, using: &random), id % 5),
        seeds: (0..<UInt64(attempts)).map { $0 }, maxTokens: Int.random(in: 0...60, using: &random),
        policy: id % 3 == 0 ? name : .base)
      commands.append(command)
      try door.send(.complete(command))
      if id % 7 == 3 { try door.send(.cancel(id: id - 2, attempt: id % 2 == 0 ? nil : 0)) }
      if id % 4 == 0 { try await Task.sleep(for: .milliseconds(3)) }
    }
    var tokens = 0
    for command in commands {
      let ended = try await door.ended(command.id, command.seeds.count)
      tokens += ended.reduce(0) { $0 + $1.tokens.count }
      for (place, attempt) in ended.enumerated() where attempt.end != .cancelled && place == 0 {
        var alone = command
        alone.seeds = [command.seeds[0]]
        if command.maxTokens == 0 {
          #expect(attempt.tokens.isEmpty && attempt.end == .length)
        } else {
          #expect(try await expected(alone, command.policy == .base ? nil : run.path) == [attempt])
        }
      }
    }
    func idle() -> ServeLoad? {
      for case .load(let load) in door.events.reversed() {
        return load.running == 0 && load.waiting == 0 ? load : nil
      }
      return nil
    }
    try await door.wait("not idle") { idle() != nil && idle()?.generatedTokens == tokens }
    let load = try #require(idle())
    #expect(load.cacheBytes <= 1 << 18 && load.residentBytes > 0)
    #expect(load.cachedTokens <= load.promptTokens)
    #expect(door.broken == [])
    #expect(!door.events.contains { if case .refused = $0 { true } else { false } })
  }
}
