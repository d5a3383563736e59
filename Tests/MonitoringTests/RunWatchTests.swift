import Records
import Testing

@testable import Monitoring

/// When a run's signals become an alarm.
@Suite struct RunWatchTests {
  /// The alarms of a run whose first step is `first` and whose other steps are `later`, by step.
  private static func alarms(
    _ first: [GradedGroup], _ later: [GradedGroup], steps: Int = 6, plan: DefencePlan = DefencePlan(),
    updates: (UpdateRecord?, UpdateRecord?) = (nil, nil)
  ) -> [Alarm] {
    var watch = RunWatch()
    var alarms = watch.take(StepSignals(first, update: updates.0), step: 1, plan: plan)
    for step in 2...steps {
      alarms += watch.take(StepSignals(later, update: updates.1), step: step, plan: plan)
    }
    return alarms
  }

  private static let honest = groups { _, attempt in
    Answers(reward: Double(attempt) / 8, heldOut: [("quality", Double(attempt) / 8)])
  }

  @Test func `a step without an update tells of its entropy by what it has sampled`() {
    let signals = StepSignals(Self.honest, update: nil)
    #expect(signals.entropy == nil)
    // One nat for each token of an answer; the prompt's have no probability.
    #expect(signals.sampledEntropy == 1)
    #expect(StepSignals([], update: nil).sampledEntropy == nil)
  }

  @Test func `a run that stays as it was raises nothing`() {
    #expect(Self.alarms(Self.honest, Self.honest) == [])
  }

  @Test func `a reward that leaves its held-out grader behind warns and then stops`() {
    // 0.07 beyond it in every answer: a warning; 0.5 beyond: the action.
    let little = groups { _, attempt in
      Answers(reward: Double(attempt) / 8 + 0.07, heldOut: [("quality", Double(attempt) / 8)])
    }
    let much = groups { _, attempt in Answers(reward: 1, heldOut: [("quality", 0.1)]) }
    let warned = Self.alarms(Self.honest, little)
    #expect(warned.map(\.signal) == [.gap])
    #expect(warned.first?.action == .warn)
    #expect(warned.first?.step == 5, "the window of four steps after the first")
    #expect(warned.first?.subject == "quality")
    let stopped = Self.alarms(Self.honest, much).filter { $0.signal == .gap }
    #expect(stopped.last?.action == .stop)
    #expect(stopped.last?.limit == 0.1)
    #expect(stopped.last?.message.contains("'quality'") == true)
  }

  @Test func `noise of a step is no gap`() {
    // Half of the answers a point above, half a point below: the mean is beyond the limit by chance only.
    let noisy = groups { prompt, attempt in
      let offset = (prompt * 8 + attempt) % 2 == 0 ? 1.0 : -0.8
      return Answers(reward: 0.5 + offset, heldOut: [("quality", 0.5)])
    }
    #expect(Self.alarms(Self.honest, noisy).filter { $0.signal == .gap } == [])
  }

  @Test(arguments: [
    (Alarm.Signal.length, Answers(tokens: 60)),
    (.length, Answers(text: "Yes.", tokens: 1)),
    (.format, Answers(isReadable: false)),
    (
      .repetition,
      Answers(text: String(repeating: "thank you very much and ", count: 12))
    ),
    (
      .language,
      Answers(text: "Vielen Dank für Ihre Nachricht, wir werden uns heute noch darum kümmern und uns melden.")
    ),
  ])
  func `each drift has its alarm`(signal: Alarm.Signal, answers: Answers) {
    let first = groups { _, attempt in Answers(tokens: 20 + attempt % 3) }
    let alarms = Self.alarms(first, groups { _, _ in answers })
    #expect(alarms.contains { $0.signal == signal }, "\(alarms.map(\.message))")
    #expect(alarms.filter { $0.signal == signal }.count == 1, "an alarm that lasts is told of once")
    #expect(alarms.allSatisfy { $0.action == .warn })
  }

  @Test func `one answer to every prompt is an alarm`() {
    let same = groups(areAlike: true) { _, _ in Answers() }
    #expect(Self.alarms(Self.honest, same).map(\.signal) == [.identical])
  }

  @Test func `a part that is traded for the others is an alarm, one that falls with the reward is not`() {
    func step(_ tone: Double, _ facts: Double) -> [GradedGroup] {
      groups { _, attempt in
        let little = Double(attempt) / 100
        return Answers(
          reward: (tone + facts) / 2 + little, parts: [("tone", tone + little), ("facts", facts + little)])
      }
    }
    let traded = Self.alarms(step(0.1, 0.6), step(0.9, 0.2))
    #expect(traded.map(\.key) == ["part facts"])
    #expect(Self.alarms(step(0.5, 0.6), step(0.3, 0.2)) == [])
  }

  @Test func `entropy and divergence are watched where they are measured`() {
    let (honest, plan) = (Self.honest, DefencePlan())
    let collapsed = Self.alarms(
      honest, honest, plan: plan, updates: (update(entropy: 2), update(entropy: 0.01)))
    #expect(collapsed.map(\.signal) == [.entropy])
    let halved = Self.alarms(honest, honest, plan: plan, updates: (update(entropy: 2), update(entropy: 0.5)))
    #expect(halved == [])
    let far = Self.alarms(
      honest, honest, plan: plan, updates: (update(entropy: 2, kl: 0), update(entropy: 2, kl: 3)))
    #expect(far.map(\.signal) == [.kl])
  }

  @Test func `an alarm that was over may be raised again`() {
    var watch = RunWatch()
    let (calm, loud) = (
      StepSignals(Self.honest, update: nil), StepSignals(groups { _, _ in Answers(tokens: 90) }, update: nil)
    )
    var steps: [Int] = []
    for step in 1...30 {
      let isLoud = (5...10).contains(step) || step >= 20
      if watch.take(isLoud ? loud : calm, step: step, plan: DefencePlan()).contains(where: {
        $0.signal == .length
      }) {
        steps.append(step)
      }
    }
    #expect(steps.count == 2)
    #expect(steps.last == 21 || steps.last == 22)
  }

  @Test func `the calm step is the last one before things moved`() {
    var watch = RunWatch()
    for step in 1...8 {
      let answers = groups { _, attempt in Answers(tokens: step < 6 ? 20 + attempt % 2 : 90) }
      _ = watch.take(StepSignals(answers, update: nil), step: step, plan: DefencePlan())
    }
    #expect(watch.calmStep == 5)
  }

  @Test func `what is saved and read back raises the same alarms`() throws {
    let loud = StepSignals(groups { _, _ in Answers(tokens: 90) }, update: nil)
    var watch = RunWatch()
    _ = watch.take(StepSignals(Self.honest, update: nil), step: 1, plan: DefencePlan())
    _ = watch.take(loud, step: 2, plan: DefencePlan())
    var again = try WorkerLine.decode(RunWatch.self, from: Array(WorkerLine.encode(watch).utf8)[...])
    #expect(again == watch)
    for step in 3...5 {
      #expect(
        again.take(loud, step: step, plan: DefencePlan()) == watch.take(loud, step: step, plan: DefencePlan())
      )
    }
  }

  @Test func `moments of lots together are those of all values`() {
    let values = (0..<200).map { Double(($0 * 7919) % 101) / 7 }
    for cut in [0, 1, 2, 77, 199, 200] {
      let together = Moments(values[..<cut]) + Moments(values[cut...])
      let whole = Moments(values)
      #expect(together.count == whole.count)
      #expect(abs(together.mean - whole.mean) < 1e-12)
      #expect(abs(together.squares - whole.squares) < 1e-8)
    }
  }

  @Test func `failures are counted by grader, kind and cause`() {
    let failing = groups(prompts: 1) { _, attempt in Answers(reward: attempt < 3 ? nil : 0.5) }
    let signals = StepSignals(failing, update: nil)
    #expect(signals.failures == [GradeFailureCount(grader: "g", kind: .other, cause: .timeOut, count: 3)])
    #expect(signals.reward.count == 5)
  }
}
