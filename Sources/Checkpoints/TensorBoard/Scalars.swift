package import Records

// Curves are named as TRL's GRPO trainer names them, so that dashboards and habits carry over.

extension StepRecord {
  /// What the step measured, by TRL's names; those without an update are missing when nothing was learnt.
  package var scalars: [(name: String, value: Double)] {
    var scalars: [(name: String, value: Double)] = [
      ("reward", reward),
      ("reward_std", rewardDeviation),
      ("frac_full_marks", fullMarksShare),
      ("frac_reward_zero_std", zeroVarianceShare),
      ("completions/mean_length", meanTokens),
      ("completions/min_length", Double(minTokens)),
      ("completions/max_length", Double(maxTokens)),
      ("completions/clipped_ratio", truncatedShare),
      ("grading/failed", Double(failedGrades)),
    ]
    if let use = tokenUse {
      let figures = [
        ("frac_right", use.rightShare), ("completions/mean_length_right", use.ofRight),
        ("completions/mean_thinking", use.thinking), ("completions/mean_answer", use.answer),
      ]
      scalars += figures.compactMap { name, value in value.map { (name, $0) } }
    }
    scalars += subRewards.map { ("rewards/\($0.name)/mean", $0.value) }
    scalars += [
      ("drift/in_form", signals.format.mean), ("drift/repetition", signals.repetition.mean),
      ("drift/identical", signals.identical.mean),
    ]
    scalars += signals.heldOut.map { ("held_out/\($0.name)/mean", $0.moments.mean) }
    scalars += signals.gaps.map { ("held_out/\($0.name)/gap", $0.moments.mean) }
    guard let update else { return scalars }
    scalars += [
      ("loss", update.loss),
      ("entropy", update.entropy),
      ("clip_ratio/region_mean", update.clippedShare),
      ("grad_norm", update.gradientNorm),
      ("learning_rate", update.learningRate),
      ("sampling/sampling_logp_difference/mean", update.mismatchMean),
      ("sampling/sampling_logp_difference/max", update.mismatchMax),
    ]
    if let kl = update.kl { scalars.append(("kl", kl)) }
    return scalars
  }
}

extension StepTiming {
  /// Seconds, in all and by phase.
  package var scalars: [(name: String, value: Double)] {
    [
      ("step_time", total),
      ("timing/sampling", sampling),
      ("timing/grading", grading),
      ("timing/updating", updating),
      ("timing/checkpointing", checkpointing),
    ]
  }
}

extension EvaluationSummary {
  /// Means on held-out Examples, under `eval/`.
  package var scalars: [(name: String, value: Double)] {
    let use: [(String, Interval?)] = [
      ("eval/frac_in_form", form), ("eval/frac_right_any_form", lenient),
      ("eval/frac_right", tokenUse?.rightShare), ("eval/completions/mean_length_right", tokenUse?.ofRight),
      ("eval/completions/mean_thinking", tokenUse?.thinking),
      ("eval/completions/mean_answer", tokenUse?.answer),
    ]
    return [
      ("eval/reward", reward.mean),
      ("eval/frac_full_marks", fullMarks.mean),
      ("eval/completions/mean_length", tokens.mean),
      ("eval/completions/clipped_ratio", truncatedShare),
      ("eval/grading/failed", Double(failedGrades)),
    ] + use.compactMap { name, value in value.map { (name, $0.mean) } }
      + subRewards.map { ("eval/rewards/\($0.name)/mean", $0.value) }
  }
}
