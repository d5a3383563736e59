import Records

/// OpenAI's `multi`: several graders, combined by a formula or by weights, with gates, bounds, schedules and a
/// normalisation of ours beside them.
///
/// A part that fails makes the whole fail, with the part's name: a reward of the parts that are left would be a
/// different reward. A part that is held out does neither: it is reported, and its failure is a metric. A part that says
/// that it does not apply to an answer is left out of that answer's weighted mean; a formula has no value without it.
struct CombinationGrader: Grader {
  let identity: GraderIdentity
  private let parts: [Part]
  private let blend: Blend
  private let clip: Bounds
  private let binary: BinaryPhase?
  private let normalisation: Normalisation

  private static let keys = [
    "graders", "calculate_output", "schedules", "weights", "gates", "clip", "clip_output", "normalise",
    "binary_until", "binary_from",
  ]

  init?(_ reader: DefinitionReader, _ identity: GraderIdentity) {
    reader.rejectKeys(besides: GraderCompiler.commonKeys + Self.keys, of: "a multi grader")
    let definitions = Self.definitions(reader)
    let names = PartNames(
      trained: definitions.filter { !$0.isHeldOut }.map(\.name),
      heldOut: definitions.filter(\.isHeldOut).map(\.name))
    if names.trained.isEmpty, !definitions.isEmpty {
      reader.error("graders", "are all held out; the reward needs at least one that is not")
    }
    let parts = Self.parts(definitions, names, reader)
    let blend = reader.blend(of: names)
    clip = reader.bounds("clip_output") ?? Bounds()
    binary = reader.binaryPhase(among: names)
    let normalisation: Normalisation? = reader.choice("normalise", default: .off)
    if normalisation == .parts, case .formula = blend {
      reader.error("normalise", "'parts' needs 'weights': a formula of normalised parts means something else")
    }
    if normalisation != .off, reader.isPart {
      reader.error("normalise", "has no effect inside another multi grader; give it to the outermost one")
    }
    guard let parts, let blend, let normalisation, !parts.isEmpty else { return nil }
    if let binary, binary.part == nil,
      let relative = parts.first(where: { $0.sibling != nil && !$0.isHeldOut })
    {
      reader.problems.warning(
        reader.path(of: binary.side.rawValue),
        "waits for full marks of the whole reward, which '\(relative.name)' keeps from most answers; name a 'part'"
      )
    }
    (self.identity, self.parts, self.blend, self.normalisation) = (identity, parts, blend, normalisation)
  }

  /// The names of the parts, those held out included.
  var partNames: [String] { parts.map(\.name) }
  /// The part that another one goes by: what says which answers are right.
  var rightPart: String? { parts.lazy.compactMap(\.sibling).first.map { parts[$0].name } }

  func grade(_ group: [GradingSample]) async -> [Grade] {
    let start = ContinuousClock.now
    let byPart = await gradeParts(group)
    let took = start.duration(to: .now)
    let moment = group.first?.moment ?? .final
    var grades: [Grade] = []
    var counted: [[String: Double]?] = []
    for index in group.indices {
      let (grade, values) = combine(byPart.map { $0[index] }, at: moment)
      grades.append(grade.completed(by: identity, took: took))
      counted.append(grades[index].reward == nil ? nil : values)
    }
    addStandings(counted, to: &grades, at: moment)
    return grades
  }

  /// The grades of all parts, one list a part; parts run side by side, as some of them wait for processes or models,
  /// and those that go by another one after it.
  private func gradeParts(_ group: [GradingSample]) async -> [[Grade]] {
    var grades = [[Grade]](repeating: [], count: parts.count)
    let own = parts.indices.filter { parts[$0].sibling == nil }
    if own.allSatisfy({ parts[$0].grader is any SampleGrader }) {
      for index in own { grades[index] = await parts[index].grader.checkedGrades(of: group) }
    } else {
      await withTaskGroup(of: (Int, [Grade]).self) { tasks in
        for index in own {
          let grader = parts[index].grader
          tasks.addTask { (index, await grader.checkedGrades(of: group)) }
        }
        for await (index, result) in tasks { grades[index] = result }
      }
    }
    for (index, part) in parts.enumerated() {
      guard let sibling = part.sibling, let grader = part.grader as? any SiblingGrader else { continue }
      grades[index] = grader.grade(group, siblings: grades[sibling]).map {
        $0.completed(by: grader.identity, took: .zero)
      }
    }
    return grades
  }

  /// The grade of one answer, and what each part of the reward counts for in it.
  private func combine(_ grades: [Grade], at moment: GradingMoment) -> (Grade, counted: [String: Double]) {
    var combined = Grade(.reward(0))
    var rewards: [String: Double] = [:]
    var failure: GradeFailure?
    for (part, grade) in zip(parts, grades) {
      combined.add(grade, as: part)
      guard !part.isHeldOut else { continue }
      switch grade.outcome {
      case .reward(let reward): rewards[part.name] = reward
      case .failed where grade.isNotApplicable && blend.canLeaveOut: continue
      case .failed(let cause): failure = failure ?? cause
      }
    }
    var counted: [String: Double] = [:]
    for part in parts where !part.isHeldOut {
      guard let reward = rewards[part.name] else { continue }
      guard let gate = part.gate else {
        counted[part.name] = part.clip.clip(reward)
        continue
      }
      let isOpen = gate.isOpen(rewards, at: moment)
      counted[part.name] = isOpen ? part.clip.clip(reward) : 0
      combined.metrics["\(part.name)/gate_open"] = isOpen ? 1 : 0
    }
    combined.outcome = failure.map(Grade.Outcome.failed) ?? outcome(counted, rewards, at: moment)
    return (combined, counted)
  }

  private func outcome(
    _ counted: [String: Double], _ rewards: [String: Double], at moment: GradingMoment
  ) -> Grade.Outcome {
    let blended = blend.reward(counted, at: moment)
    guard case .reward(let value) = blended else { return blended }
    let reward = clip.clip(value)
    guard let binary, binary.isOn(at: moment) else { return .reward(reward) }
    return .reward(binary.reward(of: reward, parts: rewards))
  }

  /// Normalises within the group, without the answers whose grading failed.
  private func addStandings(
    _ counted: [[String: Double]?], to grades: inout [Grade], at moment: GradingMoment
  ) {
    let graded = counted.indices.filter { counted[$0] != nil }
    let standings: [Double]
    switch normalisation {
    case .off: return
    case .parts:
      // A reward of 1 or 0 has no parts any more.
      if let binary, binary.isOn(at: moment) { return }
      standings = blend.standings(graded.compactMap { counted[$0] }, at: moment)
    case .sum: standings = Standing.of(graded.compactMap { grades[$0].reward })
    }
    for (index, standing) in zip(graded, standings) { grades[index].standing = standing }
  }
}

extension Grade {
  /// Takes in what a part says beside its reward's share: by name, apart from what is held out.
  fileprivate mutating func add(_ grade: Grade, as part: CombinationGrader.Part) {
    var values = grade.reward.map { [SubReward(part.name, $0)] } ?? []
    values += grade.subRewards.map { SubReward("\(part.name)/\($0.name)", $0.value) }
    let watched = grade.heldOut.map { SubReward("\(part.name)/\($0.name)", $0.value) }
    if part.isHeldOut {
      heldOut += values + watched
      if let failure = grade.failure {
        metrics["\(part.name)/failed"] = 1
        outputTail += (outputTail.isEmpty ? "" : "\n") + failure.description
      }
    } else {
      subRewards += values
      heldOut += watched
    }
    for (name, value) in grade.metrics {
      // One flag for the whole grade; other metrics keep apart.
      if name == Grade.sampleParseError, !part.isHeldOut {
        metrics[name] = value
      } else {
        metrics["\(part.name)/\(name)"] = value
      }
    }
    judgeTokens.merge(grade.judgeTokens) { $0 + $1 }
    if !grade.outputTail.isEmpty { outputTail += (outputTail.isEmpty ? "" : "\n") + grade.outputTail }
  }
}
