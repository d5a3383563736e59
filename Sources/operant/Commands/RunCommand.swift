import ArgumentParser
import Checkpoints
import Foundation
import Records

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Look at runs.", subcommands: [List.self, Show.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the runs, newest first.",
      discussion: """
        Examples:
          operant run list
          operant run list --runs /data/runs --json
        """)

    @Flag(help: "Print a JSON object a run.")
    var json = false
    @OptionGroup var runs: RunsOption

    func run() async throws {
      let listings: [RunListing]
      do throws(StorageError) { listings = try RunFolder.list(under: runs.runs) } catch {
        if error.kind == .missing {
          if !json { Terminal.write("no runs in \(runs.runs) yet\n") }
          return
        }
        throw CommandFailure(error.description)
      }
      if json {
        for listing in listings { Terminal.write(RunText.json(listing).serialised() + "\n") }
      } else if listings.isEmpty {
        Terminal.write("no runs in \(runs.runs) yet\n")
      } else {
        Terminal.write(RunText.table(listings).joined(separator: "\n") + "\n")
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show a run's steps, measurements and episodes.",
      discussion: """
        Examples:
          operant run show latest
          operant run show latest --step 12 --episodes
          operant run show support-reply-20261121-210000 --json
        """)

    @Argument(help: "A run: its folder, its name, or latest.")
    var run: String
    @Option(help: ArgumentHelp("Only this step.", valueName: "n"))
    var step: Int?
    @Flag(help: "Show the episodes of the step, of the last one without --step.")
    var episodes = false
    @Flag(help: "Print JSON, a record a line.")
    var json = false
    @OptionGroup var runs: RunsOption

    func run() async throws {
      let folder = try RunLookup.find(run, under: runs.runs)
      do throws(StorageError) {
        if episodes { return try showEpisodes(folder) }
        try show(folder)
      } catch {
        throw CommandFailure(error.description)
      }
    }

    private func show(_ folder: RunFolder) throws(StorageError) {
      var (records, warnings) = try folder.journal()
      let timings = try folder.timing().records
      let evaluations = try folder.evaluations().records
      if let step {
        records = records.filter { $0.step == step }
        if records.isEmpty {
          throw StorageError(.missing, path: folder.path, "step \(step) is not in the journal of this run")
        }
      }
      for warning in warnings { Terminal.writeError("warning: \(warning)\n") }
      if json {
        for record in records { Terminal.write(try RunText.json(record)) }
        return
      }
      let byStep = Dictionary(timings.map { ($0.step, $0) }) { $1 }
      let status = try folder.observedStatus()
      let plan = try folder.plan()
      let failure = try folder.failure()
      let checkpoints = try folder.checkpoints.steps()
      let lines = RunText.lines(
        name: folder.name, path: folder.path, plan: plan, status: status, failure: failure,
        checkpoints: checkpoints, records: records, timings: byStep, evaluations: evaluations,
        defence: try folder.defence())
      Terminal.write(lines.joined(separator: "\n") + "\n")
    }

    private func wantedStep(_ folder: RunFolder) throws(StorageError) -> Int? {
      if let step { return step }
      return try folder.episodeSteps().last
    }

    private func showEpisodes(_ folder: RunFolder) throws(StorageError) {
      guard let step = try wantedStep(folder) else {
        throw StorageError(.missing, path: folder.path, "no episodes are archived yet")
      }
      let (groups, damage) = try folder.episodes(step: step)
      if let damage { Terminal.writeError("warning: \(damage)\n") }
      let columns = Terminal.size(STDOUT_FILENO).columns
      for group in groups {
        if json {
          Terminal.write(try RunText.json(group))
        } else {
          Terminal.write(EpisodeText.lines(group, columns: max(40, columns)).joined(separator: "\n") + "\n\n")
        }
      }
    }
  }
}
