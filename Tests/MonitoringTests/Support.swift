import Graders
import Records

@testable import Monitoring

/// A step of graded answers, made by hand.
struct Answers {
  var text = "Thank you for your message, we will look into it today."
  var tokens = 20
  var reward: Double? = 0.5
  var parts: [(String, Double)] = []
  var heldOut: [(String, Double)] = []
  var isReadable = true

  func entry(_ index: Int, suffix: String) -> GradedEpisode {
    let mask = [false] + [Bool](repeating: true, count: tokens)
    let episode = Episode(
      exampleID: "a", index: index,
      turns: [Turn(author: .policy, start: 1, end: tokens + 1, text: text + suffix)],
      tokens: [Int32](repeating: 1, count: tokens + 1), lossMask: mask,
      logProbabilities: [Float](repeating: -1, count: tokens + 1),
      policyVersions: [Int32](repeating: 0, count: tokens + 1), stopReason: .endOfTurn)
    let outcome: Grade.Outcome =
      reward.map(Grade.Outcome.reward) ?? .failed(GradeFailure(.other, "no", cause: .timeOut, grader: "g"))
    let grade = Grade(
      outcome, subRewards: parts.map { Grade.SubReward($0.0, $0.1) },
      heldOut: heldOut.map { Grade.SubReward($0.0, $0.1) },
      metrics: isReadable ? [:] : [Grade.sampleParseError: 1])
    return GradedEpisode(episode: episode, grade: grade)
  }
}

/// `prompts` groups of `attempts` answers; `make` says what each is. Their texts differ by a suffix, or not.
func groups(
  prompts: Int = 4, attempts: Int = 8, areAlike: Bool = false,
  _ make: (_ prompt: Int, _ attempt: Int) -> Answers
) -> [GradedGroup] {
  (0..<prompts).map { prompt in
    GradedGroup(
      example: Example(id: "row \(prompt)", messages: [Message(.user, "Say it, \(prompt)")]),
      episodes: (0..<attempts).map { make(prompt, $0).entry($0, suffix: areAlike ? "" : " \(prompt) \($0)") })
  }
}

func update(entropy: Double, kl: Double? = nil) -> UpdateRecord {
  UpdateRecord(
    loss: 0, gradientNorm: 1, learningRate: 1e-4, entropy: entropy, kl: kl, clippedShare: 0, mismatchMean: 0,
    mismatchMax: 0)
}
