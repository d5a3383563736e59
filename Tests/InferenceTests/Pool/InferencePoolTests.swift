import Cluster
import Logging
import Records
import Synchronization
import Testing

@testable import Inference

struct InferencePoolTests {
  /// What an answer came to.
  private static func read(_ pool: InferencePool, _ request: AnswerRequest, _ base: String = "tiny")
    async throws -> (text: String, report: PromptReport?, finish: [FinishReason])
  {
    try await read(pool, request, PolicyReference(base: base))
  }

  private static func read(_ pool: InferencePool, _ request: AnswerRequest, _ policy: PolicyReference)
    async throws -> (text: String, report: PromptReport?, finish: [FinishReason])
  {
    var (text, report, finish) = ("", nil as PromptReport?, [FinishReason]())
    for try await event in try await pool.answer(request, policy) {
      switch event {
      case .prompt(let prompt): report = prompt
      case .text(_, let more, _): text += more
      case .ended(_, let reason, _): finish.append(reason)
      default: break
      }
    }
    return (text, report, finish)
  }

  /// Waits for something that must come.
  private static func until(_ what: String, _ holds: () async -> Bool) async throws {
    for _ in 0..<6000 {
      if await holds() { return }
      try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("waited in vain until \(what)")
  }

  @Test func `a request is answered by a worker that it starts`() async throws {
    let workers = ScriptedWorkers(ScriptedWorkers.answering("Hello."))
    let pool = try TestPool.make(workers)
    let (text, report, finish) = try await Self.read(pool, .chat("Hi") { $0.seed = 7 })
    #expect(text == "Hello.")
    #expect(report?.cached == 2)
    #expect(finish == [.stop])
    let prompt = "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    #expect(try report?.tokens == ByteModel.ids(prompt))
    #expect(workers.launched.count == 1)
    guard case .complete(let command) = workers.launched[0].commands.first else {
      Issue.record("no command was sent")
      return
    }
    #expect(command.policy == .base)
    #expect(command.stopIDs == [ByteModel.end])
    #expect(command.maxTokens == 512 - command.prompt.count)
    #expect(command.constraint == nil)
    // The same seed draws the same, another one does not, and a model goes by its other names.
    _ = try await Self.read(pool, .chat("Hi") { $0.seed = 7 }, "tiny-alias")
    _ = try await Self.read(pool, .chat("Hi") { $0.seed = 8 })
    #expect(workers.launched.count == 1)
    let seeds = workers.launched[0].commands.compactMap { line -> [UInt64]? in
      if case .complete(let command) = line { command.seeds } else { nil }
    }
    #expect(seeds[0] == seeds[1])
    #expect(seeds[0] != seeds[2])
  }

  @Test func `the first requests start one worker together`() async throws {
    let workers = ScriptedWorkers(isReady: false, ScriptedWorkers.answering("x"))
    let pool = try TestPool.make(workers)
    try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<10 { group.addTask { try await Self.read(pool, .chat("Hi")).text } }
      try await Self.until("a worker is launched") { !workers.launched.isEmpty }
      try await Task.sleep(for: .milliseconds(50))
      #expect(workers.launched.count == 1)
      workers.launched[0].ready()
      for try await text in group { #expect(text == "x") }
    }
    #expect(workers.launched.count == 1)
  }

  @Test func `a worker that dies fails its answers, and the next request starts another`() async throws {
    let workers = ScriptedWorkers { worker, command in
      guard case .complete(let command) = command else { return }
      worker.say(.prompt(id: command.id, cached: 0, scores: nil))
      worker.draw(command.id, 0, (try? ByteModel.ids("half")) ?? [])
      worker.die("it died of SIGSEGV; its last lines: boom")
    }
    let pool = try TestPool.make(workers) { $0.firstBackoff = .zero }
    for round in 1...2 {
      let error = await #expect(throws: InferenceError.self) { try await Self.read(pool, .chat("Hi")) }
      #expect(error?.kind == .failed)
      #expect(error?.message.contains("boom") == true)
      #expect(workers.launched.count == round)
    }
  }

  @Test func `a worker that dies at once is not started again and again`() async throws {
    let workers = ScriptedWorkers(isReady: false) { _, _ in }
    let pool = try TestPool.make(workers) { $0.firstBackoff = .seconds(3600) }
    let first = Task { try await Self.read(pool, .chat("Hi")) }
    try await Self.until("a worker is launched") { !workers.launched.isEmpty }
    workers.launched[0].die("it ended with code 1; its last lines: no such model")
    let error = await #expect(throws: InferenceError.self) { try await first.value }
    #expect(error?.message.contains("no such model") == true)
    let second = await #expect(throws: InferenceError.self) { try await Self.read(pool, .chat("Hi")) }
    #expect(second?.message.contains("no such model") == true)
    #expect(second?.message.contains("1 times in a row") == true)
    #expect(try #require(second?.retryAfter) > 0)
    #expect(workers.launched.count == 1)
  }

  @Test func `a reader that goes away ends the work`() async throws {
    let workers = ScriptedWorkers { worker, command in
      guard case .complete(let command) = command else { return }
      worker.say(.prompt(id: command.id, cached: 0, scores: nil))
      worker.draw(command.id, 0, (try? ByteModel.ids("on and on")) ?? [])
    }
    let pool = try TestPool.make(workers)
    func readOne() async throws {
      for try await event in try await pool.answer(.chat("Hi"), PolicyReference(base: "tiny")) {
        if case .text = event { return }
      }
    }
    try await readOne()
    let worker = workers.launched[0]
    try await Self.until("the work is called off") { worker.commands.contains(.cancel(id: 1, attempt: nil)) }
  }

  @Test func `a stop string calls off its own attempt`() async throws {
    let workers = ScriptedWorkers { worker, command in
      guard case .complete(let command) = command else { return }
      worker.say(.prompt(id: command.id, cached: 0, scores: nil))
      worker.draw(command.id, 1, (try? ByteModel.ids("a b c")) ?? [])
      worker.draw(command.id, 0, (try? ByteModel.ids("no end")) ?? [])
      worker.say(.ended(id: command.id, attempt: 1, .cancelled), .ended(id: command.id, attempt: 0, .length))
    }
    let pool = try TestPool.make(workers)
    let request = AnswerRequest.chat("Hi") {
      $0.stop = ["b"]
      $0.choices = 2
    }
    let (_, _, finish) = try await Self.read(pool, request)
    #expect(finish == [.stopString("b"), .length])
    #expect(workers.launched[0].commands.contains(.cancel(id: 1, attempt: 1)))
    #expect(!workers.launched[0].commands.contains(.cancel(id: 1, attempt: 0)))
  }

  @Test func `too many that wait are turned away with a time`() async throws {
    let workers = ScriptedWorkers { _, _ in }
    let pool = try TestPool.make(workers) {
      $0.maxRows = 2
      $0.mostWaitingPerModel = 1
    }
    var streams: [AsyncThrowingStream<AnswerEvent, any Error>] = []
    for _ in 0..<3 { streams.append(try await pool.answer(.chat("Hi"), PolicyReference(base: "tiny"))) }
    let error = await #expect(throws: InferenceError.self) {
      try await pool.answer(.chat("Hi"), PolicyReference(base: "tiny"))
    }
    guard case .overloaded(let seconds) = error?.kind else {
      Issue.record("expected .overloaded, got \(String(describing: error))")
      return
    }
    #expect(seconds >= 1)
    // One that ends makes room for one more.
    workers.launched[0].say(.ended(id: 1, attempt: 0, .stop))
    try await Self.until("there is room") {
      (try? await pool.answer(.chat("Hi"), PolicyReference(base: "tiny"))).map { streams.append($0) } != nil
    }
  }

  @Test func `a model that is idle makes room for another`() async throws {
    let workers = ScriptedWorkers(ScriptedWorkers.answering("x"))
    // Ten weights of two bytes and a cache each: room for two.
    let pool = try TestPool.make(workers, models: ["a", "b", "c"]) { $0.modelBytes = 2 * 1020 }
    for base in ["a", "b", "a", "c"] { _ = try await Self.read(pool, .chat("Hi"), base) }
    #expect(await pool.loadedModels == ["a", "c"])
    #expect(workers.launched.map(\.isClosed) == [false, true, false])
  }

  @Test func `models that answer are not unloaded for another`() async throws {
    let workers = ScriptedWorkers { worker, command in
      if case .complete(let command) = command { worker.say(.prompt(id: command.id, cached: 0, scores: nil)) }
    }
    let pool = try TestPool.make(workers, models: ["a", "b"]) { $0.modelBytes = 1500 }
    let stream = try await pool.answer(.chat("Hi"), PolicyReference(base: "a"))
    let error = await #expect(throws: InferenceError.self) {
      try await pool.answer(.chat("Hi"), PolicyReference(base: "b"))
    }
    #expect(error?.message.contains("no room to load 'b' while a answer") == true)
    #expect(await pool.loadedModels == ["a"])
    _ = stream
  }

  @Test func `a model larger than all memory is refused with the figures`() async throws {
    let pool = try TestPool.make(ScriptedWorkers { _, _ in }) { $0.modelBytes = 5 }
    let error = await #expect(throws: InferenceError.self) { try await Self.read(pool, .chat("Hi")) }
    #expect(error?.message.contains("raise the limit") == true)
  }

  @Test func `idle models are unloaded after a while, busy ones never`() async throws {
    let workers = ScriptedWorkers { worker, command in
      if case .complete(let command) = command { worker.say(.prompt(id: command.id, cached: 0, scores: nil)) }
    }
    let pool = try TestPool.make(workers) { $0.idleLimit = .zero }
    var stream: AsyncThrowingStream<AnswerEvent, any Error>? = try await pool.answer(
      .chat("Hi"), PolicyReference(base: "tiny"))
    await pool.tidy()
    #expect(await pool.loadedModels == ["tiny"])
    workers.launched[0].say(.ended(id: 1, attempt: 0, .stop))
    for try await _ in stream! {}
    stream = nil
    try await Self.until("it is unloaded") {
      await pool.tidy()
      return await pool.loadedModels == []
    }
    #expect(workers.launched[0].isClosed)
  }

  @Test func `a worker that hangs is killed`() async throws {
    let workers = ScriptedWorkers { worker, command in
      if case .complete(let command) = command { worker.say(.prompt(id: command.id, cached: 0, scores: nil)) }
    }
    let pool = try TestPool.make(workers) { $0.silenceLimit = .milliseconds(1) }
    let stream = try await pool.answer(.chat("Hi"), PolicyReference(base: "tiny"))
    try await Task.sleep(for: .milliseconds(50))
    await pool.tidy()
    let error = await #expect(throws: InferenceError.self) { for try await _ in stream {} }
    #expect(error?.message.contains("has said nothing") == true)
  }

  @Test func `a worker that had nothing to do has not been silent`() async throws {
    var settings = InferenceSettings(modelBytes: 1)
    settings.maxRows = 4
    let process = ScriptedWorkers.Worker(
      ServeRequest(modelPath: "", dtype: .float32), { _, _ in })
    let worker = ServingWorker(
      base: "tiny", bytes: 1, connection: process, settings: settings, observer: nil,
      logger: Logger(label: "test"))
    process.ready()
    _ = try await worker.ready.wait()
    let text = try ByteModel.text()
    func ask() {
      #expect(worker.admit(1, mostWaiting: 0) == .admitted)
      _ = worker.begin(.base) { id in
        (
          CompletionCommand(id: id, prompt: [1], seeds: [1], maxTokens: 1, stopIDs: []),
          CompletionFeed(
            .init(
              base: "tiny", text: text, request: .chat("Hi"), prompt: .init(ids: [1], reasoning: .never),
              endIDs: [], mostUnreadTokens: 10, observer: nil, cancel: { _ in }))
        )
      }
    }
    func beSilent() { worker.state.withLock { $0.lastLine = .now - .seconds(86_400) } }
    beSilent()
    ask()
    #expect(!worker.isSilent(for: .seconds(43_200)))
    // Another request is no news of it.
    beSilent()
    ask()
    #expect(worker.isSilent(for: .seconds(43_200)))
  }

  @Test func `a worker that is not ready in time is ended, and the next request starts another`() async throws
  {
    let workers = ScriptedWorkers(isReady: false) { _, _ in }
    let pool = try TestPool.make(workers) {
      $0.startLimit = .milliseconds(1)
      $0.firstBackoff = .zero
    }
    for round in 1...2 {
      let error = await #expect(throws: InferenceError.self) { try await Self.read(pool, .chat("Hi")) }
      #expect(error?.message.contains("was not ready within") == true)
      #expect(workers.launched.count == round)
      await pool.tidy()
      #expect(await pool.loadedModels == [])
      #expect(await workers.launched.last?.failure() == "it was killed")
    }
  }

  @Test func `what is held to a form ends by the model's own ids alone`() async throws {
    let workers = ScriptedWorkers(ScriptedWorkers.answering(#"{"a": 1}"#))
    let pool = try TestPool.make(workers)
    for format in [AnswerRequest.Format.text, .jsonObject] {
      let (text, _, _) = try await Self.read(
        pool,
        .chat("Hi") {
          $0.format = format
          $0.stopIDs = [Int32(UInt8(ascii: "1"))]
        })
      #expect(text == (format == .text ? #"{"a": }"# : #"{"a": 1}"#))
    }
    let stops = workers.launched[0].commands.compactMap { line -> [Int32]? in
      if case .complete(let command) = line { command.stopIDs } else { nil }
    }
    #expect(stops == [[Int32(UInt8(ascii: "1")), ByteModel.end], [ByteModel.end]])
  }

  @Test func `an echo says which tokens are not of the text that was given`() async throws {
    let pool = try TestPool.make(ScriptedWorkers(ScriptedWorkers.answering("x")))
    for (text, shown) in [("", [false]), ("ab", [true, true])] {
      var request = AnswerRequest(prompt: .text(text))
      request.echoesPrompt = true
      #expect(try await Self.read(pool, request).report?.echoed.map(\.isShown) == shown)
    }
  }

  @Test func `a prompt that leaves no room is refused with the figures, before a worker is started`()
    async throws
  {
    let workers = ScriptedWorkers(ScriptedWorkers.answering("x"))
    let pool = try TestPool.make(workers)
    let error = await #expect(throws: InferenceError.self) {
      try await Self.read(pool, .chat(String(repeating: "x", count: 600)))
    }
    #expect(error?.kind == .contextLength)
    #expect(error?.message.contains("512") == true)
    // So long a text is not even cut into tokens.
    let longer = await #expect(throws: InferenceError.self) {
      try await Self.read(pool, .chat(String(repeating: "x", count: 3_000_000)))
    }
    #expect(longer?.kind == .contextLength && longer?.message.contains("3000000 bytes") == true)
    #expect(workers.launched.isEmpty)
    // As much as the context has room for, whatever was asked.
    _ = try await Self.read(pool, .chat("Hi") { $0.maxTokens = 100_000 })
    guard case .complete(let command) = workers.launched[0].commands.first else { return }
    #expect(command.prompt.count + command.maxTokens == 512)
    #expect(try await pool.contextLength(of: "tiny-alias") == 512)
  }

  @Test func `what the worker refuses reaches its request alone`() async throws {
    let workers = ScriptedWorkers { worker, command in
      guard case .complete(let command) = command else { return }
      worker.say(
        .refused(subject: "\(command.id)", WorkerFailure(.usage, "bias names a token that is not there")))
    }
    let pool = try TestPool.make(workers)
    let error = await #expect(throws: InferenceError.self) { try await Self.read(pool, .chat("Hi")) }
    #expect(error == InferenceError(.invalid(param: nil), "bias names a token that is not there"))
    #expect(await pool.loadedModels == ["tiny"])
  }

  @Test func `an unknown model is unknown`() async throws {
    let pool = try TestPool.make(ScriptedWorkers { _, _ in })
    let error = await #expect(throws: InferenceError.self) { try await Self.read(pool, .chat("Hi"), "none") }
    #expect(error?.kind == .unknownModel)
  }

  @Test func `those who measure are told`() async throws {
    final class Notes: InferenceObserver {
      let all = Mutex<[InferenceObservation]>([])
      func observe(_ observation: InferenceObservation) { all.withLock { $0.append(observation) } }
    }
    let notes = Notes()
    let pool = try TestPool.make(ScriptedWorkers(ScriptedWorkers.answering("abc")), observer: notes)
    _ = try await Self.read(pool, .chat("Hi"))
    let all = notes.all.withLock { $0 }
    let answered = all.compactMap { note -> AnswerFigures? in
      if case .answered("tiny", let figures) = note { figures } else { nil }
    }
    #expect(answered.count == 1)
    #expect(answered.first?.outcome == .complete)
    #expect(answered.first?.completionTokens == 4)
    #expect(answered.first?.cachedTokens == 2)
    #expect(all.contains { if case .firstToken = $0 { true } else { false } })
    #expect(all.count { if case .betweenTokens = $0 { true } else { false } } == 3)
  }
}
