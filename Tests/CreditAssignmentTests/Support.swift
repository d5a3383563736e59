import Records

/// A graded attempt with a prompt of two tokens: its reward, or nil where grading failed.
struct Attempt {
  var reward: Double?
  var tokens: Int
  var isTruncated = false

  init(_ reward: Double?, tokens: Int = 1, isTruncated: Bool = false) {
    self.reward = reward
    self.tokens = tokens
    self.isTruncated = isTruncated
  }
}

func group(_ id: String, _ attempts: Attempt...) -> GradedGroup { group(id, attempts) }

/// A group of these attempts.
func group(_ id: String, _ attempts: [Attempt]) -> GradedGroup {
  GradedGroup(
    example: Example(id: id, messages: [Message(.user, id)]),
    episodes: attempts.enumerated().map { index, attempt in
      let length = 2 + attempt.tokens
      return GradedEpisode(
        episode: Episode(
          exampleID: id, index: index,
          turns: [Turn(author: .policy, start: 2, end: length, text: "")],
          tokens: (0..<length).map(Int32.init), lossMask: (0..<length).map { $0 >= 2 },
          logProbabilities: .init(repeating: -1, count: length),
          policyVersions: .init(repeating: 0, count: length),
          stopReason: attempt.isTruncated ? .truncated : .endOfTurn),
        grade: Grade(
          attempt.reward.map { .reward($0) } ?? .failed(GradeFailure(.other, "the grader fell over"))))
    })
}

extension CreditedStep {
  var credits: [Credit] { groups.flatMap { $0.map(\.credit) } }
  /// Weight of each episode's first sampled token; 0 where it is not trained on.
  var policyWeights: [[Float]] {
    groups.map { $0.map { $0.credit.policy.count > 2 ? $0.credit.policy[2] : 0 } }
  }
}

func isClose(_ a: [Float], _ b: [Double], tolerance: Double = 1e-6) -> Bool {
  a.count == b.count
    && zip(a, b).allSatisfy { abs(Double($0) - $1) <= tolerance * max(1, abs($1)) }
}
