internal import Graders
internal import Records
internal import Rollouts

/// Measures a policy on Examples with a plan's grader, one attempt each.
struct Evaluator: Sendable {
  let rollouts: RolloutDriver
  let grading: GradingStage
  /// The grader without its demands on form; nil when it has none.
  let lenient: GradingStage?
  let plan: EvaluationPlan
  let graderLimit: Double
  let graderFile: String
  let seed: UInt64

  /// Answers and grades; every measurement of a run draws from the same streams, so that two can be paired.
  ///
  /// Schedules of the grader are taken at their end, so that measurements of different steps are comparable.
  ///
  /// Throws `TooManyGradingFailures` when the grader fails too often for the measurement to mean anything.
  func measure(
    _ examples: [Example], _ policy: any Policy, ended: @escaping @Sendable (Int) -> Void = { _ in }
  ) async throws -> (summary: EvaluationSummary, groups: [GradedGroup]) {
    let groups = try await rollouts.run(
      examples, policy: policy, attempts: 1,
      streams: { RandomStream(run: seed ^ 0xE7A1, step: 0, exampleID: $0.id, index: $1) }, ended: ended)
    var graded = await grading.grade(groups, at: .final)
    await addLenientGrades(to: &graded, of: groups)
    try GradingTally(graded).check(limit: graderLimit, graderFile: graderFile)
    return (summary(of: graded, version: await policy.version), graded)
  }

  /// Puts beside each grade what the answer gets when nobody minds its form.
  private func addLenientGrades(to graded: inout [GradedGroup], of groups: [Group]) async {
    guard let lenient else { return }
    let others = await lenient.grade(groups, at: .final)
    for (group, other) in zip(graded.indices, others) {
      for (place, entry) in zip(graded[group].episodes.indices, other.episodes) {
        graded[group].episodes[place].grade.metrics[Grade.lenientlyRight] =
          plan.isRight(entry.grade).map { $0 ? 1 : 0 }
      }
    }
  }

  /// Share of the graded answers for which a condition holds, 1 or 0 each; nil for none.
  private func share(_ entries: [GradedEpisode], _ value: (Grade) -> Bool?) -> Interval? {
    let values = entries.filter { $0.grade.reward != nil }.compactMap { value($0.grade) }
    return values.isEmpty ? nil : Bootstrap.mean(values.map { $0 ? 1 : 0 })
  }

  func summary(of groups: [GradedGroup], version: Int) -> EvaluationSummary {
    let entries = groups.flatMap(\.episodes)
    let graded = entries.filter { $0.grade.reward != nil }
    let rewards = graded.compactMap(\.grade.reward)
    return EvaluationSummary(
      policyVersion: version, examples: entries.count, failedGrades: entries.count - graded.count,
      reward: Bootstrap.mean(rewards),
      fullMarks: Bootstrap.mean(rewards.map { plan.isFull($0) ? 1 : 0 }),
      tokens: Bootstrap.mean(entries.map { Double($0.episode.generatedCount) }),
      truncatedShare: entries.share { $0.episode.isTruncated },
      subRewards: entries.map(\.grade).mean(of: \.subRewards), form: share(entries) { $0.isReadable },
      lenient: share(entries) { $0.metrics[Grade.lenientlyRight].map { $0 > 0 } },
      heldOut: entries.map(\.grade).mean(of: \.heldOut), tokenUse: MeasuredTokenUse(entries, plan: plan))
  }

  /// Base against tuned on the same Examples; pairs in which either grade failed are left out.
  func compare(base: [GradedGroup], tuned: [GradedGroup], versions: (base: Int, tuned: Int)) -> Comparison {
    let pairs = zip(base, tuned).compactMap { base, tuned -> (GradedEpisode, GradedEpisode)? in
      precondition(base.example.id == tuned.example.id, "a comparison must be of the same Examples")
      guard let a = base.episodes.first, let b = tuned.episodes.first else { return nil }
      return a.grade.reward != nil && b.grade.reward != nil ? (a, b) : nil
    }
    let before = pairs.compactMap(\.0.grade.reward)
    let after = pairs.compactMap(\.1.grade.reward)
    func full(_ rewards: [Double]) -> [Double] { rewards.map { plan.isFull($0) ? 1 : 0 } }
    let shown = zip(base, tuned).prefix(5).map { base, tuned in
      SideBySideSample(
        prompt: base.example.messages.last?.text ?? "",
        baseAnswer: base.episodes.first?.episode.outputText ?? "",
        baseReward: base.episodes.first?.grade.reward,
        tunedAnswer: tuned.episodes.first?.episode.outputText ?? "",
        tunedReward: tuned.episodes.first?.grade.reward)
    }
    return Comparison(
      base: summary(of: base, version: versions.base), tuned: summary(of: tuned, version: versions.tuned),
      rewardGain: Bootstrap.gain(from: before, to: after),
      fullMarksGain: Bootstrap.gain(from: full(before), to: full(after)),
      tokensGain: Bootstrap.gain(
        from: pairs.map { Double($0.0.episode.generatedCount) },
        to: pairs.map { Double($0.1.episode.generatedCount) }),
      samples: shown,
      tokenUseGain: TokenUseGain(pairs.map { (base: $0.0, tuned: $0.1) }, plan: plan))
  }
}

extension Grade {
  /// The metric that is 1 where an answer is right when nobody minds its form; only in held-out measurements.
  static let lenientlyRight = "leniently_right"
}

extension Collection {
  /// Share of the elements that fulfil a condition; 0 for none.
  func share(_ condition: (Element) -> Bool) -> Double {
    isEmpty ? 0 : Double(count(where: condition)) / Double(count)
  }
}

extension [Grade] {
  /// Mean of each named part over the grades that have it, in the order of first appearance.
  func mean(of parts: KeyPath<Grade, [Grade.SubReward]>) -> [Grade.SubReward] {
    var names: [String] = []
    var sums: [String: (total: Double, count: Int)] = [:]
    for part in flatMap({ $0[keyPath: parts] }) {
      if sums[part.name] == nil { names.append(part.name) }
      sums[part.name, default: (0, 0)].total += part.value
      sums[part.name, default: (0, 0)].count += 1
    }
    return names.compactMap { name in
      sums[name].map { Grade.SubReward(name, $0.total / Double($0.count)) }
    }
  }
}
