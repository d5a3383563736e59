import Checkpoints
import Plans
import Records

/// What may be changed in the plan of a run that goes on: the fields that an error's advice names, and none
/// that decide what the saved state means.
enum ResumedPlan {
  static let changeable = [
    "training.steps", "training.learning_rate", "training.gradient_clip", "training.micro_batch_tokens",
    "sampling.max_rows", "limits.mismatch", "limits.grader_errors", "evaluation.every", "evaluation.plateau",
    "unsafe_no_sandbox", "defence.canaries", "defence.gap", "defence.drift", "checkpoints.every",
    "checkpoints.keep", "checkpoints.keep_every",
  ]

  /// Sets fields of a run's saved plan; from then on the run is no repetition of the one it was.
  static func change(_ folder: RunFolder, _ overrides: [String]) throws(CommandFailure) {
    for override in overrides {
      let path = override.split(separator: "=", maxSplits: 1).first.map(String.init) ?? override
      guard changeable.contains(where: { path == $0 || path.hasPrefix($0 + ".") }) else {
        throw .usage(
          "'\(path)' cannot be changed in a run that goes on; expected one of "
            + changeable.joined(separator: ", ") + ". For another plan, start another run.")
      }
    }
    do {
      var saved = try folder.plan()
      let adapter = saved.model.adapter
      // It was copied into the run; what it was copied from may be gone.
      saved.model.adapter = nil
      let text = PlanWriter.yaml(saved)
      let reading = PlanReader(file: folder.planPath, folder: folder.path, callerFolder: folder.path)
        .read(text, overrides: overrides)
      var plan = try reading.resolved()
      plan.model.adapter = adapter
      let lock = try folder.lock()
      try withExtendedLifetime(lock) { try folder.write(plan) }
    } catch let error as InvalidInput {
      throw CommandFailure(error)
    } catch {
      throw CommandFailure("\(error)")
    }
  }
}
