internal import Foundation
internal import Records

extension ModelCard {
  /// The part that people read.
  func body(_ format: ExportFormat) -> String {
    let kind = format == .peft ? "LoRA adapter for" : "version of"
    return """
      # \(plan.name)

      A \(kind) `\(base.name)`, tuned by reinforcement fine-tuning with Operant: the model's own answers were \
      graded, and it learnt from the grades.

      ## Use

      ```python
      \(usage(format))
      ```

      ## Training

      \(Self.table(["Setting", "Value"], settings.map { [$0.0, $0.1] }))

      ## Data

      \(data)

      ## Evaluation

      \(evaluation)

      ## Limitations

      \(limitations(format).map { "- " + $0 }.joined(separator: "\n"))

      """
  }

  private func usage(_ format: ExportFormat) -> String {
    switch format {
    case .merged:
      return """
        from transformers import AutoModelForCausalLM, AutoTokenizer

        model = AutoModelForCausalLM.from_pretrained("path/to/this/folder")
        tokenizer = AutoTokenizer.from_pretrained("path/to/this/folder")
        """
    case .peft:
      let source =
        base.ggufFile.map { "\"path/to/the/base\", gguf_file=\(JSONValue.string($0).serialised())" }
        ?? JSONValue.string(base.name).serialised()
      return """
        from peft import PeftModel
        from transformers import AutoModelForCausalLM

        base = AutoModelForCausalLM.from_pretrained(\(source))
        model = PeftModel.from_pretrained(base, "path/to/this/folder")
        """
    }
  }

  private var settings: [(String, String)] {
    let (training, sampling, algorithm) = (plan.training, plan.sampling, plan.algorithm)
    var rows = [("Algorithm", algorithm.name.rawValue), ("Steps", "\(steps) of \(training.steps)")]
    if let adapter = plan.model.adapter {
      rows.append(("Goes on from", "`\((adapter as NSString).lastPathComponent)`"))
    }
    switch training.method {
    case .full: rows.append(("Weights trained", "all"))
    case .lora:
      let targets = training.lora.targets.map(\.rawValue).joined(separator: ", ")
      rows.append(("Weights trained", "LoRA on \(targets)"))
      rows.append(("LoRA rank, alpha", "\(training.lora.rank), \(Self.short(training.lora.alpha))"))
    }
    rows += [
      ("Prompts a step, answers a prompt", "\(sampling.promptsPerStep), \(sampling.episodesPerPrompt)"),
      ("Answer length", "at most \(sampling.maxTokens) tokens"),
      ("Sampling temperature", Self.short(sampling.temperature)),
      (
        "Learning rate",
        "\(Self.short(training.learningRate)), \(training.schedule.rawValue)"
          + (training.warmupSteps > 0 ? " after \(training.warmupSteps) steps of warm-up" : "")
      ),
      ("Weight decay", Self.short(training.weightDecay)),
      ("Gradient clip", training.gradientClip > 0 ? Self.short(training.gradientClip) : "none"),
      ("Optimiser steps a step", "\(training.updatesPerStep)"),
      ("Clip range", "\(Self.short(algorithm.clipLow)) below, \(Self.short(algorithm.clipHigh)) above"),
      (
        "KL to the \(beginning.lowercased())",
        algorithm.kl.coefficient > 0
          ? "\(Self.short(algorithm.kl.coefficient)) (\(algorithm.kl.estimator.rawValue))" : "none"
      ),
      ("Computed in", plan.model.dtype.rawValue), ("Seed", "\(plan.seed)"),
    ]
    return rows
  }

  private var data: String {
    let source =
      switch plan.data.train {
      case .file: "`\(dataName)`"
      case .generated(let set, let rows, let seed):
        "`\(set.rawValue)`, \(rows) rows that Operant generates (seed \(seed))"
      }
    let heldOut =
      plan.data.heldOut.map { "held-out prompts are from `\(($0 as NSString).lastPathComponent)`" }
      ?? "\(Self.short(plan.data.heldOutShare * 100))% of its rows were held out"
    let type = plan.grader["type"]?.string ?? "unknown"
    let named = plan.grader["name"]?.string.map { " named `\($0)`" } ?? ""
    return "Prompts are from \(source); \(heldOut). Answers were graded by a `\(type)` grader\(named)."
  }

  /// What the run began with: the base, or what an earlier run had made of it.
  private var beginning: String { plan.model.adapter == nil ? "Base" : "Start" }

  private var evaluation: String {
    guard let comparison else {
      return "The held-out reward was not measured before and after for this checkpoint."
    }
    let (before, after) = (comparison.base, comparison.tuned)
    var figures = [
      ("Reward", 4, [before.reward, after.reward, comparison.rewardGain]),
      ("Full marks", 4, [before.fullMarks, after.fullMarks, comparison.fullMarksGain]),
      ("Tokens an answer", 1, [before.tokens, after.tokens, comparison.tokensGain]),
    ]
    if let base = before.tokenUse?.ofRight, let tuned = after.tokenUse?.ofRight,
      let gain = comparison.tokenUseGain?.ofRight
    {
      figures.append(("Tokens of a right answer", 1, [base, tuned, gain]))
    }
    let rows = figures.map { name, digits, values in
      [name] + values.map { Self.interval($0, digits: digits) }
    }
    let parts = before.subRewards.compactMap { part -> [String]? in
      guard let tuned = after.subRewards.first(where: { $0.name == part.name }) else { return nil }
      return [
        "Reward: \(part.name)", Self.rounded(part.value), Self.rounded(tuned.value),
        Self.rounded(tuned.value - part.value),
      ]
    }
    let temperature = Self.short(plan.evaluation.temperature)
    return """
      Means over \(after.examples) held-out prompts at temperature \(temperature), with 95% bootstrap \
      intervals; the change is paired by prompt. Full marks are a reward of at least \
      \(Self.short(plan.evaluation.fullMarks)).

      \(Self.table(["Held-out mean", beginning, "Tuned", "Change"], rows + parts))

      Answers that could not be graded are left out: \(before.failedGrades) of the \(beginning.lowercased()), \
      \(after.failedGrades) of the tuned model. \(Self.short((after.truncatedShare * 1000).rounded() / 10))% of \
      the tuned model's answers reached the length limit.
      """
  }

  private func limitations(_ format: ExportFormat) -> [String] {
    var items = [
      "The model was tuned to please one grader on one kind of prompt. The reward says nothing about other "
        + "prompts, and a model may find answers that score well without being good: read samples first.",
      "Whatever the base model gets wrong (facts, bias, languages it was not made for) is likely still wrong.",
    ]
    if steps < plan.training.steps {
      items.append("This is the checkpoint of step \(steps); the plan had \(plan.training.steps).")
    }
    if let comparison, comparison.rewardGain.low <= 0 {
      items.append("The interval of the change in reward includes zero: the gain may be chance.")
    }
    if format == .peft, let ggufFile = base.ggufFile {
      items.append(
        "The adapter was trained on the weights of `\(ggufFile)` as they are in that file, quantised or not. "
          + "On other weights of the same model it was not measured.")
    }
    items.append(
      base.license == nil
        ? "The base model's file names no licence; look it up before passing this model on."
        : "The base model's licence also holds for this model.")
    return items
  }
}

extension ModelCard {
  /// A Markdown table; bars in cells are escaped.
  static func table(_ head: [String], _ rows: [[String]]) -> String {
    func line(_ cells: [String]) -> String {
      "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }
    return ([line(head), line(head.map { _ in "---" })] + rows.map(line)).joined(separator: "\n")
  }

  static func interval(_ value: Interval, digits: Int) -> String {
    guard value.mean.isFinite else { return "not measured" }
    let (mean, low, high) = (
      rounded(value.mean, digits), rounded(value.low, digits), rounded(value.high, digits)
    )
    return "\(mean) (\(low) to \(high))"
  }

  /// As people write it: no more digits than it has.
  static func short(_ value: Double) -> String { String(format: "%g", value) }
}
