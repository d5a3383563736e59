internal import Foundation
internal import Monitoring
internal import Records

extension StepRecord {
  /// What a step did, from its graded groups, credit and update.
  init(
    step: Int, policyVersion: Int, groups: [GradedGroup], credited: [CreditedStep], update: UpdateRecord?,
    plan: EvaluationPlan
  ) {
    let entries = groups.flatMap(\.episodes)
    let rewards = entries.compactMap(\.grade.reward)
    let lengths = entries.map(\.episode.generatedCount)
    // Where every grade failed there is no reward, which is not a reward of zero.
    let mean = rewards.isEmpty ? .nan : rewards.reduce(0, +) / Double(rewards.count)
    let squares = rewards.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let silent = credited.reduce(0) { $0 + $1.zeroVarianceGroups }
    let trained = credited.flatMap(\.groups).joined().reduce(0) { sum, entry in
      sum + entry.credit.regularisation.count { $0 != 0 }
    }
    self.init(
      step: step, policyVersion: policyVersion, reward: mean,
      rewardDeviation: rewards.count > 1 ? (squares / Double(rewards.count - 1)).squareRoot() : 0,
      fullMarksShare: rewards.isEmpty ? .nan : rewards.share(plan.isFull),
      subRewards: entries.map(\.grade).mean(of: \.subRewards),
      meanTokens: lengths.isEmpty ? 0 : Double(lengths.reduce(0, +)) / Double(lengths.count),
      minTokens: lengths.min() ?? 0, maxTokens: lengths.max() ?? 0,
      truncatedShare: entries.share { $0.episode.isTruncated },
      zeroVarianceShare: groups.isEmpty ? 0 : Double(silent) / Double(groups.count),
      failedGrades: entries.count - rewards.count, episodes: entries.count, prompts: groups.count,
      update: update, signals: StepSignals(groups, update: update), sampledTokens: lengths.reduce(0, +),
      trainedTokens: trained,
      exampleIDs: groups.map(\.example.id), tokenUse: TokenUse(entries, plan: plan))
  }
}
