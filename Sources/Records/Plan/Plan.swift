/// The resolved recipe of a run: every field has its value, and the run folder keeps it.
///
/// `Plans` makes one from YAML and reports all problems at once; components take their own section, never
/// the whole plan.
package struct Plan: Sendable, Hashable, Codable {
  package var name: String
  package var seed: UInt64
  /// Whether sampler and trainer give every token the same log-probability bit for bit.
  package var exact: Bool
  /// Whether code of graders and answers may run without a sandbox.
  package var unsafeNoSandbox: Bool
  package var model: ModelPlan
  package var data: DataPlan
  package var sampling: SamplingPlan
  /// The grader's definition as it was written; `Graders` compiles it.
  package var grader: JSONValue
  package var algorithm: AlgorithmPlan
  package var training: TrainingPlan
  package var evaluation: EvaluationPlan
  package var limits: LimitsPlan
  package var defence: DefencePlan
  package var checkpoints: CheckpointPlan

  package init(
    name: String, seed: UInt64 = 0, exact: Bool = true, unsafeNoSandbox: Bool = false,
    model: ModelPlan = ModelPlan(), data: DataPlan,
    sampling: SamplingPlan = SamplingPlan(), grader: JSONValue, algorithm: AlgorithmPlan = AlgorithmPlan(),
    training: TrainingPlan = TrainingPlan(), evaluation: EvaluationPlan = EvaluationPlan(),
    limits: LimitsPlan = LimitsPlan(), defence: DefencePlan = DefencePlan(),
    checkpoints: CheckpointPlan = CheckpointPlan()
  ) {
    self.name = name
    self.seed = seed
    self.exact = exact
    self.unsafeNoSandbox = unsafeNoSandbox
    self.model = model
    self.data = data
    self.sampling = sampling
    self.grader = grader
    self.algorithm = algorithm
    self.training = training
    self.evaluation = evaluation
    self.limits = limits
    self.defence = defence
    self.checkpoints = checkpoints
  }
}
