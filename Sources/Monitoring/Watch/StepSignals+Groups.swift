internal import Graders
package import Records

extension StepSignals {
  /// Reads the signals off a step's graded groups and its update.
  package init(_ groups: [GradedGroup], update: UpdateRecord?) {
    self.init()
    let entries = groups.flatMap(\.episodes)
    length = Moments(entries.map { Double($0.episode.generatedCount) })
    reward = Moments(entries.compactMap(\.grade.reward))
    format = Moments(
      entries.compactMap { entry in
        entry.grade.reward.map { _ in entry.grade.isReadable ? 1 : 0 }
      })
    repetition = Moments(entries.map { TextStatistics.repetition(of: $0.episode.outputText) })
    identical = Self.identical(groups)
    for entry in entries {
      if let language = TextLanguage.guess(entry.episode.outputText) {
        languages[language.code, default: 0] += 1
      }
    }
    parts = Self.named(entries, \.grade.subRewards) { $1 }
    heldOut = Self.named(entries, \.grade.heldOut) { $1 }
    gaps = Self.named(entries.filter { $0.grade.reward != nil }, \.grade.heldOut) {
      ($0.grade.reward ?? .nan) - $1
    }
    failures = Self.failures(entries)
    entropy = update?.entropy
    sampledEntropy = Self.sampledEntropy(entries.map(\.episode))
    kl = update?.kl
  }

  /// Over the whole vocabulary, also where top-p, top-k or min-p have cut it; nil where nothing was sampled.
  private static func sampledEntropy(_ episodes: [Episode]) -> Double? {
    var (sum, count) = (0.0, 0)
    for episode in episodes {
      for place in episode.tokens.indices where episode.lossMask[place] {
        sum += Double(episode.logProbabilities[place] + (episode.supportLogMasses?[place] ?? 0))
        count += 1
      }
    }
    // Not -0 for a policy that is certain.
    return count > 0 ? max(0, -sum / Double(count)) : nil
  }

  /// 1 for every answer that some other prompt of the step got as well; an empty answer is one of them.
  private static func identical(_ groups: [GradedGroup]) -> Moments {
    var prompts: [String: Set<Int>] = [:]
    for (place, group) in groups.enumerated() {
      for entry in group.episodes { prompts[entry.episode.outputText, default: []].insert(place) }
    }
    guard groups.count > 1 else { return Moments() }
    return Moments(
      groups.flatMap(\.episodes).map { (prompts[$0.episode.outputText]?.count ?? 0) > 1 ? 1 : 0 })
  }

  private static func named(
    _ entries: [GradedEpisode], _ values: KeyPath<GradedEpisode, [Grade.SubReward]>,
    _ value: (GradedEpisode, Double) -> Double
  ) -> [NamedMoments] {
    var names: [String] = []
    var lists: [String: [Double]] = [:]
    for entry in entries {
      for part in entry[keyPath: values] {
        if lists[part.name] == nil { names.append(part.name) }
        lists[part.name, default: []].append(value(entry, part.value))
      }
    }
    return names.map { NamedMoments($0, Moments(lists[$0] ?? [])) }
  }

  /// The most frequent first; equal ones in the order they were met.
  private static func failures(_ entries: [GradedEpisode]) -> [GradeFailureCount] {
    var counts: [GradeFailureCount] = []
    for failure in entries.compactMap(\.grade.failure) {
      if let known = counts.firstIndex(where: {
        $0.grader == failure.grader && $0.kind == failure.kind && $0.cause == failure.cause
      }) {
        counts[known].count += 1
      } else {
        counts.append(
          GradeFailureCount(grader: failure.grader, kind: failure.kind, cause: failure.cause, count: 1))
      }
    }
    let order = counts.indices.sorted { (-counts[$0].count, $0) < (-counts[$1].count, $1) }
    return order.map { counts[$0] }
  }
}
