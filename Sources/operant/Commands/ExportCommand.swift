import ArgumentParser
import Checkpoints
import Foundation
import Records

struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a run's model for other tools.",
    discussion: """
      Examples:
        operant export latest --to model
        operant export latest --format peft --to adapter
        operant export support-reply-20261121-210000 --step 40 --to model

      merged is a Hugging Face folder with the adapter folded into the weights; peft is the adapter alone.
      """)

  @Argument(help: "A run: its folder, its name, or latest.")
  var run: String
  @Option(help: "merged or peft.")
  var format: ExportFormat = .merged
  @Option(help: ArgumentHelp("The folder to write.", valueName: "dir"))
  var to: String
  @Option(help: ArgumentHelp("The checkpoint. (default: the newest)", valueName: "n"))
  var step: Int?
  @Flag(help: "Print events as JSON, one a line.")
  var json = false
  @OptionGroup var runs: RunsOption

  func run() async throws {
    let folder = try RunLookup.find(run, under: runs.runs)
    let destination = URL(filePath: to).standardizedFileURL.path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: destination)) ?? []
    guard names.isEmpty else {
      throw CommandFailure.usage("\(to) is there already and not empty; give a new folder")
    }
    let request = ExportRequest(runFolder: folder.path, step: step, format: format, destination: destination)
    let display: any EventDisplay = json ? JSONDisplay() : PlainDisplay()
    try await WorkerSession(display: display).run(.export(request))
  }
}
