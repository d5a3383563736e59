import Records

/// Rewards answers that do not go round in circles: 1 while the share of repeated n-grams is within `max_share` and
/// nothing is said more than `max_repeats` times in a row.
///
/// Over `max_share` the reward falls in a straight line to 0 at `falloff` more; over `max_repeats` it is 0. An answer
/// without a word gets 0, or saying nothing would be the way to repeat nothing.
struct RepetitionGrader: SampleGrader {
  let identity: GraderIdentity
  private let input: Template
  private let n: Int
  private let maxShare: Double
  private let falloff: Double
  private let maxRepeats: Int?

  init?(_ reader: DefinitionReader, _ identity: GraderIdentity) {
    reader.rejectKeys(
      besides: GraderCompiler.commonKeys + ["input", "n", "max_share", "falloff", "max_repeats"],
      of: "a repetition grader")
    input = reader.template("input") ?? .outputText
    n = reader.count("n") ?? 4
    maxShare = reader.number("max_share") ?? 0.2
    falloff = reader.number("falloff") ?? 0
    maxRepeats = reader.count("max_repeats")
    if !(1...32).contains(n) { reader.error("n", "is \(n); expected 1 to 32 words") }
    if maxShare >= 1 {
      reader.error("max_share", "is \(maxShare); expected a share below 1, which no text can exceed")
    }
    if maxRepeats == 0 {
      reader.error("max_repeats", "is 0; expected at least 1, which is saying a thing once")
    }
    self.identity = identity
  }

  func grade(_ sample: GradingSample) async throws(GradeFailure) -> Grade {
    let text: String
    switch try input.render(sample) {
    case .text(let rendered): text = rendered
    case .answerLacks(let reason): return .unreadable(reason)
    }
    let sequence = TokenSequence(text)
    let share = sequence.repeatedShare(n: n)
    let repeats = sequence.longestLoop
    let metrics = ["repeated_share": share, "repeats_in_a_row": Double(repeats)]
    guard sequence.hasWord, repeats <= maxRepeats ?? .max else { return Grade(.reward(0), metrics: metrics) }
    let outside = share - maxShare
    let reward = outside <= 0 ? 1 : falloff > 0 ? max(0, 1 - outside / falloff) : 0
    return Grade(.reward(reward), metrics: metrics)
  }
}
