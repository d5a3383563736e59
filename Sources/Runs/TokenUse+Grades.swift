internal import Records

extension [GradedEpisode] {
  /// Tokens of some of the episodes, those that were not counted left out.
  fileprivate func lengths(_ length: (Episode) -> Int?) -> [Double] {
    compactMap { length($0.episode).map(Double.init) }
  }

  fileprivate func right(by plan: EvaluationPlan) -> [GradedEpisode] {
    filter { plan.isRight($0.grade) ?? false }
  }
}

extension Episode {
  /// Tokens after the thinking block; nil where that was not counted.
  fileprivate var answerCount: Int? { thinkingCount.map { generatedCount - $0 } }
}

extension [Double] {
  /// Nil for none.
  fileprivate var mean: Double? { isEmpty ? nil : reduce(0, +) / Double(count) }
  fileprivate var interval: Interval? { isEmpty ? nil : Bootstrap.mean(self) }
}

extension TokenUse {
  /// Nil where no grade says what is right.
  init?(_ entries: [GradedEpisode], plan: EvaluationPlan) {
    let judged = entries.compactMap { plan.isRight($0.grade) }
    guard !judged.isEmpty else { return nil }
    let right = entries.right(by: plan)
    self.init(
      rightShare: judged.share { $0 }, ofRight: right.lengths(\.generatedCount).mean,
      thinking: entries.lengths(\.thinkingCount).mean, answer: entries.lengths(\.answerCount).mean,
      thinkingOfRight: right.lengths(\.thinkingCount).mean, answerOfRight: right.lengths(\.answerCount).mean)
  }
}

extension MeasuredTokenUse {
  /// Nil where no grade says what is right.
  init?(_ entries: [GradedEpisode], plan: EvaluationPlan) {
    let judged = entries.compactMap { plan.isRight($0.grade) }
    guard !judged.isEmpty else { return nil }
    let right = entries.right(by: plan)
    self.init(
      rightShare: Bootstrap.mean(judged.map { $0 ? 1 : 0 }),
      ofRight: right.lengths(\.generatedCount).interval, thinking: entries.lengths(\.thinkingCount).interval,
      answer: entries.lengths(\.answerCount).interval,
      thinkingOfRight: right.lengths(\.thinkingCount).interval,
      answerOfRight: right.lengths(\.answerCount).interval)
  }
}

extension TokenUseGain {
  /// Nil where no pair has a grade that says what is right.
  init?(_ pairs: [(base: GradedEpisode, tuned: GradedEpisode)], plan: EvaluationPlan) {
    func share(_ entry: GradedEpisode) -> Double? { plan.isRight(entry.grade).map { $0 ? 1 : 0 } }
    func gain(
      _ pairs: [(base: GradedEpisode, tuned: GradedEpisode)], _ figure: (GradedEpisode) -> Double?
    ) -> Interval? {
      let figures = pairs.compactMap { pair in
        figure(pair.base).flatMap { base in figure(pair.tuned).map { (base, $0) } }
      }
      return figures.isEmpty ? nil : Bootstrap.gain(from: figures.map(\.0), to: figures.map(\.1))
    }
    guard let rightShare = gain(pairs, share) else { return nil }
    let bothRight = pairs.filter { share($0.base) == 1 && share($0.tuned) == 1 }
    func tokens(_ entry: GradedEpisode) -> Double { Double(entry.episode.generatedCount) }
    self.init(
      rightShare: rightShare,
      relative: Bootstrap.relativeGain(
        from: pairs.map { tokens($0.base) }, to: pairs.map { tokens($0.tuned) }),
      ofRight: gain(bothRight, tokens),
      thinking: gain(pairs) { $0.episode.thinkingCount.map(Double.init) },
      answer: gain(pairs) { $0.episode.answerCount.map(Double.init) })
  }
}
