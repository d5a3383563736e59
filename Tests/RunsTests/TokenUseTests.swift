import Records
import Testing

@testable import Runs

/// Tokens of right answers, worked by hand.
@Suite struct TokenUseTests {
  /// An answer of some tokens, the first of them thinking; nil tokens of thinking were not counted.
  static func entry(_ reward: Double?, tokens: Int, thinking: Int? = 0, part: Double? = nil) -> GradedEpisode
  {
    let mask = [false] + [Bool](repeating: true, count: tokens)
    let episode = Episode(
      exampleID: "a", index: 0,
      turns: [
        Turn(author: .context, start: 0, end: 1, text: ""),
        Turn(author: .policy, start: 1, end: tokens + 1, text: "", thinkingTokens: thinking),
      ],
      tokens: mask.map { _ in 1 }, lossMask: mask, logProbabilities: mask.map { _ in 0 },
      policyVersions: mask.map { _ in 0 }, stopReason: .endOfTurn)
    let outcome = reward.map(Grade.Outcome.reward) ?? .failed(GradeFailure(.other, "broken"))
    return GradedEpisode(
      episode: episode, grade: Grade(outcome, subRewards: part.map { [Grade.SubReward("ok", $0)] } ?? []))
  }

  static let entries = [
    entry(1, tokens: 10, thinking: 4, part: 0), entry(0.5, tokens: 30, thinking: 20, part: 1),
    entry(1, tokens: 20, thinking: 6, part: 1), entry(nil, tokens: 100, thinking: 0),
  ]

  @Test func `right is full marks, or the part that the plan names`() throws {
    let whole = try #require(TokenUse(Self.entries, plan: EvaluationPlan()))
    #expect(
      whole
        == TokenUse(
          rightShare: 2.0 / 3, ofRight: 15, thinking: 7.5, answer: 32.5, thinkingOfRight: 5, answerOfRight: 10
        ))
    let part = try #require(TokenUse(Self.entries, plan: EvaluationPlan(right: "ok")))
    #expect(part.rightShare == 2.0 / 3 && part.ofRight == 25 && part.thinkingOfRight == 13)
    #expect(TokenUse(Self.entries, plan: EvaluationPlan(right: "else")) == nil)
    #expect(TokenUse([Self.entry(nil, tokens: 3)], plan: EvaluationPlan()) == nil)
    let none = try #require(TokenUse([Self.entry(0, tokens: 3, thinking: nil)], plan: EvaluationPlan()))
    #expect(none == TokenUse(rightShare: 0))
  }

  @Test func `full marks that rounding has shaved are full`() {
    let plan = EvaluationPlan()
    #expect(plan.isFull(0.1 + 0.2 + 0.7) && plan.isFull(1 - 1e-12) && !plan.isFull(0.999))
  }

  @Test func `a comparison pairs the answers that are right on both sides`() throws {
    let base = [Self.entry(1, tokens: 20), Self.entry(1, tokens: 40), Self.entry(0, tokens: 60)]
    let tuned = [Self.entry(1, tokens: 10), Self.entry(0, tokens: 40), Self.entry(1, tokens: 10)]
    let gain = try #require(
      TokenUseGain(zip(base, tuned).map { (base: $0, tuned: $1) }, plan: EvaluationPlan()))
    #expect(gain.rightShare.mean == 0)
    #expect(gain.relative.mean == 60.0 / 120 - 1)
    #expect(gain.relative.low <= -0.5 && gain.relative.high >= -0.5 && gain.relative.high <= 0)
    #expect(gain.ofRight == Interval(mean: -10, low: -10, high: -10))
    #expect(gain.thinking == Interval(mean: 0, low: 0, high: 0))
  }

  /// The figure is known: every tuned answer takes 0.6 of the base's tokens, so that no resampling can change it.
  @Test func `a relative gain is that of the sums, not of the ratios`() {
    let base = (1...50).map(Double.init)
    let same = Bootstrap.relativeGain(from: base, to: base.map { $0 * 0.6 })
    for value in [same.mean, same.low, same.high] { #expect(abs(value + 0.4) < 1e-12) }
    #expect(Bootstrap.relativeGain(from: [1, 99], to: [2, 98]).mean == 0)
    #expect(Bootstrap.relativeGain(from: [0], to: [1]).mean.isNaN)
  }

  @Test func `pass rates come back from a saved state exactly`() throws {
    var state = RunState(shards: 1)
    state.passRates = [0.1, 1.0 / 3, 5.0 / 7]
    #expect(try WorkerLine.decode(RunState.self, from: WorkerLine.encode(state).utf8) == state)
  }
}
