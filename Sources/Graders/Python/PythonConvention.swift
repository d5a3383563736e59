/// How a framework calls reward functions; each is told by its signature, and a definition may name it.
enum PythonConvention: String, Sendable, CaseIterable {
  /// `grade(sample, item)`, OpenAI's python grader.
  case openai
  /// `compute_score(data_source, solution_str, ground_truth, extra_info)`, or its batched form.
  case verl
  /// `f(completions, prompts, **columns)`, TRL's reward functions: a list in, a list out.
  case trl
  /// `lambda_handler(event, context)`, a reward Lambda as Bedrock and SageMaker call it.
  case lambda
  /// `load_environment()`, whose rubric scores: verifiers 0.1.
  case verifiers
}
