import Records
import Testing

@testable import Runs

/// What a step's record says where there is nothing to say.
@Suite struct StepRecordTests {
  static func group(_ outcome: Grade.Outcome) -> GradedGroup {
    let episode = Episode(
      exampleID: "a", index: 0, turns: [], tokens: [1, 2], lossMask: [false, true],
      logProbabilities: [0, -1],
      policyVersions: [-1, 0], stopReason: .endOfTurn)
    return GradedGroup(
      example: Example(id: "a", messages: [Message(.user, "?")]),
      episodes: [GradedEpisode(episode: episode, grade: Grade(outcome))])
  }

  static func record(_ outcome: Grade.Outcome) -> StepRecord {
    StepRecord(
      step: 0, policyVersion: 0, groups: [group(outcome)], credited: [], update: nil, plan: EvaluationPlan())
  }

  @Test func `grades that all failed are no reward of zero`() {
    let record = Self.record(.failed(GradeFailure(.other, "broken")))
    #expect(record.reward.isNaN && record.fullMarksShare.isNaN)
    #expect(record.failedGrades == 1)
    #expect(Self.record(.reward(0)).reward == 0)
  }

  @Test func `a measurement without a reward is neither best nor a plateau`() {
    let plateau = PlateauPlan(patience: 2, minimumGain: 0.01)
    var state = RunState(shards: 1)
    state.measurements = [
      .init(step: 0, reward: 0.5), .init(step: 1, reward: .nan), .init(step: 2, reward: .nan),
    ]
    #expect(!state.isOnPlateau(plateau))
    #expect(state.bestStep == 0)
    state.measurements += [.init(step: 3, reward: 0.5), .init(step: 4, reward: 0.505)]
    #expect(state.isOnPlateau(plateau))
  }
}
