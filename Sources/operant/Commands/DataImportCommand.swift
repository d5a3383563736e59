import ArgumentParser
import Foundation
import Graders
import Records

/// `operant data import`: rows that other people's packages make.
struct DataImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Write rows that another package makes.",
    subcommands: [ReasoningGym.self])

  struct ReasoningGym: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "reasoning-gym", abstract: "Write rows of a data set of reasoning-gym.",
      discussion: """
        Examples:
          operant data import reasoning-gym leg_counting --count 500 --python .venv --to rows.jsonl
          operant data import reasoning-gym chain_sum --config '{"max_terms": 3}' --system-prompt none > rows.jsonl

        The rows are graded by {"type": "reasoning_gym", "python": ".venv"}. The package must be installed in the
        Python that --python or OPERANT_PYTHON names; it runs in the sandbox.
        """)

    @Argument(help: "The data set's name in reasoning-gym.")
    var dataset: String
    @Option(help: ArgumentHelp("How many rows.", valueName: "n"))
    var count = 500
    @Option(help: ArgumentHelp("Same seed, same rows.", valueName: "n"))
    var seed = 1
    @Option(help: ArgumentHelp("The data set's own settings, a JSON object.", valueName: "json"))
    var config = "{}"
    @Option(help: ArgumentHelp("One of the package's system prompts, or none.", valueName: "name"))
    var systemPrompt = "default"
    @Option(help: ArgumentHelp("An interpreter or a virtual environment.", valueName: "path"))
    var python: String?
    @Option(help: ArgumentHelp("Write to this file. (default: standard output)", valueName: "file"))
    var to: String?
    @Flag(help: "Run Python without a sandbox, as this user.")
    var unsafeNoSandbox = false

    func validate() throws {
      if count < 1 { throw ValidationError("--count is \(count); expected at least 1") }
    }

    func run() async throws {
      let settings: JSONValue
      do throws(JSONSyntaxError) { settings = try JSONValue(parsing: config) } catch {
        throw CommandFailure.usage("--config is not JSON: \(error)")
      }
      guard let settings = settings.object else {
        throw CommandFailure.usage("--config is \(settings.kind); expected an object")
      }
      let wanted = ReasoningGymRows(
        dataset: dataset, count: count, seed: seed, config: settings,
        systemPrompt: systemPrompt == "none" ? nil : systemPrompt,
        python: python.map { URL(fileURLWithPath: $0).standardizedFileURL.path })
      let surroundings = GraderSurroundings(
        isolation: unsafeNoSandbox ? .unsafe : .sandboxed, environment: ProcessInfo.processInfo.environment)
      let rows: [JSONValue]
      do throws(GradeFailure) { rows = try await wanted.generated(in: surroundings) } catch {
        throw CommandFailure(error.message)
      }
      let text = rows.map { $0.serialised() + "\n" }.joined()
      guard let to else { return Terminal.write(text) }
      try OutputText.write(text, to: to)
    }
  }
}
