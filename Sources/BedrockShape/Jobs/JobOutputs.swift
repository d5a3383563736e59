internal import Foundation
internal import Gateway
internal import Logging
internal import Records
internal import Store

/// Puts the figures of jobs that have ended where Bedrock puts them: two CSV files below the job's `outputDataConfig`.
struct JobOutputs: Sendable {
  let store: Store
  let storage: any ObjectStorage
  /// For scratch, and copies of jobs' rows.
  let folder: String

  /// Where the rows of a job are kept that are no file of somebody's own.
  ///
  /// - Parameter id: of the job's custom model.
  func data(of id: String) -> String { "\(folder)/data/\(id)" }

  /// Tries after which an address that does not take the files is left alone: an hour of shorter and shorter hope, then
  /// one try an hour for a week.
  static let attempts = 12 + 7 * 24

  /// Seconds from one try to the next.
  static func wait(after attempts: Int) -> Int { min(3600, 2 << min(attempts, 12)) }

  func deliver(logger: Logger) async {
    do {
      for entry in try await store.jobsWithoutOutputs(limit: 20, attempts: Self.attempts, at: .now) {
        let model = entry.model
        // The job has ended: nobody reads the copies of its rows any more.
        await Self.remove(data(of: model.id))
        do {
          try await deliver(entry)
          try await store.noteOutputs(of: model.id)
        } catch let failure as ObjectFailure {
          let isLast = model.outputAttempts + 1 >= Self.attempts
          logger.log(
            level: isLast ? .error : .warning,
            isLast
              ? "a job's figures could not be delivered for a week and will not be"
              : "a job's figures could not be delivered and will be tried again",
            metadata: ["job": "\(entry.job.id)", "cause": "\(failure)"])
          try await store.noteOutputsFailed(
            of: model.id, next: .now + Self.wait(after: model.outputAttempts))
        }
      }
    } catch {
      logger.error("the jobs without outputs could not be read", metadata: ["cause": "\(error)"])
    }
  }

  /// Removes copies of rows that no job is to read any more: of requests that died on their way, and of jobs that have
  /// ended.
  ///
  /// - Parameter start: what is newer may belong to a request that is under way.
  func sweep(before start: UnixTime, logger: Logger) async {
    let needed: Set<String>
    do { needed = try await store.modelsInTheMaking() } catch {
      logger.error("old copies of rows could not be swept", metadata: ["cause": "\(error)"])
      return
    }
    await Offload.run { [folder] in
      let all = folder + "/data"
      for id in (try? FileManager.default.contentsOfDirectory(atPath: all)) ?? [] where !needed.contains(id) {
        let changed = try? FileManager.default.attributesOfItem(atPath: "\(all)/\(id)")[.modificationDate]
        guard let changed = changed as? Date, UnixTime(changed.timeIntervalSince1970) < start else {
          continue
        }
        try? FileManager.default.removeItem(atPath: "\(all)/\(id)")
      }
    }
  }

  /// Puts the copies that a request has made beside those of the model that it turned out to mean, so that they go with
  /// them. Those may be read by now.
  func move(_ data: TrainingData, from id: String, to known: String) async throws(APIFailure) -> TrainingData
  {
    let (old, new) = (self.data(of: id), "\(self.data(of: known))/\(id)")
    let isMoved = await Offload.run {
      guard FileManager.default.fileExists(atPath: old) else { return true }
      do {
        try FileManager.default.createDirectory(
          atPath: (new as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try FileManager.default.moveItem(atPath: old, toPath: new)
        return true
      } catch { return false }
    }
    guard isMoved else { throw APIFailure(.unavailable, "the copies of the rows cannot be moved") }
    func moved(_ path: String) -> String {
      path.hasPrefix(old + "/") ? new + path.dropFirst(old.count) : path
    }
    var data = data
    data.training = moved(data.training)
    data.validation = data.validation.map(moved)
    return data
  }

  static func remove(_ folder: String) async {
    await Offload.run { try? FileManager.default.removeItem(atPath: folder) }
  }

  private func deliver(_ entry: CustomModelEntry) async throws {
    guard let text = entry.job.request.value["outputDataConfig"]?["s3Uri"]?.string,
      let address = S3Address(text)
    else { return }
    let steps = try await JobFigures.all(of: entry.job, store)
    let place = address.appending("model-customization-job-\(entry.model.id)")
    let epochs = entry.job.resolved?.value["n_epochs"]?.integer ?? 1
    try await put(
      Self.training(steps, epochs: epochs),
      at: place.appending("training_artifacts/step_wise_training_metrics.csv"))
    try await put(
      Self.validation(steps, epochs: epochs),
      at: place.appending("validation_artifacts/post_fine_tuning_validation/validation_metrics.csv"))
  }

  private func put(_ text: String, at address: S3Address) async throws {
    let path = "\(folder)/\(UUID().uuidString).csv"
    let problem: String? = await Offload.run {
      do {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return nil
      } catch { return "\(path) cannot be written: \(error.localizedDescription)" }
    }
    if let problem { throw ObjectFailure(problem) }
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await storage.put(path, at: address)
  }

  /// Bedrock's four columns first, then what it shows in its console only. The perplexity is of the policy's own
  /// answers: the exponential of its entropy.
  static func training(_ steps: [JobFigures], epochs: Int) -> String {
    var text =
      "step_number,epoch_number,training_loss,perplexity,critic/rewards/mean,actor/entropy,actor/grad_norm,"
      + "response_length/mean\n"
    for step in steps {
      let cells = [
        String(step.step), String(epoch(step, epochs)), cell(step.trainingLoss), cell(step.entropy.map(exp)),
        cell(step.rewardMean), cell(step.entropy), cell(step.gradientNorm), cell(step.responseLength),
      ]
      text += cells.joined(separator: ",") + "\n"
    }
    return text
  }

  static func validation(_ steps: [JobFigures], epochs: Int) -> String {
    var text = "step_number,epoch_number,validation_loss,val-score/rewards/mean@1\n"
    for step in steps where step.validRewardMean != nil || step.validationLoss != nil {
      let cells = [
        String(step.step), String(epoch(step, epochs)), cell(step.validationLoss), cell(step.validRewardMean),
      ]
      text += cells.joined(separator: ",") + "\n"
    }
    return text
  }

  /// From 0, as far as steps are spread evenly over epochs.
  private static func epoch(_ step: JobFigures, _ epochs: Int) -> Int {
    guard let total = step.totalSteps, total > 0 else { return 0 }
    return min(max(0, (step.step - 1) * epochs / total), max(0, epochs - 1))
  }

  private static func cell(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
}
