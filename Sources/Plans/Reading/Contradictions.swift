import Records

/// Values that are each in range and cannot stand together.
enum Contradictions {
  /// What can be told from the plan alone.
  static func find(in reading: PlanReading) -> [Diagnostic] {
    data(reading) + algorithm(reading) + training(reading) + evaluation(reading) + defence(reading)
  }

  private static func defence(_ reading: PlanReading) -> [Diagnostic] {
    let gap = reading.plan.defence.gap
    guard gap.stop < gap.warn else { return [] }
    return [
      reading.problem(
        "defence.gap.stop",
        "stop is \(gap.stop) and warn is \(gap.warn), so the action would come before the warning; give a stop of at least \(gap.warn)"
      )
    ]
  }

  private static func data(_ reading: PlanReading) -> [Diagnostic] {
    var found: [Diagnostic] = []
    let hasFile = reading.isGiven("data.train")
    let isGenerated = reading.isGiven("data.generate")
    if hasFile, isGenerated {
      found.append(
        reading.problem(
          "data.generate",
          "data.train and data.generate are both given, and rows come from one source; remove one of them"))
    } else if !hasFile, !isGenerated {
      found.append(
        reading.problem(
          "data",
          "no training rows are named; give data.train (a JSONL file) or data.generate (a dataset of "
            + GeneratedDataset.allCases.map(\.rawValue).joined(separator: ", ") + ")"))
    } else if isGenerated, !reading.isGiven("data.generate.dataset") {
      found.append(
        reading.problem(
          "data.generate.dataset",
          "no data set is named; expected dataset: one of "
            + GeneratedDataset.allCases.map(\.rawValue).joined(separator: ", ")))
    }
    if reading.isGiven("data.held_out"), reading.isGiven("data.held_out_share") {
      found.append(
        reading.problem(
          "data.held_out_share",
          "data.held_out and data.held_out_share are both given; the share is only taken when there is no file, remove one of them"
        ))
    }
    if case .file(let train) = reading.plan.data.train, !train.isEmpty, reading.plan.data.heldOut == train {
      found.append(
        reading.problem(
          "data.held_out",
          "the held-out file is the training file, so the measurement would be of rows trained on; give another file or data.held_out_share"
        ))
    }
    if !reading.isGiven("grader") {
      found.append(
        reading.problem(
          "grader", "no grader is given; expected a grader's definition or the path of a file that holds one")
      )
    }
    return found
  }

  private static func algorithm(_ reading: PlanReading) -> [Diagnostic] {
    let algorithm = reading.plan.algorithm
    var found: [Diagnostic] = []
    if reading.isGiven("algorithm.truncation_penalty"), algorithm.truncated != .penalise {
      found.append(
        reading.problem(
          "algorithm.truncation_penalty",
          "a truncation_penalty is given, but truncated is '\(algorithm.truncated.rawValue)'; set truncated: penalise or remove the penalty"
        ))
    }
    if reading.isGiven("algorithm.kl.estimator"), algorithm.kl.coefficient == 0,
      !reading.isRefused("algorithm.kl.coefficient")
    {
      found.append(
        reading.problem(
          "algorithm.kl.estimator", "the estimator has no effect while algorithm.kl.coefficient is 0",
          severity: .warning))
    }
    return found
  }

  private static func training(_ reading: PlanReading) -> [Diagnostic] {
    let training = reading.plan.training
    var found: [Diagnostic] = []
    if training.method == .full, reading.isGiven("training.lora") {
      found.append(
        reading.problem(
          "training.lora",
          "a lora section is given, but method is 'full'; set method: lora or remove the section"))
    }
    if training.method == .full, reading.isGiven("model.adapter") {
      found.append(
        reading.problem(
          "model.adapter",
          "an adapter to go on from is given, but method is 'full'; set method: lora, or give an export of that run as model.source"
        ))
    }
    if training.warmupSteps >= training.steps, training.warmupSteps > 0 {
      found.append(
        reading.problem(
          "training.warmup_steps",
          "\(training.warmupSteps) warm-up steps of \(training.steps) steps leave none at the full learning rate; expected fewer warm-up steps than steps"
        ))
    }
    return found
  }

  private static func evaluation(_ reading: PlanReading) -> [Diagnostic] {
    let plan = reading.plan
    var found: [Diagnostic] = []
    if plan.evaluation.plateau != nil, plan.evaluation.every == 0 {
      found.append(
        reading.problem(
          "evaluation.plateau",
          "a plateau is looked for, but evaluation.every is 0 and nothing is measured in between; set every to 1 or more, or plateau: off"
        ))
    }
    if plan.data.heldOut == nil, plan.data.heldOutShare == 0 {
      let message = "no rows are held out, so nothing can be measured"
      if reading.isGiven("evaluation.plateau"), plan.evaluation.plateau != nil {
        found.append(
          reading.problem(
            "evaluation.plateau", message + " and no plateau be seen; hold out rows or set plateau: off"))
      } else {
        found.append(
          reading.problem(
            "data.held_out_share", message + ": the run ends without a comparison with the base",
            severity: .warning))
      }
    }
    return found
  }
}
