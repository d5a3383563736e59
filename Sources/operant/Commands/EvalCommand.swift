import ArgumentParser
import Checkpoints
import Plans
import Records

struct EvalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Measure a model on held-out rows with a plan's grader.",
    discussion: """
      Examples:
        operant eval latest                          the tuned model of the newest run
        operant eval latest --compare                and the base model on the same rows
        operant eval --plan plan.yaml                what a plan's training begins with
        operant eval --plan plan.yaml --model tuned/ another model on a plan's rows
        operant eval latest --step 40 --json
      """)

  @Argument(help: "A run: its folder, its name, or latest.")
  var run: String?
  @Option(help: ArgumentHelp("Measure on this plan's rows, with its grader.", valueName: "plan"))
  var plan: String?
  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Set one field over the plan; may be repeated.", valueName: "a.b=c"))
  var overrides: [String] = []
  @Option(help: ArgumentHelp("A model in place of the plan's.", valueName: "model"))
  var model: String?
  @Option(help: ArgumentHelp("The run's checkpoint. (default: the newest)", valueName: "n"))
  var step: Int?
  @Option(
    help: ArgumentHelp("Held-out rows to measure on; 0 takes all. (default: the plan's)", valueName: "n"))
  var prompts: Int?
  @Flag(help: "Measure the base model as well and compare.")
  var compare = false
  @Flag(help: "Print events as JSON, one a line.")
  var json = false
  @OptionGroup var runs: RunsOption

  func validate() throws {
    if run == nil, plan == nil { throw ValidationError("nothing to measure was given; give a run or --plan") }
    if run != nil, model != nil {
      throw ValidationError("a run and --model were both given; measure a model with --plan and --model")
    }
    if run == nil, step != nil { throw ValidationError("--step names a checkpoint of a run; give the run") }
    if run == nil, compare {
      throw ValidationError("--compare sets a run against its base model; give the run")
    }
    if plan == nil, !overrides.isEmpty { throw ValidationError("--set needs --plan") }
    if let prompts, prompts < 0 { throw ValidationError("--prompts is \(prompts); expected 0 or more") }
  }

  func run() async throws {
    var plan: Plan
    var policy: PolicySource
    if let run {
      let folder = try RunLookup.find(run, under: runs.runs)
      policy = try ModelOptions.policy(of: folder, dtype: nil, step: step)
      do throws(StorageError) { plan = try folder.plan() } catch { throw CommandFailure(error.description) }
      if let file = self.plan { plan = try PlanLoader.load(file, overrides: overrides).plan }
    } else {
      let loaded = try PlanLoader.load(self.plan ?? "", overrides: overrides)
      plan = loaded.plan
      let path = try model.map { name throws(CommandFailure) in try ModelOptions.location(name).path }
      policy = PolicySource(
        modelPath: path ?? loaded.modelLocation.path, dtype: plan.model.dtype, device: plan.model.device)
      if path == nil, let adapter = plan.model.adapter {
        // What training would begin with.
        do throws(StorageError) {
          let start = try StartingPoint(adapter)
          (policy.runFolder, policy.step) = (start.run.path, start.checkpoint.step)
        } catch { throw CommandFailure(error.description) }
      }
    }
    if let prompts { plan.evaluation.prompts = prompts }
    let request = EvaluationRequest(policy: policy, plan: plan, compareWithBase: compare)
    try await WorkerSession(display: .chosen(json: json)).run(.evaluate(request))
  }
}
