import Records

/// `pairwise_model`: a judge compares the answers of one group two by two, each pair in both orders, and the reward is
/// how an answer does against the others, 0 to 1.
///
/// Judges are steadier at saying which of two answers is better than at giving a number, and a group is all that the
/// advantage needs. A judge that prefers a place rather than an answer says something else in the other order: that
/// pair is a tie, and the metric `order_disagreement` counts it. A comparison that fails is left out; an answer that
/// none is left for has no grade. Answers with the same text are compared once and get the same reward.
struct PairwiseGrader: Grader {
  let identity: GraderIdentity
  private let question: PairwiseQuestion
  private let model: JudgeModel
  private let neighbours: Int?
  private let scoring: PairwiseScoring

  init?(_ reader: DefinitionReader, _ identity: GraderIdentity) {
    reader.rejectKeys(
      besides: GraderCompiler.commonKeys + PairwiseQuestion.keys + ["neighbours", "scoring"]
        + JudgeModel.keys,
      of: "a pairwise_model grader")
    neighbours = reader.count("neighbours")
    if neighbours == 0 { reader.error("neighbours", "is 0; expected at least 1, or leave it out for all") }
    scoring = reader.choice("scoring", default: .meanWins) ?? .meanWins
    let question = PairwiseQuestion(reader)
    let model = JudgeModel(reader)
    guard let question, let model else { return nil }
    (self.identity, self.question, self.model) = (identity, question, model)
  }

  func grade(_ group: [GradingSample]) async -> [Grade] {
    let start = ContinuousClock.now
    var answers: [PairwiseQuestion.Answer] = []
    var settled: [Int: Grade] = [:]
    var places: [String: Int] = [:]
    var placeOf: [Int: Int] = [:]
    for (index, sample) in group.enumerated() {
      do throws(GradeFailure) {
        switch try question.answer(of: sample) {
        case .failure(let reason): settled[index] = .unreadable(reason.text)
        case .success(let answer):
          if places[answer.text] == nil {
            places[answer.text] = answers.count
            answers.append(answer)
          }
          placeOf[index] = places[answer.text]
        }
      } catch {
        settled[index] = Grade(.failed(error))
      }
    }
    let comparisons = await compare(answers)
    let results = PairwiseResults(comparisons, count: answers.count, scoring: scoring)
    let took = start.duration(to: .now)
    var isPaid = [Bool](repeating: false, count: answers.count)
    return group.indices.map { index in
      var grade = settled[index] ?? Grade(.reward(0))
      if let place = placeOf[index] {
        grade = results.grade(of: place)
        if isPaid[place] { grade.judgeTokens = [:] }
        isPaid[place] = true
      }
      return grade.completed(by: identity, took: took)
    }
  }

  /// Both orders of every pair, all side by side; the endpoint's limits decide how many are under way.
  private func compare(_ answers: [PairwiseQuestion.Answer]) async -> [PairwiseComparison] {
    let pairs = PairwiseSchedule.pairs(among: answers.count, neighbours: neighbours)
    return await withTaskGroup(of: (Int, Bool, JudgeModel.Outcome<PairwiseVerdict>).self) { tasks in
      for (number, pair) in pairs.enumerated() {
        for isSwapped in [false, true] {
          let first = answers[isSwapped ? pair.1 : pair.0]
          let second = answers[isSwapped ? pair.0 : pair.1]
          tasks.addTask { [question, model] in
            let outcome = await model.ask(
              question.messages(first, second), PairwiseVerdict.form, read: PairwiseVerdict.init(text:))
            return (number, isSwapped, outcome)
          }
        }
      }
      var outcomes: [Int: [Bool: JudgeModel.Outcome<PairwiseVerdict>]] = [:]
      for await (number, isSwapped, outcome) in tasks { outcomes[number, default: [:]][isSwapped] = outcome }
      return pairs.enumerated().compactMap { number, pair in
        guard let straight = outcomes[number]?[false], let swapped = outcomes[number]?[true] else {
          return nil
        }
        return PairwiseComparison(left: pair.0, right: pair.1, straight: straight, swapped: swapped)
      }
    }
  }
}
