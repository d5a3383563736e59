import ArgumentParser
import Checkpoints
import Cluster
import Foundation
import Plans
import Records

struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Carry out a plan, or go on with a run.",
    discussion: """
      Examples:
        operant train plan.yaml
        operant train plan.yaml --set training.steps=100 --set algorithm.name=dapo
        operant train plan.yaml --dry-run
        operant train --resume latest
        operant train --resume latest --set training.micro_batch_tokens=1024
        operant train plan.yaml --json > events.jsonl

      Ctrl-C once finishes the step and writes a checkpoint; twice ends at once. Either way the run can be
      resumed.
      """)

  @Argument(help: "The plan, a YAML file.")
  var plan: String?
  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Set one field over the file; may be repeated.", valueName: "a.b=c"))
  var overrides: [String] = []
  @Flag(help: "Print the resolved plan and a forecast of memory and time, and do nothing.")
  var dryRun = false
  @Option(help: ArgumentHelp("Go on with a run: its folder, its name, or latest.", valueName: "run"))
  var resume: String?
  @Flag(help: "Run code of graders and answers without a sandbox, with your rights.")
  var unsafeNoSandbox = false
  @Flag(help: "Print events as JSON, one a line.")
  var json = false
  @OptionGroup var runs: RunsOption

  func validate() throws {
    switch (plan, resume) {
    case (nil, nil):
      throw ValidationError("no plan was given; give a YAML file, or --resume with a run")
    case (.some, .some):
      throw ValidationError(
        "a plan and --resume were both given; a run goes on with the plan it was made with")
    case (nil, .some):
      if dryRun {
        throw ValidationError("--dry-run needs a plan; a run goes on with the plan it was made with")
      }
    case (.some, nil): break
    }
  }

  func run() async throws {
    if let resume {
      let folder = try RunLookup.find(resume, under: runs.runs)
      let overrides = overrides + (unsafeNoSandbox ? ["unsafe_no_sandbox=true"] : [])
      if !overrides.isEmpty { try ResumedPlan.change(folder, overrides) }
      return try await train(folder)
    }
    let overrides = overrides + (unsafeNoSandbox ? ["unsafe_no_sandbox=true"] : [])
    let loaded = try PlanLoader.load(plan ?? "", overrides: overrides)
    if dryRun { return Terminal.write(try DryRun(loaded).text(json: json)) }
    // A run folder is only made once everything that can be checked has been, the worker included.
    do throws(LaunchFailure) { _ = try WorkerLocation.find() } catch { throw CommandFailure(error.message) }
    let folder: RunFolder
    do throws(StorageError) { folder = try RunFolder.create(loaded.plan, under: runs.runs) } catch {
      throw CommandFailure(error.description)
    }
    try await train(folder)
  }

  private func train(_ folder: RunFolder) async throws {
    let resume = "\(RunEndText.program) train --resume \(RunEndText.quoted(folder.path))"
    var session = try WorkerSession(display: .chosen(json: json))
    session.process.finishingNote = "finishing the step and writing a checkpoint; Ctrl-C again ends at once"
    session.process.killedNote = "the run goes on from its newest checkpoint with: \(resume)"
    do throws(CommandFailure) {
      try await session.run(.train(runFolder: folder.path))
    } catch {
      // After the second Ctrl-C the sentence says so already.
      if error.exitCode == 130 || json { throw error }
      throw CommandFailure(
        error.message + "\nonce the cause is removed, go on with: \(resume)", exitCode: error.exitCode)
    }
  }
}
