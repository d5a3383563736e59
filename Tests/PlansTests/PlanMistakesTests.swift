import Plans
import Records
import Testing

/// A mistake in a plan: what is added to the small plan, and what must be said of it.
struct Mistake: Sendable, CustomTestStringConvertible {
  let added: String
  let expected: String

  init(_ added: String, _ expected: String) {
    self.added = added
    self.expected = expected
  }

  var testDescription: String { added }
}

@Suite struct `Mistakes in a plan` {
  /// The added text begins on line 10.
  static let cases: [Mistake] = [
    // Unknown keys
    Mistake(
      "sampling:\n  max_token: 12",
      "plan.yaml:11: error: sampling.max_token: 'max_token' is not a key of 'sampling'; did you mean 'max_tokens'?"
    ),
    Mistake(
      "trainning:\n  steps: 2",
      "plan.yaml:10: error: trainning: 'trainning' is not a key of a plan; did you mean 'training'?"),
    Mistake(
      "learningRate: 0.1",
      "plan.yaml:10: error: learningRate: 'learningRate' is not a key of a plan; did you mean 'training.learning_rate'?"
    ),
    Mistake(
      "limits:\n  colour: red",
      "plan.yaml:11: error: limits.colour: 'colour' is not a key of 'limits'; expected one of mismatch, grader_errors"
    ),
    // Ill-typed values
    Mistake(
      "training:\n  steps: many",
      "plan.yaml:11: error: training.steps: 'many' was given; expected a whole number of at least 1"),
    Mistake(
      "training:\n  steps: 2.5",
      "plan.yaml:11: error: training.steps: '2.5' was given; expected a whole number of at least 1"),
    Mistake(
      "training:\n  steps: \"20\"",
      "plan.yaml:11: error: training.steps: the text '20' was given; expected a whole number of at least 1; remove the quotes"
    ),
    Mistake(
      "training:\n  steps:",
      "plan.yaml:11: error: training.steps: nothing was given; expected a whole number of at least 1"),
    Mistake(
      "training:\n  steps: [1, 2]",
      "plan.yaml:11: error: training.steps: a list was given; expected a whole number of at least 1"),
    Mistake(
      "training:\n  learning_rate: fast",
      "plan.yaml:11: error: training.learning_rate: 'fast' was given; expected a number above 0"),
    Mistake(
      "training: fast",
      "plan.yaml:10: error: training: 'fast' was given; expected a section with the keys method, lora, steps, learning_rate, warmup_steps, schedule, weight_decay, beta1, beta2, epsilon, gradient_clip, updates_per_step, micro_batch_tokens"
    ),
    Mistake(
      "algorithm:\n  name: grop",
      "plan.yaml:11: error: algorithm.name: 'grop' was given; expected one of grpo, dr_grpo, dapo, rloo; did you mean 'grpo'?"
    ),
    Mistake(
      "training:\n  lora:\n    targets: [q_proj, qproj]",
      "plan.yaml:12: error: training.lora.targets: 'qproj' was given; expected a list of q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj; did you mean 'q_proj'?"
    ),
    Mistake(
      "training:\n  lora:\n    targets: [q_proj, q_proj]",
      "plan.yaml:12: error: training.lora.targets: 'q_proj' stands in the list twice"),
    Mistake(
      "evaluation:\n  plateau: none",
      "plan.yaml:11: error: evaluation.plateau: 'none' was given; expected the word off or a section"),
    Mistake(
      "sampling:\n  stop: [\"###\", [a]]",
      "plan.yaml:11: error: sampling.stop: a list stands in the list; expected a text"),
    Mistake("exact: maybe", "plan.yaml:10: error: exact: 'maybe' was given; expected true or false"),
    Mistake("exact: 1", "plan.yaml:10: error: exact: '1' was given; expected true or false"),
    Mistake("exact:", "plan.yaml:10: error: exact: nothing was given; expected true or false"),
    // Ranges
    Mistake(
      "sampling:\n  episodes_per_prompt: 1",
      "plan.yaml:11: error: sampling.episodes_per_prompt: '1' was given; expected a whole number of at least 2"
    ),
    Mistake(
      "sampling:\n  temperature: 0",
      "plan.yaml:11: error: sampling.temperature: '0' was given; expected a number above 0"),
    Mistake(
      "sampling:\n  top_p: 1.2",
      "plan.yaml:11: error: sampling.top_p: '1.2' was given; expected a number above 0 and at most 1"),
    Mistake(
      "algorithm:\n  clip_low: 1",
      "plan.yaml:11: error: algorithm.clip_low: '1' was given; expected a number of at least 0 and below 1"),
    Mistake(
      "limits:\n  grader_errors: -0.1",
      "plan.yaml:11: error: limits.grader_errors: '-0.1' was given; expected a number of at least 0 and at most 1"
    ),
    Mistake(
      "seed: -1", "plan.yaml:10: error: seed: '-1' was given; expected a whole number of at least 0"),
    Mistake(
      "training:\n  learning_rate: .inf",
      "plan.yaml:11: error: training.learning_rate: '.inf' was given; expected a number above 0"),
    Mistake(
      "checkpoints:\n  keep: 99999999999999999999",
      "plan.yaml:11: error: checkpoints.keep: '99999999999999999999' was given; expected a whole number of at least 1"
    ),
    // Files
    Mistake(
      "model: {source: }",
      "plan.yaml:10: error: model.source: nothing was given; expected a model's name or path"),
    // Contradictions
    Mistake(
      "training:\n  method: full\n  lora:\n    rank: 4",
      "plan.yaml:12: error: training.lora: a lora section is given, but method is 'full'; set method: lora or remove the section"
    ),
    Mistake(
      "training:\n  steps: 5\n  warmup_steps: 5",
      "plan.yaml:12: error: training.warmup_steps: 5 warm-up steps of 5 steps leave none at the full learning rate; expected fewer warm-up steps than steps"
    ),
    Mistake(
      "algorithm:\n  truncation_penalty: 0.3",
      "plan.yaml:11: error: algorithm.truncation_penalty: a truncation_penalty is given, but truncated is 'keep'; set truncated: penalise or remove the penalty"
    ),
    Mistake(
      "evaluation:\n  every: 0\n  plateau:\n    patience: 2",
      "plan.yaml:12: error: evaluation.plateau: a plateau is looked for, but evaluation.every is 0 and nothing is measured in between; set every to 1 or more, or plateau: off"
    ),
    Mistake(
      "algorithm:\n  kl:\n    estimator: k3",
      "plan.yaml:12: warning: algorithm.kl.estimator: the estimator has no effect while algorithm.kl.coefficient is 0"
    ),
    // YAML
    Mistake(
      "seed: 1\nlimits: {mismatch: 1}\nseed: 2",
      "plan.yaml:12: error: seed: 'seed' is given more than once, first on line 10; remove one of them"),
    Mistake(
      "training:\n  steps: 1\n  \"steps\": 2",
      "plan.yaml:12: error: training.steps: 'steps' is given more than once, first on line 11; remove one of them"
    ),
  ]

  @Test(arguments: cases)
  func `each is told with its line, what was given and what was expected`(mistake: Mistake) {
    let found = read(smallPlan + "\n" + mistake.added + "\n").diagnostics.map(\.description)
    #expect(found == [mistake.expected])
  }

  @Test(arguments: [
    ("data: {}\ngrader: {type: x}", "no training rows are named; give data.train"),
    ("grader: {type: x}", "no training rows are named; give data.train"),
    ("data: {generate: {dataset: arithmetic}}", "grader: no grader is given"),
    (
      "data: {generate: {rows: 5}}\ngrader: {type: x}",
      "no data set is named; expected dataset: one of support-reply"
    ),
    ("data: {train: none.jsonl}\ngrader: {type: x}", "there is no file at /nowhere/none.jsonl"),
    (
      "data: {generate: {dataset: arithmetic}}\ngrader: [1]",
      "a list was given; expected a grader's definition"
    ),
    (
      "- a\n- b",
      "a list was given; expected a plan with the keys name, seed, exact, unsafe_no_sandbox, model"
    ),
    ("just text", "'just text' was given; expected a plan with the keys"),
    ("data: [", "this is not YAML"),
    ("data:\n\ttrain: x", "this is not YAML"),
    ("", "no training rows are named"),
  ])
  func `what is missing or no plan at all is told`(text: String, part: String) {
    let found = read(text).diagnostics.map(\.description)
    #expect(found.contains { $0.contains(part) }, "\(found)")
    #expect(!read(text).isValid)
  }

  @Test func `all of them are told at once, in the order of their lines`() throws {
    let text = """
      nmae: x
      seed: -4
      data:
        generate: {dataset: arithmetic, rows: 0}
        held_out_share: 1
        held_out: none.jsonl
      grader:
        name: no type
      training:
        method: full
        lora: {rank: 4}
        steps: ten
        steps: 3
      algorithm: {name: GRPO, truncation_penalty: 1}
      """
    let found = read(text).diagnostics
    #expect(
      found.map { "\($0.line) \($0.path)" } == [
        "1 nmae", "2 seed", "4 data.generate.rows", "5 data.held_out_share", "5 data.held_out_share",
        "6 data.held_out", "7 grader.type", "11 training.lora", "13 training.steps", "14 algorithm.name",
        "14 algorithm.truncation_penalty",
      ])
    #expect(throws: InvalidInput.self) { try read(text).resolved() }
  }

  @Test func `a thousand nested aliases are refused and not followed`() {
    var text =
      "data: {generate: {dataset: arithmetic}}\ngrader:\n  type: x\n  a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    for level in 1..<12 {
      let previous = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      text += "  a\(level): &a\(level) [\(previous)]\n"
    }
    let found = read(text).diagnostics.map(\.description)
    #expect(found.contains { $0.contains("too many nodes") })
  }

  @Test func `rows and context that do not suffice are told at the field`() {
    let model = ModelFigures(
      parameters: 1000, layers: 1, hidden: 8, intermediate: 16, heads: 1, kvHeads: 1, headSize: 8,
      vocabulary: 10, context: 128)
    let text = smallPlan + "\nsampling:\n  prompts_per_step: 9\n  max_tokens: 128\n"
    let found = read(text).checked(rows: RowCounts(train: 8, heldOut: 2), model: model).diagnostics
    #expect(
      found.map(\.description) == [
        "plan.yaml:11: error: sampling.prompts_per_step: a step takes 9 prompts, but there are 8 training rows; give more rows or set prompts_per_step to 8 or less",
        "plan.yaml:12: error: sampling.max_tokens: 128 tokens an answer do not fit the model's context of 128 tokens beside a prompt; expected at most 127",
        "plan.yaml: error: training.lora.rank: rank 16 is more than the model's width of 8; expected a rank far below it, such as 16",
      ])
  }
}
