internal import Records
internal import Store

/// A step's figures as a job's events tell them.
struct JobFigures: Sendable, Hashable {
  var step: Int
  var totalSteps: Int?
  var trainingLoss: Double?
  var validationLoss: Double?
  var rewardMean: Double?
  var validRewardMean: Double?
  var entropy: Double?
  var gradientNorm: Double?
  var responseLength: Double?

  /// nil for an event that tells of no step.
  init?(_ event: JobEvent) {
    guard event.kind == .metrics, let data = event.data?.value, let step = data["step"]?.integer else {
      return nil
    }
    func number(_ keys: String...) -> Double? {
      keys.lazy.compactMap { data[$0]?.double }.first { $0.isFinite }
    }
    self.step = step
    totalSteps = data["total_steps"]?.integer
    trainingLoss = number("train_loss", "actor_pg_loss")
    validationLoss = number("full_valid_loss", "valid_loss")
    rewardMean = number("train_mean_reward", "train_reward_mean", "critic_rewards_mean")
    validRewardMean = number("full_valid_mean_reward", "valid_reward_mean")
    entropy = number("actor_entropy")
    gradientNorm = number("actor_grad_norm")
    responseLength = number("response_length_mean")
  }

  /// Of the newest step that was told of.
  static func last(of job: Job, _ store: Store) async throws -> JobFigures? {
    let newest = try await store.events(of: job.id, PageRequest(limit: 50)).items
    return newest.lazy.compactMap(JobFigures.init).first
  }

  /// Of all steps, in their order; what was told last of a step counts.
  static func all(of job: Job, _ store: Store) async throws(StoreError) -> [JobFigures] {
    var steps: [Int: JobFigures] = [:]
    var after: String?
    repeat {
      let page = try await store.events(of: job.id, PageRequest(limit: 500, after: after, ascending: true))
      for figures in page.items.compactMap(JobFigures.init) { steps[figures.step] = figures }
      after = page.hasMore ? page.items.last?.id : nil
    } while after != nil
    return steps.values.sorted { $0.step < $1.step }
  }
}
