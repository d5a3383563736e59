import Checkpoints
import Foundation
import Records
import Synchronization
import Testing

/// The whole program on a tiny model: a run to its end, killed and interrupted ones, and what follows a run.
@Suite(
  .enabled(if: Project.missing == nil, "\(Project.missing ?? "")"), .serialized, .timeLimit(.minutes(30)))
struct TrainingRunTests {
  /// A run that nothing disturbs, made once.
  static let undisturbed = Task {
    let project = try Project()
    let result = try await project.operant.run("train", "plan.yaml", "--json")
    return (project: project, result: result)
  }

  static func contents() async throws -> RunContents {
    try RunContents(try await undisturbed.value.project.run())
  }

  @Test func `a run goes through its plan and leaves all it promises`() async throws {
    let (project, result) = try await Self.undisturbed.value
    #expect(result.code == 0, "\(result.error)")
    let run = try project.run()
    #expect(try run.status().state == .finished)
    let (records, warnings) = try run.journal()
    #expect(warnings == [])
    #expect(records.map(\.step) == Array(0..<Project.steps))
    let updates = records.compactMap(\.update)
    #expect(updates.count > Project.steps / 2)
    for update in updates {
      #expect(update.mismatchMean < 2e-2)
      #expect(update.loss.isFinite && update.gradientNorm > 0)
    }
    for record in records {
      #expect(record.episodes == 16 && record.prompts == 4 && record.failedGrades == 0)
      #expect(record.sampledTokens >= record.trainedTokens)
    }
    #expect(try run.evaluations().records.map(\.step) == [0, 2, 4, 6])
    #expect(try run.checkpoints.steps().suffix(2) == [Project.steps - 1, Project.steps])
    #expect(try run.episodeSteps() == Array(0..<Project.steps))

    let events = try result.output.split(separator: "\n").map {
      try WorkerLine.decode(WorkerEvent.self, from: $0.utf8)
    }
    guard case .runEnded(let end) = try #require(events.last) else {
      Issue.record("expected run_ended last, found \(String(describing: events.last))")
      return
    }
    #expect(end.reason == .allSteps)
    #expect(end.step == Project.steps)
    let reported = events.compactMap { event -> StepRecord? in
      if case .step(let record, _, _, _) = event { record } else { nil }
    }
    #expect(reported == records)
    print(
      "end to end: rewards \(records.map { ($0.reward * 100).rounded() / 100 }), mismatch mean at most "
        + "\(updates.map(\.mismatchMean).max() ?? 0), largest \(updates.map(\.mismatchMax).max() ?? 0)")
  }

  @Test func `the same plan in another folder is the same run`() async throws {
    let project = try Project()
    #expect(try await project.operant.run("train", "plan.yaml", "--json").code == 0)
    let differences = try RunContents(project.run()).differences(from: try await Self.contents())
    #expect(differences == [])
  }

  // MARK: Killed, interrupted, doubled

  /// Every kind of moment there is in a run, as the event that comes before it: the first ones in an order drawn
  /// by lot, the end's last.
  private static func moments(_ random: inout SplitMix64) -> [String] {
    let inSteps = [
      "phase loading", "model_loaded", "run_started", "progress sampling", "progress sampling",
      "phase grading", "phase updating", "phase updating", "step", "checkpoint", "checkpoint",
      "phase evaluating", "progress evaluating",
    ]
    return ["phase evaluating"] + inSteps.shuffled(using: &random) + ["comparison", "phase exporting"]
  }

  @Test func `a run that is killed at random moments is the uninterrupted run`() async throws {
    let project = try Project()
    var random = SplitMix64(seed: UInt64(Date().timeIntervalSince1970))
    print("end to end: kills drawn from seed \(random.state)")
    var struck: [String] = []
    var arguments = ["train", "plan.yaml", "--json"]
    for moment in Self.moments(&random) {
      let occurrence = moment.hasPrefix("progress") ? Int.random(in: 1...16, using: &random) : 1
      let delay = UInt32.random(in: 0..<12_000, using: &random)
      // The worker alone, as a lack of memory ends it, or both, as a power cut does.
      let killsBoth = Bool.random(using: &random)
      let progress = Mutex<(seen: Int, isStruck: Bool)>((0, false))
      let result = try await project.operant.run(arguments) { program, line in
        guard Self.name(line) == moment else { return }
        let isDue = progress.withLock { state in
          state.seen += 1
          return state.seen == occurrence
        }
        guard isDue else { return }
        usleep(delay)
        let workers = program.workers
        if killsBoth { program.signal(SIGKILL) }
        for worker in workers { kill(worker, SIGKILL) }
        progress.withLock { $0.isStruck = !workers.isEmpty }
      }
      arguments = ["train", "--resume", "latest", "--json"]
      guard progress.withLock({ $0.isStruck }) else { continue }
      // A worker may have ended by itself just before the blow.
      if result.code == 0 { continue }
      struck.append(moment)
      #expect(result.code == (killsBoth ? -SIGKILL : 1))
      if !killsBoth { #expect(result.error.contains("SIGKILL")) }
      // At its very end the blow may fall after the run has noted that it is finished.
      let isEnd = moment == "comparison" || moment == "phase exporting"
      let state = try await Self.stateOnceDead(try project.run())
      #expect(state == .interrupted || (isEnd && state == .finished), "\(moment)")
    }
    let last = try await project.operant.run(arguments)
    #expect(last.code == 0, "\(last.error)")
    print("end to end: survived \(struck.count) kills: \(struck.joined(separator: ", "))")
    #expect(struck.count >= 10, "the run was over before it could be killed often enough")
    let run = try project.run()
    #expect(try run.status().state == .finished)
    #expect(try RunContents(run).differences(from: try await Self.contents()) == [])
    // Nothing half-written is left behind.
    let names = FileManager.default.enumerator(atPath: run.path)?.allObjects as? [String] ?? []
    #expect(names.filter { $0.contains(".tmp-") || $0.contains(".deleted-") } == [])
  }

  @Test func `a reward that follows the run's past is the same after a kill`() async throws {
    let vowels = #"grader: {type: regex, name: vowels, pattern: "[aeiou].*[aeiou]"}"#
    let plan = Project.plan.replacing(vowels, with: Project.scheduledGrader)
      .replacing("evaluation: {", with: "evaluation: {right: vowels, ")
    #expect(plan.contains("binary_until") && plan.contains("right: vowels"))
    let (whole, killed) = (try Project(), try Project())
    for project in [whole, killed] { try project.write(plan, to: "plan.yaml") }
    #expect(try await whole.operant.run("train", "plan.yaml", "--json").code == 0)
    for step in [2, 5] {
      let arguments =
        step == 2 ? ["train", "plan.yaml", "--json"] : ["train", "--resume", "latest", "--json"]
      _ = try await killed.operant.run(arguments) { program, line in
        guard line.contains(#""event":"step""#), line.contains("\"step\":\(step)") else { return }
        for worker in program.workers { kill(worker, SIGKILL) }
      }
    }
    #expect(try await killed.operant.run("train", "--resume", "latest", "--json").code == 0)
    #expect(try RunContents(killed.run()).differences(from: RunContents(whole.run())) == [])

    // The schedules were at work: rewards were 1 and 0 at first, and graded once the pass rate had held.
    let run = try whole.run()
    let groups = try (0..<Project.steps).map { try run.episodes(step: $0).groups }
    let isBinary = groups.map { step in
      step.flatMap(\.episodes).compactMap(\.grade.reward).allSatisfy { $0 == 0 || $0 == 1 }
    }
    #expect(isBinary.first == true && isBinary.last == false)
    #expect(groups.joined().flatMap(\.episodes).allSatisfy { $0.grade.heldOut.map(\.name) == ["digits"] })
    let records = try run.journal().records
    #expect(records.allSatisfy { $0.tokenUse != nil })
  }

  /// The state that a run shows; a worker that was killed may take a moment to be gone.
  private static func stateOnceDead(_ run: RunFolder) async throws -> RunStatus.State {
    for _ in 0..<200 {
      let state = try run.observedStatus().state
      if state != .running { return state == .created ? .interrupted : state }
      try await Task.sleep(for: .milliseconds(20))
    }
    return .running
  }

  private static func name(_ line: String) -> String {
    let event = try? JSONValue(parsing: line)
    return [event?["event"]?.string, event?["phase"]?.string].compactMap { $0 }.joined(separator: " ")
  }

  @Test func `an interrupt finishes the step and the run goes on as if there had been none`() async throws {
    let project = try Project()
    let sent = Mutex(false)
    let result = try await project.operant.run(["train", "plan.yaml", "--json"]) { program, line in
      guard line.contains(#""event":"step""#), line.contains(#""step":2"#) else { return }
      let isFirst = sent.withLock { sent in
        defer { sent = true }
        return !sent
      }
      if isFirst { program.signal(SIGINT) }
    }
    #expect(result.code == 0, "\(result.error)")
    let run = try project.run()
    let status = try run.status()
    #expect(status.state == .interrupted)
    #expect((3..<Project.steps).contains(status.step))
    #expect(try run.checkpoints.steps().last == status.step)
    #expect(try run.journal().records.count == status.step)
    #expect(result.output.contains(#""reason":"interrupted""#))

    let resumed = try await project.operant.run("train", "--resume", run.path, "--json")
    #expect(resumed.code == 0, "\(resumed.error)")
    #expect(try RunContents(run).differences(from: try await Self.contents()) == [])
  }

  @Test func `a second worker on a run is refused and the first goes on`() async throws {
    let project = try Project()
    let operant = project.operant
    let second = Mutex<Task<Operant.Result, any Error>?>(nil)
    let result = try await operant.run(["train", "plan.yaml", "--json"]) { program, line in
      guard line.contains(#""event":"step""#), second.withLock({ $0 == nil }) else { return }
      // The first stands still for as long as the second tries.
      let workers = program.workers
      for worker in workers { kill(worker, SIGSTOP) }
      let task = Task {
        defer { for worker in workers { kill(worker, SIGCONT) } }
        return try await operant.run("train", "--resume", "latest", "--json")
      }
      second.withLock { $0 = task }
    }
    #expect(result.code == 0, "\(result.error)")
    let refused = try await #require(second.withLock { $0 }).value
    #expect(refused.code == 1)
    #expect(refused.error.contains("another worker is writing this run (pid "))
    let run = try project.run()
    #expect(try run.status().state == .finished)
    #expect(try run.failure() == nil)
    #expect(try RunContents(run).differences(from: try await Self.contents()) == [])
  }

  @Test func `a finished run that is resumed stays as it is`() async throws {
    let project = try Project()
    try project.write(Project.plan.replacing("steps: \(Project.steps)", with: "steps: 3"), to: "plan.yaml")
    #expect(try await project.operant.run("train", "plan.yaml", "--json").code == 0)
    let before = try RunContents(project.run())
    #expect(try await project.operant.run("train", "--resume", "latest", "--json").code == 0)
    #expect(try RunContents(project.run()).differences(from: before) == [])
  }
}
