import ArgumentParser
import Foundation

@main
struct Operant: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "operant",
    abstract: "Reinforcement fine-tuning of language models, on your own machine.",
    discussion: """
      Write a plan (where prompts come from, what a good answer is, how long to train), then:

        operant train plan.yaml               train, with a live display
        operant train plan.yaml --dry-run     print the resolved plan and a forecast
        operant train --resume latest         go on where a run stopped
        operant eval latest --compare         base and tuned model on held-out rows
        operant chat --run latest             talk to the tuned model
        operant export latest --to model      write it for other tools
        operant serve                         all of this for OpenAI's and Bedrock's clients

      Docs/plan-reference.md describes every field of a plan.
      """,
    subcommands: [
      TrainCommand.self, EvalCommand.self, GenerateCommand.self, ChatCommand.self, ScoreCommand.self,
      TokenizeCommand.self, GradeCommand.self, DataCommand.self, RunCommand.self, ExportCommand.self,
      PlanCommand.self, JobCommand.self, FilesCommand.self, ServeCommand.self, KeysCommand.self,
      ProjectsCommand.self, BackupCommand.self, RestoreCommand.self, DoctorCommand.self,
    ])

  /// Parses, runs, and turns whatever goes wrong into a sentence and an exit code.
  static func main() async {
    // A reader of our output that has gone away (`operant ... | head`) is seen to by `Terminal`.
    signal(SIGPIPE, SIG_IGN)
    let command: any ParsableCommand
    do {
      command = try parseAsRoot()
    } catch {
      exitAfterParsing(error)
    }
    do {
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        var command = command
        try command.run()
      }
    } catch let failure as CommandFailure {
      failure.report()
      Foundation.exit(failure.exitCode)
    } catch {
      exitAfterParsing(error)
    }
  }

  /// Help goes to standard output with code 0; a usage error to standard error with code 2.
  private static func exitAfterParsing(_ error: any Error) -> Never {
    if exitCode(for: error) == .success { exit(withError: error) }
    if let failure = CommandFailure(wrapping: error) {
      failure.report()
      Foundation.exit(failure.exitCode)
    }
    Terminal.writeError(fullMessage(for: error) + "\n")
    Foundation.exit(2)
  }
}
